import { closeSync, existsSync, linkSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type FileProblem, isBusy, StateFileError } from '../../adapters/embedded/file-problem.ts';

/** "SLAK": tells our file from an empty, foreign or half-written one. */
const APPLICATION_ID = 0x534c414b;
const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE channels (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, is_member INTEGER NOT NULL,
    is_archived INTEGER NOT NULL, is_private INTEGER NOT NULL, last_micros INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE messages (channel TEXT NOT NULL, micros INTEGER NOT NULL, thread INTEGER, broadcast INTEGER NOT NULL,
    revision INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (channel, micros)) STRICT, WITHOUT ROWID;
  CREATE INDEX replies ON messages (channel, thread, micros);
  CREATE TABLE links (token TEXT PRIMARY KEY, body TEXT NOT NULL, issued_ms INTEGER NOT NULL, uses INTEGER NOT NULL) STRICT;
  CREATE TABLE files (id TEXT PRIMARY KEY, name TEXT NOT NULL, bytes INTEGER NOT NULL, token TEXT NOT NULL, data BLOB,
    title TEXT NOT NULL, issued_ms INTEGER NOT NULL, shared INTEGER NOT NULL) STRICT;
  CREATE TABLE bookmarks (id TEXT PRIMARY KEY, channel TEXT NOT NULL, title TEXT NOT NULL, link TEXT NOT NULL, created INTEGER NOT NULL) STRICT;
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
`;

const refuse = (problem: FileProblem, path: string, why: string): StateFileError =>
  new StateFileError(
    problem,
    `The embedded Slack cannot use ${path}: ${why}. Nothing was changed; move the file away, or set another STATE_DIR.`,
  );

const numberOf = (db: DatabaseSync, pragma: string): number => Number(db.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);

/** The file appears whole under its name or not at all: a crash here leaves nothing that looks like damage. */
const createFile = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.new-${process.pid}`;
  rmSync(draft, { force: true });
  closeSync(openSync(draft, 'wx', 0o600));
  const db = new DatabaseSync(draft);
  db.exec(
    `BEGIN; ${SCHEMA} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`,
  );
  db.close();
  try {
    linkSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
};

const checkFile = (db: DatabaseSync, path: string): void => {
  if (numberOf(db, 'application_id') !== APPLICATION_ID)
    throw refuse('foreign', path, 'it is not a state file of the embedded Slack');
  const version = numberOf(db, 'user_version');
  if (version > SCHEMA_VERSION) throw refuse('newer', path, `it was written by a newer version (schema ${version})`);
  if (db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok')
    throw refuse('damaged', path, 'it is damaged');
};

/**
 * Opens or creates the state file, readable by its owner alone. One process at a time holds it.
 * `synchronous=NORMAL`: what was answered survives the death of the process, which is what the bot's crash tests need; a power cut may
 * cost the last moment of this playground, never the bot's own store.
 */
export const openStateFile = (path: string): DatabaseSync => {
  if (!existsSync(path)) createFile(path);
  if (statSync(path).size === 0) throw refuse('empty', path, 'it is empty');
  const db = new DatabaseSync(path, { timeout: 2_000 });
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    checkFile(db, path);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE; COMMIT;');
    return db;
  } catch (error) {
    db.close();
    if (error instanceof StateFileError) throw error;
    if (isBusy(error)) throw refuse('busy', path, 'another process is using it');
    throw refuse('unusable', path, `SQLite says "${error instanceof Error ? error.message : ''}"`);
  }
};
