import type { SQLOutputValue } from 'node:sqlite';
import type { Schema } from './schema.ts';

/** The state file: records and jobs. Steps are never edited, only added. */
export const STATE_SCHEMA: Schema = {
  // "mtst"
  applicationId: 0x6d_74_73_74,
  steps: [
    `CREATE TABLE records (
       kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, shape INTEGER NOT NULL,
       due_ms INTEGER, body TEXT NOT NULL, PRIMARY KEY (kind, key));
     CREATE INDEX records_due ON records (kind, due_ms, key) WHERE due_ms IS NOT NULL;
     CREATE TABLE jobs (
       id TEXT NOT NULL PRIMARY KEY, queue TEXT NOT NULL, state TEXT NOT NULL, ready_ms INTEGER NOT NULL,
       attempts INTEGER NOT NULL, receipt TEXT, why TEXT, ended_ms INTEGER, body TEXT NOT NULL);
     CREATE INDEX jobs_ready ON jobs (queue, ready_ms) WHERE state = 'waiting';
     CREATE INDEX jobs_ended ON jobs (state, ended_ms) WHERE ended_ms IS NOT NULL;`,
  ],
};

/** The file of secrets: versions with their labels, where labels went, and salted hashes of what the environment last said. */
export const SECRETS_SCHEMA: Schema = {
  // "mtse"
  applicationId: 0x6d_74_73_65,
  steps: [
    `CREATE TABLE versions (
       secret TEXT NOT NULL, version TEXT NOT NULL, value TEXT NOT NULL, created_ms INTEGER NOT NULL,
       PRIMARY KEY (secret, version));
     CREATE TABLE labels (
       secret TEXT NOT NULL, label TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (secret, label));
     CREATE TABLE moves (
       id INTEGER PRIMARY KEY, secret TEXT NOT NULL, label TEXT NOT NULL, from_version TEXT, to_version TEXT,
       at_ms INTEGER NOT NULL);
     CREATE TABLE seen (
       secret TEXT NOT NULL, label TEXT NOT NULL, salt TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (secret, label));`,
  ],
};

export type Row = Readonly<Record<string, SQLOutputValue>>;

export const textIn = (row: Row, column: string): string => {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`column ${column} is no text`);
  return value;
};

export const numberIn = (row: Row, column: string): number => {
  const value = row[column];
  if (typeof value !== 'number') throw new Error(`column ${column} is no number`);
  return value;
};

/** The parser's own error would quote the text. */
export const jsonIn = (row: Row, column: string): unknown => {
  const text = textIn(row, column);
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw new Error(`column ${column} is no JSON: the state file is damaged`);
  }
};
