import * as z from 'zod/mini';
import type { QueueUrls } from '../../../lib/adapters/aws/put-jobs.ts';
import type { SignedCall } from '../../../lib/adapters/aws/signed-request.ts';

export type Queues = {
  readonly urls: QueueUrls;
  readonly deadUrl: string;
  readonly countDead: () => Promise<number>;
};

const CREATED = z.object({ QueueUrl: z.string() });
const COUNTED = z.object({ Attributes: z.record(z.string(), z.string()) });

/** The queues as they are deployed: three of them over one for dead letters. `name` is put before the name of each. */
export const makeQueues = async ({ callJson }: SignedCall, name: string, maxAttempts: number): Promise<Queues> => {
  const create = async (queue: string, attributes: Readonly<Record<string, string>>): Promise<string> =>
    z.parse(CREATED, await callJson('sqs', 'CreateQueue', { QueueName: `${name}-${queue}`, Attributes: attributes }))
      .QueueUrl;
  const read = async (url: string, attribute: string): Promise<string> =>
    z.parse(COUNTED, await callJson('sqs', 'GetQueueAttributes', { QueueUrl: url, AttributeNames: [attribute] }))
      .Attributes[attribute] ?? '';
  const deadUrl = await create('dead', {});
  const deadLetterTargetArn = await read(deadUrl, 'QueueArn');
  const redrive = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: maxAttempts }) };
  return {
    urls: {
      jobs: await create('jobs', redrive),
      triage: await create('triage', redrive),
      mitigate: await create('mitigate', redrive),
    },
    deadUrl,
    countDead: async () => Number(await read(deadUrl, 'ApproximateNumberOfMessages')),
  };
};
