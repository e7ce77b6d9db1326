import { createHmac } from 'node:crypto';
import * as z from 'zod/mini';
import { openFauxqs } from '../adapters/aws/fauxqs.ts';
import { askAws } from './ask-aws.ts';
import { openSecretsPeer, type SecretsPeer } from './secrets-peer.ts';

/** What alerts and slack need of AWS: real SQS calls to fauxqs, and the app's secret. */
export type DoorPeers = {
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: SecretsPeer;
  /** Bodies of the messages in the queue `jobs`, which are gone then. */
  readonly takeJobs: () => Promise<readonly unknown[]>;
  readonly close: () => Promise<void>;
};

export const APP_SECRET = 'app';
export const ALERTS_TOKEN = 'test-alerts-token-current';
export const SIGNING_SECRET = 'test-signing-secret-current';

export const APP_VALUES = {
  SLACK_BOT_TOKEN: 'test-bot-token',
  SLACK_SIGNING_SECRET: SIGNING_SECRET,
  SLACK_CHANNEL: 'incidents',
  ALERTS_TOKEN,
} as const;

const CREATED = z.object({ QueueUrl: z.string() });
const RECEIVED = z.object({
  Messages: z.optional(z.nullable(z.array(z.object({ Body: z.string(), ReceiptHandle: z.string() })))),
});

export const openDoorPeers = async (): Promise<DoorPeers> => {
  const [fauxqs, secrets] = await Promise.all([openFauxqs(), openSecretsPeer()]);
  secrets.set(APP_SECRET, JSON.stringify(APP_VALUES));
  const ask = (operation: string, body: object): Promise<unknown> => askAws(fauxqs.url, `AmazonSQS.${operation}`, body);
  const create = async (QueueName: string): Promise<string> =>
    z.parse(CREATED, await ask('CreateQueue', { QueueName })).QueueUrl;
  const [jobs, triage, mitigate] = [await create('jobs'), await create('triage'), await create('mitigate')];
  await fetch(`${fauxqs.url}/documents`, { method: 'PUT' });
  return {
    environment: {
      STAGE: 'test',
      APP_SECRET_ID: APP_SECRET,
      TABLE_NAME: 'records',
      BUCKET_NAME: 'documents',
      JOBS_QUEUE_URL: jobs,
      TRIAGE_QUEUE_URL: triage,
      MITIGATE_QUEUE_URL: mitigate,
      AWS_ENDPOINT_URL_SQS: fauxqs.url,
      AWS_ENDPOINT_URL_S3: fauxqs.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    },
    secrets,
    takeJobs: async () => {
      const got = z.parse(RECEIVED, await ask('ReceiveMessage', { QueueUrl: jobs, MaxNumberOfMessages: 10 }));
      const messages = got.Messages ?? [];
      for (const { ReceiptHandle } of messages) await ask('DeleteMessage', { QueueUrl: jobs, ReceiptHandle });
      return messages.map(({ Body }) => {
        const body: unknown = JSON.parse(Body);
        return body;
      });
    },
    close: async () => {
      await Promise.all([fauxqs.close(), secrets.close()]);
    },
  };
};

/** As the HTTP API hands it over, the body in base64. */
export const httpEvent = (
  path: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>>,
  method = 'POST',
) => ({
  version: '2.0',
  rawPath: path,
  rawQueryString: '',
  headers,
  body: Buffer.from(body).toString('base64'),
  isBase64Encoded: true,
  requestContext: { http: { method, path } },
});

/** Signed now, as Slack does. */
export const slackEvent = (
  body: string,
  { secret = SIGNING_SECRET, contentType = 'application/x-www-form-urlencoded' } = {},
) => {
  const at = String(Math.floor(Date.now() / 1000));
  const mac = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
  return httpEvent('/slack/events', body, {
    'content-type': contentType,
    'x-slack-request-timestamp': at,
    'x-slack-signature': `v0=${mac}`,
  });
};
