import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { type Asked, type Fault, type FaultProxy, openFaultProxy, PASS } from '../adapters/aws/fault-proxy.ts';
import { askAws } from './ask-aws.ts';
import { APP_SECRET, BUCKET, MISTRAL_SECRET, openPeers, type PeerQueue, type Peers, REGION, SLACK } from './peers.ts';
import { type RunningFunction, startFunction } from './runtime-api.ts';

export const FUNCTIONS = ['alerts', 'slack', 'health', 'worker', 'triage', 'mitigate', 'clock'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];
export const SERVICES = ['dynamodb', 'sqs', 's3', 'secretsmanager', 'ssm', 'slack', 'mistral'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** One call that a function made to the world. */
export type Call = Asked & {
  readonly service: ServiceName;
  /** Whose it is; null while none or several work. */
  readonly by: FunctionName | null;
  /** The so-manieth of its invocation, from 1. */
  readonly nth: number;
};

/** Which function works on which queue, and how many messages one event has at most. */
const CONSUMERS = { jobs: ['worker', 10], triage: ['triage', 5], mitigate: ['mitigate', 1] } as const;
/** A check of an open incident follows the other for ever. */
const LONGEST_DRAIN_MS = 20_000;
type WorkQueue = keyof typeof CONSUMERS;

export type StackOptions = {
  readonly bundle: (name: FunctionName) => string;
  readonly visibilityS?: number;
  readonly maxReceiveCount?: number;
  readonly channels?: readonly string[];
  /** Asked for every call of a function; may kill it first. */
  readonly plan?: (call: Call) => Fault | Promise<Fault>;
  /** Each event of a queue comes twice, at the same time to two instances of its function. */
  readonly twice?: boolean;
  /** The order in which the messages of a queue are handed over. */
  readonly order?: <T>(messages: readonly T[]) => readonly T[];
};

export type Answer = { readonly statusCode: number; readonly body: string };

export type Stack = {
  readonly peers: Peers;
  /** As the HTTP API would hand it over. */
  readonly http: (name: FunctionName, request: HttpLike) => Promise<Answer>;
  readonly tick: () => Promise<void>;
  /** Works off what is in the queues until nothing is ready, and all messages that are hidden or delayed for less than `patienceMs`. */
  readonly drain: (patienceMs?: number) => Promise<void>;
  readonly count: (queue: PeerQueue) => Promise<number>;
  /** Ends the instance that works now. */
  readonly killCurrent: () => Promise<void>;
  readonly calls: () => readonly Call[];
  readonly invocations: () => Readonly<Record<FunctionName, number>>;
  /** Milliseconds from events to their answers, all of a function together, here. */
  readonly busyMs: () => Readonly<Record<FunctionName, number>>;
  readonly output: () => string;
  readonly close: () => Promise<void>;
};

export type HttpLike = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

const ANSWER = z.object({ statusCode: z.number(), body: z.string() });
const MESSAGES = z.object({
  Messages: z.optional(
    z.nullable(
      z.array(
        z.object({
          MessageId: z.string(),
          ReceiptHandle: z.string(),
          Body: z.string(),
          Attributes: z.record(z.string(), z.string()),
        }),
      ),
    ),
  ),
});
type Message = NonNullable<NonNullable<z.output<typeof MESSAGES>['Messages']>[number]>;
const RESULT = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });
const COUNTS = z.object({ Attributes: z.record(z.string(), z.string()) });

const toHttpEvent = ({ method, path, headers, body }: HttpLike) => {
  const url = new URL(path, 'http://localhost');
  return {
    version: '2.0',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
    requestContext: { http: { method, path: url.pathname } },
  };
};

