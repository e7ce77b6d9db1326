import * as z from 'zod/mini';
import type { JobBody, QueueName } from '../../domain/job.ts';
import type { Jobs, TakenJob } from '../../ports/jobs.ts';
import { isJobBody } from '../job-text.ts';
import { AwsError } from './failure.ts';
import { createPutJobs, type QueueUrls } from './put-jobs.ts';
import type { SignedCall } from './signed-request.ts';

const MOST_AT_ONCE = 10;
/** Twelve hours: SQS hides nothing longer. */
const MOST_HIDDEN_S = 43_200;

const MESSAGE = z.object({ id: z.string(), body: z.custom<JobBody>(isJobBody) });

const RECEIVED = z.object({
  Messages: z.optional(
    z.nullable(
      z.array(
        z.object({
          Body: z.string(),
          ReceiptHandle: z.string(),
          Attributes: z.object({ ApproximateReceiveCount: z.string() }),
        }),
      ),
    ),
  ),
});

const RECORD = z.object({
  body: z.string(),
  receiptHandle: z.string(),
  attributes: z.object({ ApproximateReceiveCount: z.string() }),
});

const parseText = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

type Message = { readonly text: string; readonly receipt: string; readonly count: string };

/** null for what is no job of ours: it is left alone, comes again and ends as a dead letter. */
const readMessage = (queue: QueueName, { text, receipt, count }: Message): TakenJob | null => {
  const message = z.safeParse(MESSAGE, parseText(text));
  const attempt = Number(count);
  if (!message.success || !Number.isInteger(attempt)) return null;
  return { ...message.data, queue, attempt, receipt };
};

/**
 * A record of Lambda's SQS event: its job; null for what is none. `queue` is the one that the function serves. Deleting and counting is
 * Lambda's: a record that is not reported as failed is done.
 */
export const readRecord = (queue: QueueName, record: unknown): TakenJob | null => {
  const read = z.safeParse(RECORD, record);
  if (!read.success) return null;
  const { body, receiptHandle, attributes } = read.data;
  return readMessage(queue, { text: body, receipt: receiptHandle, count: attributes.ApproximateReceiveCount });
};

/** How SQS says that the lease is over, or that the message is gone. */
const OVER = /^(ReceiptHandleIsInvalid|MessageNotInflight|InvalidParameterValue)/;

const unlessOver = (error: unknown): void => {
  if (!(error instanceof AwsError && OVER.test(error.code))) throw error;
};

const wholeSeconds = (ms: number): number => Math.min(MOST_HIDDEN_S, Math.ceil(ms / 1000));

/**
 * Jobs in SQS: standard queues with a redrive policy, which buries a job when it is received once too often. It keeps no reason, so `why`
 * is for the log of whoever calls `later`.
 */
export const openJobs = (call: SignedCall, urls: QueueUrls): Jobs => ({
  put: createPutJobs(call, urls),
  take: async (queue, limit, leaseMs) => {
    const answer = await call.callJson('sqs', 'ReceiveMessage', {
      QueueUrl: urls[queue],
      MaxNumberOfMessages: Math.min(limit, MOST_AT_ONCE),
      VisibilityTimeout: wholeSeconds(leaseMs),
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    const read = z.safeParse(RECEIVED, answer);
    if (!read.success) throw new AwsError('sqs.ReceiveMessage', 'unreadable', { code: 'UnknownShape' });
    return (read.data.Messages ?? []).flatMap(({ Body, ReceiptHandle, Attributes }) => {
      const count = Attributes.ApproximateReceiveCount;
      return readMessage(queue, { text: Body, receipt: ReceiptHandle, count }) ?? [];
    });
  },
  done: async ({ queue, receipt }) => {
    await call.callJson('sqs', 'DeleteMessage', { QueueUrl: urls[queue], ReceiptHandle: receipt }).catch(unlessOver);
  },
  later: async ({ queue, receipt }, delayMs) => {
    const change = { QueueUrl: urls[queue], ReceiptHandle: receipt, VisibilityTimeout: wholeSeconds(delayMs) };
    await call.callJson('sqs', 'ChangeMessageVisibility', change).catch(unlessOver);
  },
});
