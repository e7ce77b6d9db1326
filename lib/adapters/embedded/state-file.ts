import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { inspectFile, isBusy, toStateFileError } from './file-problem.ts';
import { makePatience } from './patience.ts';
import { createFile, migrateFile, type Schema, tightenMode } from './schema.ts';
import { type Durability, makeWriter } from './writer.ts';

/** A database file of ours, open. */
export type StateFile = {
  readonly path: string;
  /** A prepared statement, kept. */
  readonly sql: (text: string) => StatementSync;
  /** `work` must be synchronous and free of other effects: it may run again. */
  readonly read: <T>(work: () => T) => Promise<T>;
  /** One transaction, all or nothing. Same rules for `work`; when it throws, nothing is written. */
  readonly write: <T>(durability: Durability, work: () => T) => Promise<T>;
  /** Finishes what was begun and gives the file back. */
  readonly close: () => Promise<void>;
};

export type StateFileOptions = {
  /** Names the backup before a migration. */
  readonly nowMs?: () => number;
  /** How long another process's lock is waited for in all. */
  readonly deadlineMs?: number;
};

/** SQLite waits without giving the thread back, so it may not wait long; `patience` waits for the rest. */
const BUSY_TIMEOUT_MS = 20;

/** Opens the file, or creates it when there is none. Several processes may have it open. Throws `StateFileError`. */
export const openStateFile = async (
  path: string,
  schema: Schema,
  options: StateFileOptions = {},
): Promise<StateFile> => {
  const nowMs = options.nowMs ?? Date.now;
  const patience = makePatience(path, options.deadlineMs ?? 5000);
  const database = await patience(() => connect(path, schema, nowMs()));
  const statements = new Map<string, StatementSync>();
  const sql = (text: string): StatementSync => {
    const known = statements.get(text);
    if (known !== undefined) return known;
    const statement = database.prepare(text);
    statements.set(text, statement);
    return statement;
  };
  const writer = makeWriter(database, sql, patience);
  return {
    path,
    sql,
    read: async (work) => patience(work),
    write: writer.write,
    close: async () => {
      await writer.idle();
      if (database.isOpen) database.close();
    },
  };
};

const connect = (path: string, schema: Schema, nowMs: number): DatabaseSync => {
  try {
    if (!inspectFile(path, schema.applicationId)) {
      createFile(path, schema);
      inspectFile(path, schema.applicationId);
    }
    tightenMode(path);
    return openDatabase(path, schema, nowMs);
  } catch (error) {
    throw isBusy(error) ? error : toStateFileError(path, error);
  }
};

const openDatabase = (path: string, schema: Schema, nowMs: number): DatabaseSync => {
  const place = pathToFileURL(path);
  // Never create: a file that vanished since it was inspected must not come back empty.
  place.searchParams.set('mode', 'rw');
  const database = new DatabaseSync(place, { timeout: BUSY_TIMEOUT_MS });
  try {
    // The limit cuts a log that a burst made long. fullfsync matters on macOS only, where a plain fsync stops at the drive's cache.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 16777216; PRAGMA fullfsync = ON;');
    migrateFile(path, database, schema, nowMs);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};
