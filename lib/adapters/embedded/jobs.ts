import { randomUUID } from 'node:crypto';
import type { Job, JobBody, QueueName } from '../../domain/job.ts';
import type { DeadLetter, Jobs, TakenJob } from '../../ports/jobs.ts';
import type { Clock } from '../../ports/world.ts';
import { isJobBody, writeJobBody } from '../job-text.ts';
import type { StateFile } from './state-file.ts';
import { jsonIn, numberIn, type Row, textIn } from './tables.ts';

/** Jobs, and what only a queue in the same process can offer. */
export type EmbeddedJobs = Jobs & {
  /** Called after a put of this process; other processes' jobs are seen by looking. */
  readonly onPut: (listener: (queue: QueueName) => void) => void;
  /** Called after a job was given up by this process. */
  readonly onBuried: (listener: (letter: DeadLetter) => void) => void;
  /** All that were ever given up, the last first; at most `limit` of them. */
  readonly deadLetters: (limit?: number) => Promise<readonly DeadLetter[]>;
  readonly countDead: () => Promise<number>;
  /** When the next job of the queue is ready, epoch ms; null when it is empty. */
  readonly nextReadyMs: (queue: QueueName) => number | null;
};

const REMEMBERED_MS = 3_600_000;
const MAX_ATTEMPTS = 20;

const PUT = `INSERT INTO jobs (id, queue, state, ready_ms, attempts, body) VALUES (?, ?, 'waiting', ?, 0, ?)
             ON CONFLICT (id) DO NOTHING`;
const FORGET = `DELETE FROM jobs WHERE state = 'done' AND ended_ms < ?`;
const READY = `SELECT id, attempts, why, body FROM jobs
               WHERE queue = ? AND state = 'waiting' AND ready_ms <= ? ORDER BY ready_ms LIMIT ?`;
const LEASE = 'UPDATE jobs SET attempts = attempts + 1, ready_ms = ?, receipt = ? WHERE id = ?';
const DONE = `UPDATE jobs SET state = 'done', ended_ms = ?, body = '', why = NULL
              WHERE id = ? AND receipt = ? AND state = 'waiting' AND ready_ms > ?`;
const LATER = `UPDATE jobs SET ready_ms = ?, why = ?, receipt = NULL
               WHERE id = ? AND receipt = ? AND state = 'waiting' AND ready_ms > ?`;
const BURY = `UPDATE jobs SET state = 'dead', ended_ms = ?, why = coalesce(why, ?) WHERE id = ?`;
const BURY_TAKEN = `UPDATE jobs SET state = 'dead', ended_ms = ?, why = ?
                    WHERE id = ? AND receipt = ? AND state = 'waiting' AND ready_ms > ?`;
const DEAD = `SELECT id, queue, why, attempts, ended_ms, body FROM jobs
              WHERE state = 'dead' AND ended_ms IS NOT NULL ORDER BY ended_ms DESC, id DESC LIMIT ?`;
const COUNT_DEAD = `SELECT count(*) AS dead FROM jobs WHERE state = 'dead' AND ended_ms IS NOT NULL`;
const ONE = 'SELECT id, queue, why, attempts, ended_ms, body FROM jobs WHERE id = ?';
const NEXT = `SELECT min(ready_ms) AS ready_ms FROM jobs WHERE queue = ? AND state = 'waiting'`;

const bodyIn = (row: Row): JobBody => {
  const body = jsonIn(row, 'body');
  if (!isJobBody(body)) throw new Error(`job ${textIn(row, 'id')} has no body`);
  return body;
};

export type JobsOptions = { readonly maxAttempts?: number };

/**
 * Jobs in the state file. Only `put` is synced: were a loss of power to take back a `take`, `done` or `later`, the job would be delivered
 * again, which it may be anyway.
 */