const toQueueEvent = (queue: string, messages: readonly Message[]) => ({
  Records: messages.map(({ MessageId, ReceiptHandle, Body, Attributes }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
    messageAttributes: {},
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${REGION}:000000000000:${queue}`,
    awsRegion: REGION,
  })),
});

/** The whole stack: built bundles in processes of their own, each call of theirs through a proxy, events handed over one after the other. */
export const openStack = async (options: StackOptions): Promise<Stack> => {
  const door = createServer();
  await once(door.listen(0, '127.0.0.1'), 'listening');
  const address = door.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const peers = await openPeers({
    eventsUrl: `http://127.0.0.1:${port}/slack/events`,
    visibilityS: options.visibilityS ?? 30,
    maxReceiveCount: options.maxReceiveCount ?? 20,
    channels: options.channels ?? [SLACK.channel],
  });
  const calls: Call[] = [];
  const plan = options.plan ?? (() => PASS);
  const current = new Map<RunningFunction, { readonly name: FunctionName; calls: number }>();
  const proxies = await openProxies(peers, (asked) => {
    const [working] = current.size === 1 ? current.values() : [];
    if (working !== undefined) working.calls += 1;
    const call = { ...asked, by: working?.name ?? null, nth: working?.calls ?? 0 };
    calls.push(call);
    return plan(call);
  });
  const environment = environmentOf(peers, proxies);
  const running = new Map<string, RunningFunction>();
  const count = { alerts: 0, slack: 0, health: 0, worker: 0, triage: 0, mitigate: 0, clock: 0 };
  const busy = { ...count };

  const instanceOf = async (name: FunctionName, index: number): Promise<RunningFunction> => {
    const key = `${name}-${index}`;
    const known =
      running.get(key) ?? (await startFunction({ bundle: options.bundle(name), environment, timeoutMs: 60_000 }));
    running.set(key, known);
    return known;
  };
  const invoke = async (name: FunctionName, event: unknown, index = 0): Promise<unknown> => {
    const instance = await instanceOf(name, index);
    count[name] += 1;
    current.set(instance, { name, calls: 0 });
    const startedMs = performance.now();
    return instance.invoke(event).finally(() => {
      busy[name] += performance.now() - startedMs;
      current.delete(instance);
    });
  };
  const http = async (name: FunctionName, request: HttpLike): Promise<Answer> =>
    ANSWER.parse(await invoke(name, toHttpEvent(request)));
  door.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answerSlack(http, request, response).catch(() => response.writeHead(502).end());
  });

  const sqs = (operation: string, body: object): Promise<unknown> =>
    askAws(peers.fauxqs, `AmazonSQS.${operation}`, body);
  const receive = async (queue: WorkQueue): Promise<readonly Message[]> => {
    const body = {
      QueueUrl: peers.queueUrls[queue],
      MaxNumberOfMessages: CONSUMERS[queue][1],
      MessageSystemAttributeNames: ['All'],
    };
    return MESSAGES.parse(await sqs('ReceiveMessage', body)).Messages ?? [];
  };
  /** As Lambda does it: what is not named as failed is deleted; a batch whose function failed comes again as a whole. */
  const handOver = async (queue: WorkQueue, messages: readonly Message[]): Promise<void> => {
    const [name] = CONSUMERS[queue];
    const ordered = options.order?.(messages) ?? messages;
    const event = toQueueEvent(queue, ordered);
    const copies = options.twice ? [invoke(name, event), invoke(name, event, 1)] : [invoke(name, event)];
    const [first] = await Promise.allSettled(copies);
    if (first?.status !== 'fulfilled') return;
    const failed = new Set(RESULT.parse(first.value).batchItemFailures.map((one) => one.itemIdentifier));
    for (const message of ordered.filter((one) => !failed.has(one.MessageId))) {
      await sqs('DeleteMessage', { QueueUrl: peers.queueUrls[queue], ReceiptHandle: message.ReceiptHandle });
    }
  };
  const countIn = async (queue: PeerQueue, attribute: string): Promise<number> => {
    const asked = { QueueUrl: peers.queueUrls[queue], AttributeNames: ['All'] };
    return Number(COUNTS.parse(await sqs('GetQueueAttributes', asked)).Attributes[attribute] ?? 0);
  };
  const waiting = async (): Promise<number> => {
    let sum = 0;
    for (const queue of ['jobs', 'triage', 'mitigate'] as const)
      for (const suffix of ['', 'NotVisible', 'Delayed'])
        sum += await countIn(queue, `ApproximateNumberOfMessages${suffix}`);
    return sum;
  };
  const round = async (): Promise<number> => {
    let handed = 0;
    for (const queue of ['jobs', 'mitigate', 'triage'] as const) {
      const messages = await receive(queue);
      handed += messages.length;
      if (messages.length > 0) await handOver(queue, messages);
    }
    return handed;
  };
  const drain = async (patienceMs = 0): Promise<void> => {
    const untilMs = Date.now() + LONGEST_DRAIN_MS;
    for (let quietSinceMs = Date.now(); Date.now() < untilMs; ) {
      if ((await round()) > 0) quietSinceMs = Date.now();
      else if (Date.now() - quietSinceMs >= patienceMs || (await waiting()) === 0) return;
      else await pause(100);
    }
  };

  return {
    peers,
    http,
    tick: async () => void (await invoke('clock', {})),
    drain,
    count: (queue) => countIn(queue, 'ApproximateNumberOfMessages'),
    killCurrent: async () => void (await Promise.all([...current.keys()].map((one) => one.kill()))),
    calls: () => calls,
    invocations: () => count,
    busyMs: () => busy,
    output: () => [...running.values()].map((one) => one.output()).join(''),
    close: async () => {
      await Promise.all([...running.values()].map((one) => one.close()));
      await Promise.all([...proxies.values()].map((one) => one.close()));
      door.close();
      door.closeAllConnections();
      await peers.close();
    },
  };
};

