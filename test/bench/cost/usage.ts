import type { Call, FunctionName, Stack } from '../../lambda/stack.ts';
import { createDynamoMeter, type DynamoMeter } from './dynamo-units.ts';
import type { Usage } from './prices.ts';

/**
 * Durations are not measured: a laptop's are not Lambda's. Estimates for 512 MB, of a warm function in the region of its peers; a batch
 * of alerts and a post to Slack as in our own measurements of 2026-11, the others on the safe side of what such calls take.
 */
export const ASSUMED = {
  memoryGb: 0.5,
  doorMs: 10,
  batchMs: 60,
  slackCallMs: 250,
  /** Slack takes a message a second and channel: each posted or edited one may have waited for its turn. */
  paceMs: 1_000,
  mistralCallMs: 300,
  clockMs: 40,
  /** One line of serverless.yml's format, of the gateway's log. */
  accessLogBytes: 280,
  /** What CloudWatch adds to each line. */
  lineBytes: 26,
} as const;

const SQS_BYTES = 64 * 1024;
const QUEUE_FUNCTIONS = ['worker', 'triage', 'mitigate'] as const satisfies readonly FunctionName[];
const HTTP_FUNCTIONS = ['alerts', 'slack', 'health'] as const satisfies readonly FunctionName[];

/** What was used since the last time it was taken. */
export type UsageMeter = { readonly take: () => Taken };

export type Taken = {
  readonly usage: Usage;
  readonly invocations: Readonly<Record<FunctionName, number>>;
  /** Here, in ms of one invocation. */
  readonly meanMs: (name: FunctionName) => number;
  /** By operation, as `dynamodb.PutItem`. */
  readonly calls: Readonly<Record<string, number>>;
};

export const openUsageMeter = (stack: Stack): UsageMeter => {
  const dynamo = createDynamoMeter();
  const look = () => ({
    calls: stack.calls().length,
    log: sizeOfLog(stack.output(), stack.invocations()),
    invocations: { ...stack.invocations() },
    busy: { ...stack.busyMs() },
  });
  let last = look();
  return {
    take: () => {
      const before = last;
      last = look();
      const calls = stack.calls().slice(before.calls);
      const invocations = subtract(last.invocations, before.invocations);
      const busy = subtract(last.busy, before.busy);
      return {
        usage: usageOf(calls, { dynamo, invocations, logBytes: last.log - before.log }),
        invocations,
        meanMs: (name) => busy[name] / invocations[name],
        calls: countBy(calls),
      };
    },
  };
};

type Counts = Readonly<Record<FunctionName, number>>;

const subtract = (now: Counts, before: Counts): Counts => ({
  alerts: now.alerts - before.alerts,
  slack: now.slack - before.slack,
  health: now.health - before.health,
  worker: now.worker - before.worker,
  triage: now.triage - before.triage,
  mitigate: now.mitigate - before.mitigate,
  clock: now.clock - before.clock,
});

const countBy = (calls: readonly Call[]): Readonly<Record<string, number>> => {
  const groups = Map.groupBy(calls, ({ service, operation, path, method }) =>
    service === 'slack' ? `slack${path.split('?')[0]}` : `${service}.${operation || method}`,
  );
  return Object.fromEntries([...groups].map(([name, all]) => [name, all.length]));
};

type Seen = { readonly dynamo: DynamoMeter; readonly invocations: Counts; readonly logBytes: number };

const usageOf = (calls: readonly Call[], { dynamo, invocations, logBytes }: Seen): Usage => {
  const of = (service: Call['service']): readonly Call[] => calls.filter((call) => call.service === service);
  const units = of('dynamodb').map(({ operation, body }) => dynamo.count(operation, body));
  const sum = <T>(all: readonly T[], numberOf: (one: T) => number): number =>
    all.reduce((total, one) => total + numberOf(one), 0);
  const invocationsOf = (names: readonly FunctionName[]): number => sum(names, (name) => invocations[name]);
  return {
    httpApiRequests: invocationsOf(HTTP_FUNCTIONS),
    lambdaRequests: sum(Object.values(invocations), (count) => count),
    lambdaGbSeconds: (durationMs(calls, invocations) / 1_000) * ASSUMED.memoryGb,
    sqsRequests: sqsRequestsOf(of('sqs'), invocationsOf(QUEUE_FUNCTIONS)),
    writeUnits: sum(units, ({ writeUnits }) => writeUnits),
    readUnits: sum(units, ({ readUnits }) => readUnits),
    secretCalls: of('secretsmanager').length,
    // Each value is decrypted.
    kmsCalls: of('secretsmanager').filter(({ operation }) => operation === 'GetSecretValue').length,
    s3Puts: of('s3').filter(({ method }) => method === 'PUT').length,
    logBytes,
  };
};

/** The functions' own lines, and one of the gateway for each request. */
const sizeOfLog = (output: string, { alerts, slack, health }: Counts): number => {
  const requests = alerts + slack + health;
  const lines = output.split('\n').length - 1 + requests;
  return Buffer.byteLength(output) + lines * ASSUMED.lineBytes + requests * ASSUMED.accessLogBytes;
};

const durationMs = (calls: readonly Call[], invocations: Counts): number => {
  const count = (isOne: (call: Call) => boolean): number => calls.filter(isOne).length;
  return (
    (invocations.alerts + invocations.slack + invocations.health) * ASSUMED.doorMs +
    (invocations.worker + invocations.triage + invocations.mitigate) * ASSUMED.batchMs +
    invocations.clock * ASSUMED.clockMs +
    count(({ service }) => service === 'slack') * ASSUMED.slackCallMs +
    count(({ service, path }) => service === 'slack' && /chat\.(?:postMessage|update)/.test(path)) * ASSUMED.paceMs +
    count(({ service }) => service === 'mistral') * ASSUMED.mistralCallMs
  );
};

/** What was sent, and for each batch that a function was given, one taking and one deleting, as the event source mapping does it. */
const sqsRequestsOf = (calls: readonly Call[], batches: number): number => {
  const requests = calls.map(({ body }) => Math.max(1, Math.ceil(Buffer.byteLength(body) / SQS_BYTES)));
  const sent = calls.filter(({ operation }) => operation === 'SendMessageBatch');
  const sentBytes = sent.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
  return requests.reduce((sum, one) => sum + one, 0) + Math.max(batches, Math.ceil(sentBytes / SQS_BYTES)) + batches;
};