export const openJobs = (file: StateFile, clock: Clock, options: JobsOptions = {}): EmbeddedJobs => {
  const listeners: ((queue: QueueName) => void)[] = [];
  const mourners: ((letter: DeadLetter) => void)[] = [];
  return {
    put: async (jobs, { delayMs = 0 } = {}) => {
      if (jobs.length === 0) return;
      await insert(
        file,
        jobs.map((job) => ({ job, body: writeJobBody(job) })),
        clock.nowMs(),
        delayMs,
      );
      for (const queue of new Set(jobs.map((job) => job.queue))) {
        for (const listener of listeners) listener(queue);
      }
    },
    ...makeTaking(file, clock, options.maxAttempts ?? MAX_ATTEMPTS, (letter) => {
      for (const listener of mourners) listener(letter);
    }),
    onPut: (listener) => {
      listeners.push(listener);
    },
    onBuried: (listener) => {
      mourners.push(listener);
    },
    deadLetters: async (limit = -1) => (await file.read(() => file.sql(DEAD).all(limit))).map(toDeadLetter),
    countDead: async () => numberIn((await file.read(() => file.sql(COUNT_DEAD).get())) ?? {}, 'dead'),
    nextReadyMs: (queue) => {
      const readyMs = file.sql(NEXT).get(queue)?.['ready_ms'];
      return typeof readyMs === 'number' ? readyMs : null;
    },
  };
};

const insert = async (
  file: StateFile,
  encoded: readonly { readonly job: Job; readonly body: string }[],
  nowMs: number,
  delayMs: number,
): Promise<void> => {
  await file.write('synced', () => {
    file.sql(FORGET).run(nowMs - REMEMBERED_MS);
    for (const { job, body } of encoded) file.sql(PUT).run(job.id, job.queue, nowMs + delayMs, body);
  });
};

type Bury = (letter: DeadLetter) => void;

const makeTaking = (
  file: StateFile,
  clock: Clock,
  maxAttempts: number,
  tellBuried: Bury,
): Pick<Jobs, 'take' | 'done' | 'later'> => {
  const letterOf = (id: string): readonly DeadLetter[] => file.sql(ONE).all(id).map(toDeadLetter);
  const lease = (queue: QueueName, row: Row, leaseMs: number): TakenJob | null => {
    const id = textIn(row, 'id');
    const attempts = numberIn(row, 'attempts');
    const nowMs = clock.nowMs();
    if (attempts >= maxAttempts) {
      file.sql(BURY).run(nowMs, `${attempts} deliveries ended without an answer`, id);
      return null;
    }
    const receipt = randomUUID();
    file.sql(LEASE).run(nowMs + leaseMs, receipt, id);
    return { id, queue, body: bodyIn(row), attempt: attempts + 1, receipt };
  };
  const leaseReady = (queue: QueueName, rows: readonly Row[], leaseMs: number) => {
    const looked = rows.map((row) => ({ id: textIn(row, 'id'), taken: lease(queue, row, leaseMs) }));
    return {
      taken: looked.flatMap(({ taken }) => (taken === null ? [] : [taken])),
      buried: looked.flatMap(({ id, taken }) => (taken === null ? letterOf(id) : [])),
    };
  };
  return {
    take: async (queue, limit, leaseMs) => {
      const ready = (): Row[] => file.sql(READY).all(queue, clock.nowMs(), limit);
      // Looking takes no lock, so that idle workers do not get into anybody's way.
      if ((await file.read(ready)).length === 0) return [];
      const { taken, buried } = await file.write('ordered', () => leaseReady(queue, ready(), leaseMs));
      buried.forEach(tellBuried);
      return taken;
    },
    done: async ({ id, receipt }) => {
      const nowMs = clock.nowMs();
      await file.write('ordered', () => file.sql(DONE).run(nowMs, id, receipt, nowMs));
    },
    later: async ({ id, receipt, attempt }, delayMs, why) => {
      const nowMs = clock.nowMs();
      const buried = await file.write('ordered', () => {
        if (attempt < maxAttempts) {
          file.sql(LATER).run(nowMs + delayMs, why, id, receipt, nowMs);
          return [];
        }
        return file.sql(BURY_TAKEN).run(nowMs, why, id, receipt, nowMs).changes > 0 ? letterOf(id) : [];
      });
      buried.forEach(tellBuried);
    },
  };
};

const toDeadLetter = (row: Row): DeadLetter => ({
  id: textIn(row, 'id'),
  queue: textIn(row, 'queue'),
  kind: bodyIn(row).kind,
  why: textIn(row, 'why'),
  attempts: numberIn(row, 'attempts'),
  at: numberIn(row, 'ended_ms'),
});
