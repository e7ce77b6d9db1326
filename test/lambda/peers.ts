import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { openDynalite } from '../adapters/aws/dynalite.ts';
import { openFauxqs } from '../adapters/aws/fauxqs.ts';
import { dynamoAt, makeTable } from '../adapters/aws/make-table.ts';
import { openMoto } from '../conformance/aws/moto.ts';
import { startReady, stopProcess } from '../crash/processes.ts';
import { openConsole, type SlackConsole } from '../crash/slack-console.ts';
import { askAws } from './ask-aws.ts';

export const QUEUES = ['jobs', 'triage', 'mitigate', 'dead'] as const;
export type PeerQueue = (typeof QUEUES)[number];

/** Everything outside of the functions, of which we wrote only Slack and Mistral; empty. */
export type Peers = {
  readonly dynamodb: string;
  /** SQS and S3. */
  readonly fauxqs: string;
  /** Secrets Manager, SSM, CloudWatch. */
  readonly moto: string;
  readonly slack: string;
  readonly mistral: string;
  readonly table: string;
  readonly queueUrls: Readonly<Record<PeerQueue, string>>;
  readonly console: SlackConsole;
  readonly close: () => Promise<void>;
};

export const BUCKET = 'evidence';
export const REGION = 'eu-west-1';
/** Two secrets as a person stores them before the deployment. */
export const APP_SECRET = 'mistral-triage/app';
export const MISTRAL_SECRET = 'MISTRAL_SECRET_ID';
export const KEYS = { current: 'test-key-current', standby: 'test-key-standby' } as const;
export const SLACK = { token: 'test-bot-token', signingSecret: 'test-signing-secret', channel: 'incidents' } as const;
export const ALERTS_TOKEN = 'test-alerts-token-0123456789';

export type PeerOptions = {
  /** Where Slack sends clicks. */
  readonly eventsUrl: string;
  /** Seconds that a message is hidden while it is worked on; the template has more. */
  readonly visibilityS: number;
  readonly maxReceiveCount: number;
  readonly channels: readonly string[];
};

export const openPeers = async (options: PeerOptions): Promise<Peers> => {
  const folder = mkdtempSync(join(tmpdir(), 'triage-peers-'));
  const [dynalite, fauxqs, moto] = await Promise.all([openDynalite(), openFauxqs(), openMoto()]);
  const slack = await startReady(
    [
      'lib/local/slack/main.ts',
      '--state',
      join(folder, 'slack.sqlite'),
      '--events-url',
      options.eventsUrl,
      '--no-pace',
      ...options.channels.flatMap((channel) => ['--channel', channel]),
    ],
    { SLACK_BOT_TOKEN: SLACK.token, SLACK_SIGNING_SECRET: SLACK.signingSecret },
  );
  const mistral = await startReady(['lib/local/mistral/main.ts'], {
    EMBEDDED_MISTRAL_KEYS: `${KEYS.current},${KEYS.standby}`,
  });
  const client = dynamoAt(dynalite.url);
  const table = await makeTable(client);
  const queueUrls = await makeQueues(fauxqs.url, options);
  await fetch(`${fauxqs.url}/${BUCKET}`, { method: 'PUT' });
  await storeSecrets(moto.url);
  return {
    dynamodb: dynalite.url,
    fauxqs: fauxqs.url,
    moto: moto.url,
    slack: slack.url,
    mistral: mistral.url,
    table,
    queueUrls,
    console: openConsole(slack.url, SLACK.token),
    close: async () => {
      client.destroy();
      await Promise.all([dynalite.close(), fauxqs.close(), moto.close(), stopProcess(slack), stopProcess(mistral)]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const CREATED = z.object({ QueueUrl: z.string() });
const ATTRIBUTES = z.object({ Attributes: z.object({ QueueArn: z.string() }) });

const makeQueue = async (url: string, name: string, attributes: Readonly<Record<string, string>>): Promise<string> =>
  CREATED.parse(await askAws(url, 'AmazonSQS.CreateQueue', { QueueName: name, Attributes: attributes })).QueueUrl;

const makeQueues = async (url: string, { visibilityS, maxReceiveCount }: PeerOptions): Promise<Peers['queueUrls']> => {
  const dead = await makeQueue(url, 'dead', {});
  const asked = await askAws(url, 'AmazonSQS.GetQueueAttributes', { QueueUrl: dead, AttributeNames: ['QueueArn'] });
  const deadLetterTargetArn = ATTRIBUTES.parse(asked).Attributes.QueueArn;
  const attributes = {
    VisibilityTimeout: String(visibilityS),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }),
  };
  const make = (name: PeerQueue) => makeQueue(url, name, attributes);
  return { jobs: await make('jobs'), triage: await make('triage'), mitigate: await make('mitigate'), dead };
};

const storeSecrets = async (url: string): Promise<void> => {
  const app = {
    SLACK_BOT_TOKEN: SLACK.token,
    SLACK_SIGNING_SECRET: SLACK.signingSecret,
    SLACK_CHANNEL: SLACK.channel,
    ALERTS_TOKEN,
  };
  await askAws(url, 'secretsmanager.CreateSecret', { Name: APP_SECRET, SecretString: JSON.stringify(app) });
  await askAws(url, 'secretsmanager.CreateSecret', { Name: MISTRAL_SECRET, SecretString: KEYS.current });
  const standby = { SecretId: MISTRAL_SECRET, SecretString: KEYS.standby, VersionStages: ['STANDBY'] };
  await askAws(url, 'secretsmanager.PutSecretValue', standby);
};
