import type { Job, QueueName } from '../../domain/job.ts';
import type { Jobs } from '../../ports/jobs.ts';
import { writeJobBody } from '../job-text.ts';
import { AwsError, nameFailure } from './failure.ts';
import type { SignedCall } from './signed-request.ts';

export type QueueUrls = Readonly<Record<QueueName, string>>;

const MOST_ENTRIES = 10;
/** Of all bodies of one call. SQS takes 1 MiB since August 2025, and 256 KiB where that has not come. */
const MOST_BATCH_BYTES = 256 * 1024;
const MOST_DELAY_S = 900;

type Entry = { readonly Id: string; readonly MessageBody: string; readonly DelaySeconds?: number };
type Batch = { readonly url: string; readonly entries: readonly Entry[] };

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

/** Either list may be missing or null; null for what is neither. By hand, as zod would be 28 of the 60 kB of the alerts function. */
const listIn = (answer: unknown, name: string): readonly unknown[] | null => {
  const list = memberOf(answer, name) ?? [];
  return Array.isArray(list) && list.every((entry) => typeof memberOf(entry, 'Id') === 'string') ? list : null;
};

/** SQS refuses a message with these two characters; everything else that it refuses is escaped in JSON anyway. */
const escapeRest = (json: string): string =>
  json.replace(/[\uFFFE\uFFFF]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);

/** `{"id","body"}`: the queue says which queue it is. */
const writeMessage = (job: Job): string => escapeRest(`{"id":${JSON.stringify(job.id)},"body":${writeJobBody(job)}}`);

const makeBatches = (jobs: readonly Job[], urls: QueueUrls, delayMs: number): readonly Batch[] => {
  const batches: { readonly url: string; readonly entries: Entry[]; bytes: number }[] = [];
  const delayS = Math.min(MOST_DELAY_S, Math.ceil(delayMs / 1000));
  for (const [index, job] of jobs.entries()) {
    const MessageBody = writeMessage(job);
    const bytes = Buffer.byteLength(MessageBody);
    const url = urls[job.queue];
    let batch = batches.findLast((one) => one.url === url);
    if (batch === undefined || batch.entries.length === MOST_ENTRIES || batch.bytes + bytes > MOST_BATCH_BYTES) {
      batch = { url, entries: [], bytes: 0 };
      batches.push(batch);
    }
    batch.entries.push({ Id: String(index), MessageBody, ...(delayS > 0 ? { DelaySeconds: delayS } : {}) });
    batch.bytes += bytes;
  }
  return batches;
};

const NAME = 'SendMessageBatch';

type Refusal = { readonly Code: string; readonly SenderFault: boolean };

const readRefusal = (entry: unknown): Refusal => {
  const Code = memberOf(entry, 'Code');
  return typeof Code === 'string'
    ? { Code, SenderFault: memberOf(entry, 'SenderFault') === true }
    : { Code: 'NotInTheAnswer', SenderFault: false };
};

/** Those that were not taken, and why the first of them was not. */
const sendOnce = async (call: SignedCall, { url, entries }: Batch) => {
  const answer = await call.callJson('sqs', NAME, { QueueUrl: url, Entries: entries });
  const [successful, failed] = [listIn(answer, 'Successful'), listIn(answer, 'Failed')];
  if (successful === null || failed === null) throw new AwsError(`sqs.${NAME}`, 'unreadable', { code: 'UnknownShape' });
  const taken = new Set(successful.map((entry) => memberOf(entry, 'Id')));
  return { left: entries.filter(({ Id }) => !taken.has(Id)), why: readRefusal(failed[0]) };
};

const sendBatch = async (call: SignedCall, batch: Batch): Promise<void> => {
  const { left } = await sendOnce(call, batch);
  if (left.length === 0) return;
  const { left: stillLeft, why } = await sendOnce(call, { ...batch, entries: left });
  if (stillLeft.length === 0) return;
  throw new AwsError(`sqs.${NAME}`, nameFailure(why.Code, why.SenderFault ? 400 : 500), {
    code: why.Code,
    attempts: 2,
  });
};

/**
 * Jobs into SQS. Delays are whole seconds, rounded up, and at most 900: a job that is due later comes too early, and whoever handles it
 * looks at the state and finds nothing to do yet. Of what spans several calls a part may be put when it rejects.
 */
export const createPutJobs =
  (call: SignedCall, urls: QueueUrls): Jobs['put'] =>
  async (jobs, { delayMs = 0 } = {}) => {
    const batches = makeBatches(jobs, urls, delayMs);
    const outcomes = await Promise.allSettled(batches.map((batch) => sendBatch(call, batch)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  };
