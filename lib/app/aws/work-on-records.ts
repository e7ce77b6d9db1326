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
  /** Opened before each batch, since a secret may have been rotated. What it throws gives the whole batch back. */
  readonly open: () => Promise<Parts>;
  readonly handle: (parts: Parts, job: TakenJob) => Promise<void>;
  /** When all jobs have ended: what they changed is told. Its failure is no job's, since the clock finds what was left. */
  readonly after: (parts: Parts) => Promise<void>;
};

/** One batch of one queue: alerts together, everything else beside each other. What cannot be read is left to the dead letters. */
export const createQueueWork =
  ({ queue, open, handle, after }: QueueSide): QueueWork =>
  async (records) => {
    const parts = await open();
    const read = records.map((record) => ({ record, job: readRecord(queue, record) }));
    const failed = new Set<string>();
    for (const { record, job } of read) if (job === null) failUnread(parts, record, failed);
    const jobs = read.flatMap(({ job }) => job ?? []);
    const ends = endsOf(parts, new Map(records.map((one) => [one.receiptHandle, one.messageId])), failed);
    const others = jobs.filter((job) => job.body.kind !== 'alerts');
    await Promise.all([
      workOnAlerts(
        parts,
        jobs.filter((job) => job.body.kind === 'alerts'),
        ends,
      ),
      ...others.map((job) => workOnJob(parts, job, ends, () => handle(parts, job))),
    ]);
    await after(parts).catch((error: unknown) => {
      parts.log('after.failed', { why: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown' });
    });
    return failed;
  };

const failUnread = ({ log }: Parts, { messageId }: QueueRecord, failed: Set<string>): void => {
  log('job.unreadable', { job: messageId });
  failed.add(messageId);
};

/** Lambda deletes what is not named as failed. Where even the delay cannot be set, the queue's own lets it come again. */
const endsOf = (parts: Parts, messageIds: ReadonlyMap<string, string>, failed: Set<string>): JobEnds => ({
  done: () => Promise.resolve(),
  failed: async (job, why) => {
    failed.add(messageIds.get(job.receipt) ?? '');
    const delayMs = Math.min(MOST_RETRY_MS, 250 * 2 ** job.attempt);
    await parts.jobs.later(job, delayMs, why).catch((error: unknown) => {
      parts.log('job.not-put-back', { job: job.id, why: error instanceof Error ? error.name : 'unknown' });
    });
  },
});
