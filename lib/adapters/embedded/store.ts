import { RECORD_VERSIONS, type RecordKind, type Records } from '../../domain/records.ts';
import { NewerRecord, type Store, type Stored } from '../../ports/store.ts';
import type { StateFile } from './state-file.ts';
import { jsonIn, numberIn, type Row, textIn } from './tables.ts';
import type { Durability } from './writer.ts';

/**
 * What a promise to a person or the order "audit before effect" depends on is on the disk before the write returns. The others need not be:
 * the log keeps the order, so a loss of power can only take a last part of the writes back, and whatever that part did is done again
 * by a job that is still there, because a job's removal comes after its writes and would be lost with them.
 */
const SYNCED: ReadonlySet<RecordKind> = new Set<RecordKind>(['audit', 'lease', 'control']);

const durabilityOf = (kind: RecordKind): Durability => (SYNCED.has(kind) ? 'synced' : 'ordered');

const READ = 'SELECT key, version, shape, body FROM records WHERE kind = ? AND key = ?';
const INSERT = `INSERT INTO records (version, kind, key, shape, due_ms, body) VALUES (1, ?, ?, ?, ?, ?)
                ON CONFLICT (kind, key) DO NOTHING`;
const UPDATE = `UPDATE records SET version = version + 1, shape = ?, due_ms = ?, body = ?
                WHERE kind = ? AND key = ? AND version = ? AND shape <= ?`;
const RANGE = 'SELECT key, version, shape, body FROM records WHERE kind = ? AND key >= ? AND key < ? ORDER BY key';
const DUE = `SELECT key, due_ms FROM records WHERE kind = ? AND due_ms <= ? ORDER BY due_ms, key LIMIT ?`;

/** Above every key that starts with the text before it: the last code point, which no key contains. */
const LAST = '\u{10FFFF}';

/** The shape's version says that the body is what this program wrote; the type follows from that and is not checked again. */
const isRecord = <K extends RecordKind>(_kind: K, value: unknown): value is Records[K] =>
  typeof value === 'object' && value !== null;

const toStored = <K extends RecordKind>(kind: K, row: Row): Stored<Records[K]> & { readonly key: string } => {
  const key = textIn(row, 'key');
  const shape = numberIn(row, 'shape');
  if (shape > RECORD_VERSIONS[kind]) throw new NewerRecord(kind, key, shape);
  const record = jsonIn(row, 'body');
  if (!isRecord(kind, record)) throw new Error(`the ${kind} ${key} is no record`);
  return { key, record, version: numberIn(row, 'version') };
};

/** Records in the state file. A write without `dueMs` leaves the sparse index. */
export const openStore = (file: StateFile): Store => ({
  read: async (kind, key) => {
    const row = await file.read(() => file.sql(READ).get(kind, key));
    if (row === undefined) return null;
    const { record, version } = toStored(kind, row);
    return { record, version };
  },
  write: async (kind, key, record, ifVersion, dueMs = null) => {
    const body = JSON.stringify(record);
    const shape = RECORD_VERSIONS[kind];
    const { changes } = await file.write(durabilityOf(kind), () =>
      ifVersion === 0
        ? file.sql(INSERT).run(kind, key, shape, dueMs, body)
        : file.sql(UPDATE).run(shape, dueMs, body, kind, key, ifVersion, shape),
    );
    return Number(changes) === 0 ? null : ifVersion + 1;
  },
  list: async (kind, prefix, options = {}) => {
    const order = options.newestFirst === true ? 'DESC' : 'ASC';
    // -1 is no limit.
    const rows = await file.read(() =>
      file.sql(`${RANGE} ${order} LIMIT ?`).all(kind, prefix, prefix + LAST, options.limit ?? -1),
    );
    return rows.map((row) => toStored(kind, row));
  },
  due: async (kind, beforeMs, limit) => {
    const rows = await file.read(() => file.sql(DUE).all(kind, beforeMs, limit));
    return rows.map((row) => ({ key: textIn(row, 'key'), dueMs: numberIn(row, 'due_ms') }));
  },
});
