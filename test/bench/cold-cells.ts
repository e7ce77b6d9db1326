import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packJobs } from '../../lib/intake/pack-jobs.ts';
import { parseBody } from '../../lib/intake/parse-body.ts';
import { openDynalite } from '../adapters/aws/dynalite.ts';
import { dynamoAt, makeTable } from '../adapters/aws/make-table.ts';
import { type FunctionName, packageService } from '../conformance/packaged.ts';
import { startReady, stopProcess } from '../crash/processes.ts';
import { buttonBody } from '../functions/slack-parts.ts';
import { ALERTS_TOKEN, APP_VALUES, httpEvent, openDoorPeers, slackEvent } from '../lambda/door-peers.ts';

/** One function, its bundle, and a new event for each sample. */
export type Cell = {
  readonly name: string;
  readonly bundle: string;
  readonly event: () => unknown;
  /** Whether this is the answer of a function that did its work. */
  readonly isGood: (answer: unknown) => boolean;
  /** What is only for one sample. */
  readonly prepare?: () => Promise<Readonly<Record<string, string>>>;
  /** At most this many times the start of an empty function. */
  readonly goal: number | null;
};

export type Cells = {
  readonly cells: readonly Cell[];
  readonly environment: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
};

const HELLO = 'export const handler = async () => ({ statusCode: 200, headers: {}, body: "" });\n';

const hasStatus =
  (wanted: number) =>
  (answer: unknown): boolean =>
    Reflect.get(Object(answer), 'statusCode') === wanted;

const alertsBody = (count: number): string => {
  const name = randomUUID();
  const alerts = Array.from({ length: count }, (_, index) => ({
    status: 'firing',
    labels: { alertname: `Cold ${name} ${index}`, service: 'bench', severity: 'critical' },
    annotations: { summary: 'the Mistral API answers 401' },
    startsAt: '2026-11-20T09:30:00Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example.com/graph',
    fingerprint: randomUUID().replaceAll('-', '').slice(0, 16),
  }));
  const group = { groupKey: `{}:{alertname="${name}"}`, groupLabels: {}, commonLabels: {}, commonAnnotations: {} };
  return JSON.stringify({ version: '4', status: 'firing', receiver: 'bot', ...group, truncatedAlerts: 0, alerts });
};

const alertsEvent = () =>
  httpEvent('/alerts/alertmanager', alertsBody(5), {
    authorization: `Bearer ${ALERTS_TOKEN}`,
    'content-type': 'application/json',
  });

/** A message as the alerts function puts it: one alert, which opens an incident. */
const queueEvent = () => {
  const acceptedAt = new Date().toISOString();
  const bytes = Buffer.from(alertsBody(1));
  const parsed = parseBody({ source: 'alertmanager', integration: 'default', bytes, acceptedAt });
  const bodies = parsed.kind === 'alerts' ? packJobs(parsed.alerts, { acceptedAt, truncated: null }) : [];
  return {
    Records: bodies.map((body) => ({
      messageId: randomUUID(),
      receiptHandle: randomUUID(),
      body: JSON.stringify({ id: randomUUID(), body }),
      attributes: { ApproximateReceiveCount: '1' },
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:jobs',
    })),
  };
};

const isWholeBatchDone = (answer: unknown): boolean => {
  const failures: unknown = Reflect.get(Object(answer), 'batchItemFailures');
  return Array.isArray(failures) && failures.length === 0;
};

const makeCells = (
  hello: string,
  bundle: (name: FunctionName) => string,
  newTable: () => Promise<string>,
): readonly Cell[] => [
  { name: 'hello', bundle: hello, event: () => ({}), isGood: hasStatus(200), goal: null },
  { name: 'alerts', bundle: bundle('alerts'), event: alertsEvent, isGood: hasStatus(202), goal: 1.35 },
  {
    name: 'slack',
    bundle: bundle('slack'),
    event: () => slackEvent(buttonBody({ trigger_id: randomUUID() })),
    isGood: hasStatus(200),
    goal: 1.6,
  },
  {
    name: 'worker',
    bundle: bundle('worker'),
    event: queueEvent,
    isGood: isWholeBatchDone,
    // Slack's pace of one message a second stands in the table: a sample shall not wait for the one before.
    prepare: async () => ({ TABLE_NAME: await newTable() }),
    goal: 3,
  },
];

/** Built bundles, and everything that they speak with on loopback: fauxqs, dynalite, our Secrets endpoint, our embedded Slack. */
export const openCells = async (): Promise<Cells> => {
  const folder = mkdtempSync(join(tmpdir(), 'triage-cold-'));
  const [packaged, peers, dynalite] = await Promise.all([packageService(), openDoorPeers(), openDynalite()]);
  const state = ['--state', join(folder, 'slack.sqlite'), '--events-url', 'http://127.0.0.1:9/', '--no-pace'];
  const slack = await startReady(['lib/local/slack/main.ts', ...state], {
    SLACK_BOT_TOKEN: APP_VALUES.SLACK_BOT_TOKEN,
    SLACK_SIGNING_SECRET: APP_VALUES.SLACK_SIGNING_SECRET,
  });
  const client = dynamoAt(dynalite.url);
  const hello = join(folder, 'hello.mjs');
  writeFileSync(hello, HELLO);
  return {
    cells: makeCells(hello, packaged.bundle, () => makeTable(client)),
    environment: {
      ...peers.environment,
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_DYNAMODB: dynalite.url,
      SLACK_API_URL: `${slack.url}/api/`,
    },
    close: async () => {
      client.destroy();
      await Promise.all([peers.close(), dynalite.close(), stopProcess(slack), packaged.remove()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
