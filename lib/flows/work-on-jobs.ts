import type { Arrival } from '../correlate/place-alerts.ts';
import type { TakenJob } from '../ports/jobs.ts';
import type { Parts } from './parts.ts';
import { receiveAlerts } from './receive-alerts.ts';

/** What becomes of a job that was worked on: a queue forgets it, or gives it another try. Neither may throw. */
export type JobEnds = {
  readonly done: (job: TakenJob) => Promise<void>;
  readonly failed: (job: TakenJob, why: string) => Promise<void>;
};

/** The alerts of several jobs as one batch: one change of an incident however many jobs name it. */
const arrivalsOf = (jobs: readonly TakenJob[]): readonly Arrival[] =>
  jobs.flatMap(({ id, body }) =>
    body.kind === 'alerts' ? body.alerts.map((alert) => ({ jobId: id, alert, acceptedAt: body.acceptedAt })) : [],
  );

/**
 * A batch is one change per incident; when it fails, each job is tried alone, so that a poisoned one harms only itself. Where the failure
 * is of the place and none of the jobs', trying ten more times would only harm the place, and all come again later.
 */
export const workOnAlerts = async (parts: Parts, jobs: readonly TakenJob[], ends: JobEnds): Promise<void> => {
  if (jobs.length === 0) return;
  const batch = await tryBatch(parts, jobs);
  if (batch === 'received') await Promise.all(jobs.map((job) => ends.done(job)));
  else if (isOfPlace(batch.error))
    await Promise.all(jobs.map((job) => workOnJob(parts, job, ends, () => Promise.reject(batch.error))));
  else for (const job of jobs) await workOnJob(parts, job, ends, () => receive(parts, [job]));
};

const tryBatch = (parts: Parts, jobs: readonly TakenJob[]): Promise<'received' | { readonly error: Error }> =>
  receive(parts, jobs).then(
    () => 'received',
    (error: unknown) => ({ error: error instanceof Error ? error : new Error('unknown') }),
  );

/** Throttled, away or too slow: adapters that know it say so in this member. */
const isOfPlace = (error: Error): boolean => 'retryable' in error && error.retryable === true;

const receive = async (parts: Parts, jobs: readonly TakenJob[]): Promise<void> => {
  await receiveAlerts(parts, arrivalsOf(jobs));
};

export const workOnJob = async (
  parts: Pick<Parts, 'log'>,
  job: TakenJob,
  ends: JobEnds,
  work: () => Promise<void>,
): Promise<void> => {
  try {
    await work();
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown';
    parts.log('job.failed', { job: job.id, kind: job.body.kind, attempt: job.attempt, why });
    await ends.failed(job, why);
    return;
  }
  await ends.done(job);
};
