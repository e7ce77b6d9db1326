import { RECORD_VERSIONS, type RecordKind, type Records } from '../domain/records.ts';

export type Stored<T> = { readonly record: T; readonly version: number };

/** Where a record appears in the one sparse index; null keeps it out. */
export type DueMs = number | null;

/**
 * Records, one item at a time. Every write is conditional on the version that was read, atomic, and durable when it returns
 * (audit, lease, control: durable against loss of power; the others against loss of the process, in order).
 */
export type Store = {
  /** Consistent read; null when there is none. Throws `NewerRecord` when the stored shape is newer than the program. */
  readonly read: <K extends RecordKind>(kind: K, key: string) => Promise<Stored<Records[K]> | null>;
  /**
   * Writes if the stored version is still `ifVersion` (0: if there is none). Returns the new version, or null when somebody
   * else wrote first: load and decide again. `dueMs` puts it into the sparse index, null takes it out.
   */
  readonly write: <K extends RecordKind>(
    kind: K,
    key: string,
    record: Records[K],
    ifVersion: number,
    dueMs?: DueMs,
  ) => Promise<number | null>;
  /** Records whose key starts with `prefix`, ascending by key (descending when asked), at most `limit`. */
  readonly list: <K extends RecordKind>(
    kind: K,
    prefix: string,
    options?: { readonly limit?: number; readonly newestFirst?: boolean },
  ) => Promise<readonly (Stored<Records[K]> & { readonly key: string })[]>;
  /** Keys in the sparse index with `dueMs <= beforeMs`, earliest first. May lag: re-read before acting. */
  readonly due: (
    kind: RecordKind,
    beforeMs: number,
    limit: number,
  ) => Promise<readonly { readonly key: string; readonly dueMs: number }[]>;
};

/** A record written by a newer program. Stop rather than guess. */
export class NewerRecord extends Error {
  override readonly name = 'NewerRecord';
  constructor(kind: RecordKind, key: string, shape: number) {
    super(
      `the ${kind} ${key} was written by a newer mistral-triage (shape ${shape}, this one knows ${RECORD_VERSIONS[kind]}): start the newer version`,
    );
  }
}
