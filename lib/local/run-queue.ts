import type { QueueName } from '../domain/job.ts';
import { arrivalsOf, handleJob } from '../flows/handle-job.ts';
import type { Parts } from '../flows/parts.ts';
import { receiveAlerts } from '../flows/receive-alerts.ts';
import type { TakenJob } from '../ports/jobs.ts';

export type QueueSettings = { readonly queue: QueueName; readonly atOnce: number; readonly leaseMs: number };

const MAX_RETRY_MS = 60_000;

/** One round: takes what is ready and works on it. Returns how many jobs there were. */
export const runQueueOnce = async (parts: Parts, { queue, atOnce, leaseMs }: QueueSettings): Promise<number> => {
  const taken = await parts.jobs.take(queue, atOnce, leaseMs);
  const alerts = taken.filter((job) => job.body.kind === 'alerts');
  const others = taken.filter((job) => job.body.kind !== 'alerts');
  await Promise.all([
    workOnAlerts(parts, alerts),
    ...others.map((job) => workOn(parts, job, () => handleJob(parts, job))),
  ]);
  return taken.length;
};

/** A batch is one change per incident; when it fails, each job is tried alone, so that a poisoned one harms only itself. */
const workOnAlerts = async (parts: Parts, jobs: readonly TakenJob[]): Promise<void> => {
  if (jobs.length === 0) return;
  try {
    await receiveAlerts(parts, arrivalsOf(jobs));
    for (const job of jobs) await parts.jobs.done(job);
  } catch {
    for (const job of jobs) await workOn(parts, job, async () => void (await receiveAlerts(parts, arrivalsOf([job]))));
  }
};

const workOn = async (parts: Parts, job: TakenJob, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
    await parts.jobs.done(job);
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown';
    parts.log('job.failed', { job: job.id, kind: job.body.kind, attempt: job.attempt, why });
    await parts.jobs.later(job, Math.min(MAX_RETRY_MS, 250 * 2 ** job.attempt), why);
  }
};