const upstreamOf = (peers: Peers, service: ServiceName): string => {
  switch (service) {
    case 'dynamodb':
      return peers.dynamodb;
    case 'sqs':
    case 's3':
      return peers.fauxqs;
    case 'secretsmanager':
    case 'ssm':
      return peers.moto;
    case 'slack':
      return peers.slack;
    case 'mistral':
      return peers.mistral;
  }
};

const openProxies = async (
  peers: Peers,
  plan: (asked: Omit<Call, 'by' | 'nth'>) => Fault | Promise<Fault>,
): Promise<ReadonlyMap<ServiceName, FaultProxy>> =>
  new Map(
    await Promise.all(
      SERVICES.map(
        async (service) =>
          [service, await openFaultProxy(upstreamOf(peers, service), (asked) => plan({ ...asked, service }))] as const,
      ),
    ),
  );

const environmentOf = (
  peers: Peers,
  proxies: ReadonlyMap<ServiceName, FaultProxy>,
): Readonly<Record<string, string>> => {
  const at = (service: ServiceName): string => proxies.get(service)?.url ?? '';
  return {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: at('dynamodb'),
    AWS_ENDPOINT_URL_SQS: at('sqs'),
    AWS_ENDPOINT_URL_S3: at('s3'),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: at('secretsmanager'),
    AWS_ENDPOINT_URL_SSM: at('ssm'),
    SLACK_API_URL: `${at('slack')}/api/`,
    MISTRAL_SERVER_URL: at('mistral'),
    STAGE: 'test',
    APP_SECRET_ID: APP_SECRET,
    MISTRAL_SECRET_ID: MISTRAL_SECRET,
    TABLE_NAME: peers.table,
    BUCKET_NAME: BUCKET,
    JOBS_QUEUE_URL: peers.queueUrls.jobs,
    TRIAGE_QUEUE_URL: peers.queueUrls.triage,
    MITIGATE_QUEUE_URL: peers.queueUrls.mitigate,
  };
};

const answerSlack = async (http: Stack['http'], request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const body = await buffer(request);
  const { statusCode, body: text } = await http('slack', {
    method: request.method ?? '',
    path: request.url ?? '',
    headers,
    body,
  });
  response.writeHead(statusCode, { 'content-type': 'application/json' }).end(text);
};
