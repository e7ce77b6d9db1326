import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { buttonBody, commandBody } from '../functions/slack-parts.ts';
import {
  ALERTS_TOKEN,
  APP_SECRET,
  APP_VALUES,
  type DoorPeers,
  httpEvent,
  openDoorPeers,
  SIGNING_SECRET,
  slackEvent,
} from '../lambda/door-peers.ts';
import { type RunningFunction, startFunction } from '../lambda/runtime-api.ts';
import { type Packaged, packageOnce } from './packaged.ts';

let packaged: Packaged;
let peers: DoorPeers;
let running: RunningFunction[] = [];

beforeAll(async () => {
  packaged = await packageOnce();
});
afterAll(() => packaged.remove());
beforeEach(async () => {
  peers = await openDoorPeers();
  running = [];
});
afterEach(async () => {
  const output = running.map((one) => one.output()).join('');
  await Promise.all(running.map((one) => one.close()));
  await peers.close();
  for (const secret of [ALERTS_TOKEN, SIGNING_SECRET, APP_VALUES.SLACK_BOT_TOKEN]) expect(output).not.toContain(secret);
});

/** `change`: null takes a variable away. */
const start = async (name: 'alerts' | 'slack' | 'health', change: Readonly<Record<string, string | null>> = {}) => {
  const merged = Object.entries({ ...peers.environment, ...change });
  const environment = Object.fromEntries(merged.flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
  const one = await startFunction({ bundle: packaged.bundle(name), environment, timeoutMs: 5_000 });
  running.push(one);
  return one;
};

const linesOf = (one: RunningFunction): readonly unknown[] =>
  one
    .output()
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const parsed: unknown = JSON.parse(line);
      return parsed;
    });

const FIRING = '{"title":"API down","severity":"P1"}';
const post = (body: string | Uint8Array = FIRING, token = ALERTS_TOKEN) =>
  httpEvent('/alerts/generic', body, { authorization: `Bearer ${token}`, 'content-type': 'application/json' });

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9';

/** Takes connections and never answers. */
const openSilence = async (): Promise<string> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
};

describe('alerts, as it is deployed', () => {
  it('answers 202 when the queue has the alerts', async () => {
    const { invoke } = await start('alerts');
    expect(await invoke(post())).toMatchObject({
      statusCode: 202,
      body: '{"accepted":1,"quarantined":0,"ignored":0}',
    });
    expect(await peers.takeJobs()).toMatchObject([{ body: { kind: 'alerts', alerts: [{ title: 'API down' }] } }]);
  });

  it('keeps what it does not understand in the bucket, and says so in the queue', async () => {
    const { invoke } = await start('alerts');
    expect(await invoke(post('nonsense'))).toMatchObject({ statusCode: 202 });
    const [job] = await peers.takeJobs();
    expect(job).toMatchObject({ body: { kind: 'quarantined', quarantine: { bytes: 8 } } });
    const id = String(Reflect.get(Object(job), 'id')).replace('quarantine:', '');
    const kept = await fetch(`${peers.environment['AWS_ENDPOINT_URL_S3']}/documents/quarantine/${id}.body`);
    expect(await kept.text()).toBe('nonsense');
  });

  it('answers 401 to another token and 413 to more than 4 MiB', async () => {
    const { invoke } = await start('alerts');
    expect(await invoke(post(FIRING, 'another-token-of-somebody'))).toMatchObject({ statusCode: 401 });
    expect(await invoke(post(Buffer.alloc(4 * 1024 * 1024 + 1, 0x20)))).toMatchObject({ statusCode: 413 });
    expect(await peers.takeJobs()).toEqual([]);
  });

  it.each([
    ['refuses connections', () => Promise.resolve(NOWHERE)],
    ['does not answer', openSilence],
  ])('answers 503 within a second when the queue %s', async (_, address) => {
    const { invoke } = await start('alerts', { AWS_ENDPOINT_URL_SQS: await address() });
    const startedMs = performance.now();
    expect(await invoke(post())).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  it('takes what SNS hands over without a token, under an id by which a second delivery is known', async () => {
    const { invoke } = await start('alerts');
    const Message = JSON.stringify({ AlarmName: 'dead letters', NewStateValue: 'ALARM', AlarmArn: 'arn:test' });
    const Sns = { Type: 'Notification', MessageId: 'message-1', TopicArn: 'arn:topic', Message };
    expect(await invoke({ Records: [{ EventSource: 'aws:sns', Sns }] })).toBe(null);
    expect(await peers.takeJobs()).toMatchObject([
      { id: 'sns-message-1-0', body: { alerts: [{ source: 'sns', title: 'dead letters', state: 'firing' }] } },
    ]);
  });

  it('fails what SNS hands over and the queue does not take, so that Lambda tries again', async () => {
    const { invoke } = await start('alerts', { AWS_ENDPOINT_URL_SQS: NOWHERE });
    const Sns = { Type: 'Notification', MessageId: 'message-1', TopicArn: 'arn:topic', Message: 'down' };
    await expect(invoke({ Records: [{ EventSource: 'aws:sns', Sns }] })).rejects.toMatchObject({
      errorType: 'AwsError',
    });
  });
});

describe('slack, as it is deployed', () => {
  it('puts a press and a command into the queue', async () => {
    const { invoke } = await start('slack');
    expect(await invoke(slackEvent(buttonBody()))).toMatchObject({ statusCode: 200, body: '' });
    expect(await invoke(slackEvent(commandBody('ack')))).toMatchObject({ statusCode: 200 });
    expect(await peers.takeJobs()).toMatchObject([
      { body: { kind: 'slack', request: { action: 'incident.acknowledge', value: 'INC-1' } } },
      { body: { kind: 'slack', request: { action: 'command', value: 'ack' } } },
    ]);
  });

  it('answers a challenge, and 401 to another signature', async () => {
    const { invoke } = await start('slack');
    const challenge = slackEvent('{"type":"url_verification","challenge":"c-1"}', { contentType: 'application/json' });
    expect(await invoke(challenge)).toMatchObject({ statusCode: 200, body: '{"challenge":"c-1"}' });
    expect(await invoke(slackEvent(buttonBody(), { secret: 'another' }))).toMatchObject({ statusCode: 401 });
    expect(await peers.takeJobs()).toEqual([]);
  });

  it('tells who typed a command that the queue does not take', async () => {
    const { invoke } = await start('slack', { AWS_ENDPOINT_URL_SQS: NOWHERE });
    expect(await invoke(slackEvent(commandBody('ack')))).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining('Not stored, nothing was done'),
    });
  });
});

