import type { QueueName } from '../domain/job.ts';
import { handleJob } from '../flows/handle-job.ts';
import type { Parts } from '../flows/parts.ts';
import { type JobEnds, workOnAlerts, workOnJob } from '../flows/work-on-jobs.ts';
import type { TakenJob } from '../ports/jobs.ts';

export type QueueSettings = { readonly queue: QueueName; readonly atOnce: number; readonly leaseMs: number };

const MAX_RETRY_MS = 60_000;

/** Work that was begun and not waited for. */
export type Begun = {
  readonly add: (work: Promise<void>) => void;
  readonly count: () => number;
  /** Resolves when all of it has ended. */
  readonly ended: () => Promise<void>;
};

/** `tellEnd` hears whenever a piece of it ends, and with what error if it broke down. */
export const createBegun = (tellEnd: (error: unknown) => void): Begun => {
  const all = new Set<Promise<void>>();
  return {
    add: (work) => {
      const tracked = work
        .then(
          () => null,
          (error: unknown) => error,
        )
        .then((error) => {
          all.delete(tracked);
          tellEnd(error);
        });
      all.add(tracked);
    },
    count: () => all.size,
    ended: async () => void (await Promise.allSettled(all)),
  };
};

/**
 * One round: takes what is ready and works on it. Returns how many jobs there were. Alerts are waited for, one batch after the other;
 * the rest too, unless `begun` takes it: then an answer of Slack or Mistral that does not come keeps up nothing but its own job.
 */
export const runQueueOnce = async (parts: Parts, settings: QueueSettings, begun?: Begun): Promise<number> => {
  const { queue, atOnce, leaseMs } = settings;
  const free = atOnce - (begun?.count() ?? 0);
  const taken = free > 0 ? await parts.jobs.take(queue, free, leaseMs) : [];
  const alerts = taken.filter((job) => job.body.kind === 'alerts');
  const others = taken.filter((job) => job.body.kind !== 'alerts');
  const ends = endsOf(parts);
  const works = others.map((job) => workOnJob(parts, job, ends, () => handleJob(parts, job)));
  for (const work of works) begun?.add(work);
  await Promise.all([workOnAlerts(parts, alerts, ends), ...(begun ? [] : works)]);
  return taken.length;
};

/** Where even that fails (a full disk), the end of the lease gives the job back, and the rest of the batch is not kept up. */
const endsOf = (parts: Parts): JobEnds => ({
  done: (job) => tell(parts, job, () => parts.jobs.done(job)),
  failed: (job, why) =>
    tell(parts, job, () => parts.jobs.later(job, Math.min(MAX_RETRY_MS, 250 * 2 ** job.attempt), why)),
});

const tell = async (parts: Parts, job: TakenJob, end: () => Promise<void>): Promise<void> => {
  try {
    await end();
  } catch (error) {
    parts.log('job.not-put-back', { job: job.id, why: error instanceof Error ? error.name : 'unknown' });
  }
};
