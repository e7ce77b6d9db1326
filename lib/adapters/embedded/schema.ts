import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { RESTORE, StateFileError } from './file-problem.ts';

/** What a file of ours holds. Step n (from 1) brings schema n-1 to n; a new file runs them all. Steps are never edited, only added. */
export type Schema = {
  /** The mark by which our file is known: PRAGMA application_id. */
  readonly applicationId: number;
  readonly steps: readonly string[];
};

/** Makes a rename or a new name durable. */
const syncFolder = (folder: string): void => {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

const isExisting = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';

/**
 * Builds the file under another name and links it into place whole: nobody ever sees a part of it,
 * and of two processes that start at once one wins and the other uses the winner's file.
 */
export const createFile = (path: string, schema: Schema): void => {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // A log without its database would be replayed into the new one.
  if (existsSync(`${path}-wal`) && !existsSync(path)) {
    throw new StateFileError(
      'damaged',
      `${path} is missing but ${path}-wal is there. Nothing was changed. Restore the former, or move the latter away to begin with an empty state.`,
    );
  }
  const draft = join(folder, `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}`);
  closeSync(openSync(draft, 'wx', 0o600));
  try {
    buildDraft(draft, schema);
    linkSync(draft, path);
  } catch (error) {
    if (!isExisting(error)) throw error;
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
  }
  syncFolder(folder);
};

const buildDraft = (draft: string, schema: Schema): void => {
  const database = new DatabaseSync(draft);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec(`
      BEGIN IMMEDIATE;
      PRAGMA application_id = ${schema.applicationId};
      CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      ${schema.steps.join('\n')}
      INSERT INTO meta (key, value) VALUES ('schema', '${schema.steps.length}');
      COMMIT;
    `);
  } finally {
    // The last connection to close copies the log into the database and removes it.
    database.close();
  }
  const descriptor = openSync(draft, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
};

const schemaVersion = (path: string, database: DatabaseSync): number => {
  const table = database.prepare("SELECT 1 AS one FROM sqlite_schema WHERE name = 'meta'").get();
  const row = table && database.prepare("SELECT value FROM meta WHERE key = 'schema'").get();
  const version = Number(row?.['value']);
  if (Number.isSafeInteger(version) && version >= 1) return version;
  throw new StateFileError('damaged', `${path} does not say which schema it has. ${RESTORE}`);
};

const refuseNewer = (path: string, stored: number, known: number): void => {
  if (stored <= known) return;
  throw new StateFileError(
    'newer',
    `${path} was written by a newer mistral-triage (schema ${stored}, this one knows ${known}). Nothing was changed. Start the newer version, or move the file away to begin with an empty state.`,
  );
};

/** Refuses a newer schema; brings an older one to this program's, after a backup next to the file. */
export const migrateFile = (path: string, database: DatabaseSync, schema: Schema, nowMs: number): void => {
  const known = schema.steps.length;
  const stored = schemaVersion(path, database);
  refuseNewer(path, stored, known);
  if (stored === known) return;
  database.exec('PRAGMA synchronous = FULL; BEGIN IMMEDIATE;');
  try {
    // Another process may have migrated while this one waited for the lock.
    const locked = schemaVersion(path, database);
    refuseNewer(path, locked, known);
    if (locked < known) {
      backUp(path, locked, nowMs);
      runSteps(path, database, schema.steps.slice(locked), locked);
      database.prepare("UPDATE meta SET value = ? WHERE key = 'schema'").run(String(known));
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
};

const runSteps = (path: string, database: DatabaseSync, steps: readonly string[], from: number): void => {
  try {
    database.exec(steps.join('\n'));
  } catch (error) {
    throw new StateFileError(
      'unusable',
      `${path} could not be brought from schema ${from} to ${from + steps.length}; it was left as it was. Start the version that wrote it, and report this.`,
      { cause: error },
    );
  }
};

/** A second connection reads what is committed while the first one holds the write lock: no write can fall between backup and migration. */
const backUp = (path: string, version: number, nowMs: number): void => {
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const target = `${path}.schema-${version}.${time}.backup`;
  closeSync(openSync(target, 'wx', 0o600));
  const reader = new DatabaseSync(path, { timeout: 1000 });
  try {
    reader.prepare('VACUUM INTO ?').run(target);
  } catch (error) {
    rmSync(target, { force: true });
    throw error;
  } finally {
    reader.close();
  }
  const descriptor = openSync(target, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
  syncFolder(dirname(path));
};

/** The file holds the state of one user's bot; nobody else may read it. SQLite gives its -wal and -shm the same mode. */
export const tightenMode = (path: string): void => {
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
};