describe('without what it needs', () => {
  const EVENTS = { alerts: () => post(), slack: () => slackEvent(buttonBody()) } as const;

  it.each(['alerts', 'slack'] as const)(
    '%s lets nobody in, and one line names what is wrong with the secret',
    async (name) => {
      peers.secrets.set(APP_SECRET, JSON.stringify({ ALERTS_TOKEN: 'short', SLACK_CHANNEL: '', SLACK_BOT_TOKEN: 5 }));
      const one = await start(name);
      expect(await one.invoke(EVENTS[name]())).toMatchObject({ statusCode: 503 });
      const lines = linesOf(one).filter((line) => Reflect.get(Object(line), 'event') === 'secret.mistakes');
      expect(lines).toHaveLength(1);
      const said = JSON.stringify(lines);
      for (const member of Object.keys(APP_VALUES)) expect(said).toContain(member);
    },
  );

  it.each(['alerts', 'slack'] as const)(
    '%s lets nobody in while there is no secret, and works once it is there',
    async (name) => {
      peers.secrets.set(APP_SECRET, null);
      const one = await start(name);
      expect(await one.invoke(EVENTS[name]())).toMatchObject({ statusCode: 503 });
      expect(one.output()).toContain('ResourceNotFoundException');
      peers.secrets.set(APP_SECRET, JSON.stringify(APP_VALUES));
      const answer = () => one.invoke(EVENTS[name]()).then((result) => Reflect.get(Object(result), 'statusCode'));
      await expect.poll(answer, { timeout: 5_000 }).toBe(name === 'alerts' ? 202 : 200);
    },
  );

  it.each(['alerts', 'slack'] as const)(
    '%s names every variable that is missing, in one line, and starts all the same',
    async (name) => {
      const one = await start(name, { APP_SECRET_ID: null, JOBS_QUEUE_URL: null, TRIAGE_QUEUE_URL: 'nowhere' });
      expect(await one.invoke(EVENTS[name]())).toMatchObject({ statusCode: 503 });
      const [line, ...others] = linesOf(one).filter((line) => Reflect.get(Object(line), 'event') === 'config.mistakes');
      expect(others).toEqual([]);
      for (const variable of ['APP_SECRET_ID', 'JOBS_QUEUE_URL', 'TRIAGE_QUEUE_URL'])
        expect(JSON.stringify(line)).toContain(variable);
    },
  );

  it.each([
    ['cannot be read', { AWS_ENDPOINT_URL_DYNAMODB: NOWHERE }],
    ['is not named', { TABLE_NAME: null }],
  ])('health is unhealthy when its table %s, and needs no secret', async (_, change) => {
    const { invoke } = await start('health', { ...change, APP_SECRET_ID: null });
    const result = await invoke(httpEvent('/health', '', {}, 'GET'));
    expect(result).toMatchObject({ statusCode: 503, body: expect.stringContaining('"status":"unhealthy"') });
    expect(peers.secrets.asked()).toBe(0);
  });
});
