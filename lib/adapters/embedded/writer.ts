import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers';
import type { Patience } from './patience.ts';

/**
 * `synced`: on the disk when the write returns. `ordered`: in the file, after everything that returned before it; a loss of power may take
 * the last ordered writes back, but never one without all that came after it.
 */
export type Durability = 'synced' | 'ordered';

type Pending = {
  readonly durability: Durability;
  readonly work: () => void;
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
};

export type Writer = {
  readonly write: <T>(durability: Durability, work: () => T) => Promise<T>;
  /** Resolves when nothing is left to be written. */
  readonly idle: () => Promise<void>;
};

/**
 * Writes that arrive in the same turn of the event loop share one transaction and so one sync of the disk.
 */
export const makeWriter = (
  database: DatabaseSync,
  sql: (text: string) => StatementSync,
  patience: Patience,
): Writer => {
  const commit = makeCommit(database, sql);
  let pending: Pending[] = [];
  let flushing: Promise<void> | null = null;

  const commitAll = async (batch: readonly Pending[]): Promise<void> => {
    try {
      await patience(() => commit(batch));
    } catch (error) {
      // One bad write must not take the others of its batch with it: each alone, in order.
      if (batch.length === 1) for (const one of batch) one.fail(error);
      else for (const one of batch) await commitAll([one]);
      return;
    }
    for (const one of batch) one.settle();
  };

  /** Gives the event loop its turn before each batch, so that a long row of writes stops nobody. */
  const flush = async (): Promise<void> => {
    for (;;) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      if (pending.length === 0) break;
      const batch = pending;
      pending = [];
      await commitAll(batch);
    }
    flushing = null;
  };

  const write = async <T>(durability: Durability, work: () => T): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      let result: { readonly value: T } | null = null;
      pending.push({
        durability,
        work: () => {
          result = { value: work() };
        },
        settle: () => {
          if (result !== null) resolve(result.value);
        },
        fail: reject,
      });
      flushing ??= flush();
    });

  return {
    write,
    idle: async () => {
      while (flushing !== null) await flushing;
    },
  };
};

const makeCommit = (
  database: DatabaseSync,
  sql: (text: string) => StatementSync,
): ((batch: readonly Pending[]) => void) => {
  let current: Durability | null = null;
  /** Takes effect at once in WAL mode, outside a transaction. */
  const choose = (durability: Durability): void => {
    if (current === durability) return;
    database.exec(durability === 'synced' ? 'PRAGMA synchronous = FULL' : 'PRAGMA synchronous = NORMAL');
    current = durability;
  };
  return (batch) => {
    choose(batch.some((one) => one.durability === 'synced') ? 'synced' : 'ordered');
    sql('BEGIN IMMEDIATE').run();
    try {
      for (const one of batch) one.work();
      sql('COMMIT').run();
    } catch (error) {
      if (database.isTransaction) sql('ROLLBACK').run();
      throw error;
    }
  };
};
