import type { QueueRecord, QueueWork } from '../../../functions/queue.ts';
import { readRecord } from '../../adapters/aws/jobs.ts';
import type { QueueName } from '../../domain/job.ts';
import type { Parts } from '../../flows/parts.ts';
import { type JobEnds, workOnAlerts, workOnJob } from '../../flows/work-on-jobs.ts';
import type { TakenJob } from '../../ports/jobs.ts';

/** Longer each time; twenty tries last about an hour, which is longer than what AWS or Slack is usually away. */
const MOST_RETRY_MS = 300_000;

export type QueueSide = {
  readonly queue: QueueName;
  /** Opened before each batch, since a secret may have been rotated. What it throws gives the whole batch back, for longer each time. */
  readonly open: () => Promise<Parts>;
  /** What giving jobs back needs, also where the rest cannot be opened. */
  readonly returning: Returning;
  readonly handle: (parts: Parts, job: TakenJob) => Promise<void>;
  /** When all jobs have ended: what they changed is told. Its failure is no job's, since the clock finds what was left. */
  readonly after: (parts: Parts) => Promise<void>;
};

type Returning = Pick<Parts, 'log'> & { readonly jobs: Pick<Parts['jobs'], 'later'> };

/** One batch of one queue: alerts together, everything else beside each other. What cannot be read is left to the dead letters. */
export const createQueueWork =
  ({ queue, open, returning, handle, after }: QueueSide): QueueWork =>
  async (records) => {
    const read = records.map((record) => ({ record, job: readRecord(queue, record) }));
    const failed = new Set<string>();
    for (const { record, job } of read) if (job === null) failUnread(returning, record, failed);
    const jobs = read.flatMap(({ job }) => job ?? []);
    const ends = endsOf(returning, new Map(records.map((one) => [one.receiptHandle, one.messageId])), failed);
    const parts = await open().catch((error: unknown) => giveBack(returning, jobs, ends, error));
    if (parts === null) return failed;
    const others = jobs.filter((job) => job.body.kind !== 'alerts');
    await Promise.all([
      workOnAlerts(
        parts,
        jobs.filter((job) => job.body.kind === 'alerts'),
        ends,
      ),
      ...others.map((job) => workOnJob(parts, job, ends, () => handle(parts, job))),
    ]);
    await after(parts).catch((error: unknown) => parts.log('after.failed', { why: tell(error) }));
    return failed;
  };

const tell = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown';

/** Told once: it is the same for all of them. */
const giveBack = async (
  { log }: Returning,
  jobs: readonly TakenJob[],
  ends: JobEnds,
  error: unknown,
): Promise<null> => {
  const why = tell(error);
  log('open.failed', { why, jobs: jobs.length });
  await Promise.all(jobs.map((job) => ends.failed(job, why)));
  return null;
};

const failUnread = ({ log }: Returning, { messageId }: QueueRecord, failed: Set<string>): void => {
  log('job.unreadable', { job: messageId });
  failed.add(messageId);
};

/** Lambda deletes what is not named as failed. Where even the delay cannot be set, the queue's own lets it come again. */
const endsOf = ({ jobs, log }: Returning, messageIds: ReadonlyMap<string, string>, failed: Set<string>): JobEnds => ({
  done: () => Promise.resolve(),
  failed: async (job, why) => {
    failed.add(messageIds.get(job.receipt) ?? '');
    const delayMs = Math.min(MOST_RETRY_MS, 250 * 2 ** job.attempt);
    await jobs.later(job, delayMs, why).catch((error: unknown) => {
      log('job.not-put-back', { job: job.id, why: error instanceof Error ? error.name : 'unknown' });
    });
  },
});
