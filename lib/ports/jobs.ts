import type { Job, JobBody, QueueName } from '../domain/job.ts';

export type TakenJob = Job & {
  readonly body: JobBody;
  /** 1 on the first delivery. */
  readonly attempt: number;
  /** Proof of the lease; `done` and `later` of an expired one do nothing (SQS promises less: they may still take effect). */
  readonly receipt: string;
};

/** A job that was given up, and is kept. */
export type DeadLetter = {
  readonly id: string;
  readonly queue: string;
  readonly kind: string;
  readonly why: string;
  readonly attempts: number;
  /** When it was given up, epoch ms. */
  readonly at: number;
};

/**
 * Durable jobs, at least once, in no promised order. A job that is taken and neither done nor put back within its lease is delivered again;
 * after `maxAttempts` deliveries it becomes a dead letter, which is kept and counted.
 */
export type Jobs = {
  /**
   * Resolves when all of them are durable against loss of power, or rejects and none is. A queue that cannot roll back may have put
   * some of them, or all, when it rejects: whoever hears it asks again, and what is then put twice is a repeat to its handler. A job
   * whose id is already there, or was done within the last hour, is not added again (a queue that cannot promise this may deliver
   * twice). At most 200 kB each; one that is larger is refused before anything is put. A delay may be cut (SQS: 15 minutes).
   */
  readonly put: (jobs: readonly Job[], options?: { readonly delayMs?: number }) => Promise<void>;
  /** Up to `limit` jobs that are ready, leased for `leaseMs`. Empty when there is none (SQS: or when it did not look everywhere). */
  readonly take: (queue: QueueName, limit: number, leaseMs: number) => Promise<readonly TakenJob[]>;
  readonly done: (taken: TakenJob) => Promise<void>;
  /** Gives it back for a later try. `why` is kept with a dead letter. */
  readonly later: (taken: TakenJob, delayMs: number, why: string) => Promise<void>;
};
