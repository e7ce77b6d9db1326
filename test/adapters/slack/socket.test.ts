import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSlackInbox } from '../../../lib/adapters/slack/inbox.ts';
import { openSlackSocket } from '../../../lib/adapters/slack/socket.ts';
import type { Jobs } from '../../../lib/ports/jobs.ts';
import { buttonPayload, commandBody, jobsThat, openQueue, press } from '../../functions/slack-parts.ts';
import { openSocketPeer } from './socket-server.ts';
import { answerJson, listen } from './web-server.ts';

const APP_TOKEN = 'xapp-test-app-token';
const QUICK = { helloMs: 5000, closeMs: 50, firstMs: 1000, longestMs: 5000, steadyMs: 0 };
const never = () => new Promise<never>(() => undefined);

type Changed = {
  readonly jobs?: Jobs;
  readonly wait?: () => Promise<void>;
  readonly patience?: Partial<typeof QUICK>;
};

/** The socket on the real inbox and the real embedded queue. */
const open = async (apiUrl: string, { jobs, wait = never, patience }: Changed = {}) => {
  const queue = await openQueue();
  const lines: unknown[] = [];
  const told: string[] = [];
  const rests: number[] = [];
  // Not to be waited out: as long as Slack itself may ask for.
  const rest = async (ms: number, cut: AbortSignal) => {
    rests.push(ms);
    if (ms > QUICK.longestMs && !cut.aborted) await once(cut, 'abort');
  };
  const clock = { nowMs: Date.now };
  const log = (event: string, fields?: unknown) => lines.push([event, fields]);
  const receive = createSlackInbox({ jobs: jobs ?? queue.jobs, clock, wait, log, team: null });
  const socket = openSlackSocket({
    appToken: APP_TOKEN,
    apiUrl,
    timeoutMs: 5000,
    receive,
    clock,
    log,
    tell: (line) => told.push(line),
    patience: { ...QUICK, ...patience },
    rest,
  });
  onTestFinished(socket.stop);
  return { socket, told, rests, lines, queued: queue.queued };
};

const command = (id: string, text = 'status') => ({
  envelope_id: id,
  type: 'slash_commands',
  accepts_response_payload: true,
  payload: Object.fromEntries(new URLSearchParams(commandBody(text))),
});

const click = (id: string, changed: Readonly<Record<string, unknown>> = {}) => ({
  envelope_id: id,
  type: 'interactive',
  accepts_response_payload: false,
  payload: buttonPayload(changed),
});

describe('what comes over the socket', () => {
  it('is asked for with the app-level token', async () => {
    const slack = await openSocketPeer();
    await open(slack.apiUrl);
    await slack.connection(1);
    expect(slack.tokens).toEqual([`Bearer ${APP_TOKEN}`]);
  });

  it('becomes a job and is acknowledged by its own number', async () => {
    const slack = await openSocketPeer();
    const { queued } = await open(slack.apiUrl);
    const connection = await slack.connection(1);
    connection.send(click('e-1'));
    expect(await slack.acked()).toEqual({ envelope_id: 'e-1', payload: {} });
    connection.send(command('e-2'));
    expect(await slack.acked()).toEqual({ envelope_id: 'e-2', payload: {} });
    expect((await queued()).map((job) => job.body)).toMatchObject([
      { kind: 'slack', request: { action: 'incident.acknowledge', value: 'INC-1', user: 'U0MAYA' } },
      { kind: 'slack', request: { action: 'command', value: 'status' } },
    ]);
  });

  it('is one job, however often Slack sends it', async () => {
    const slack = await openSocketPeer();
    const { queued } = await open(slack.apiUrl);
    const connection = await slack.connection(1);
    for (const id of ['e-1', 'e-2']) {
      connection.send(click(id));
      await slack.acked();
    }
    expect(await queued()).toHaveLength(1);
  });

  it('shows a person at once what the answer of the command says', async () => {
    const slack = await openSocketPeer();
    await open(slack.apiUrl);
    (await slack.connection(1)).send(command('e-1', ''));
    expect((await slack.acked()).payload).toEqual({
      response_type: 'ephemeral',
      text: expect.stringContaining('the answer comes as a message in this channel'),
    });
  });

  it('is acknowledged only after the queue has it', async () => {
    const slack = await openSocketPeer();
    const steps: string[] = [];
    const { jobs, asked, finish } = slowJobs(() => steps.push('stored'));
    await open(slack.apiUrl, { jobs });
    (await slack.connection(1)).send(click('e-1'));
    await asked;
    expect(slack.acks).toEqual([]);
    finish();
    await slack.acked();
    steps.push('acknowledged');
    expect(steps).toEqual(['stored', 'acknowledged']);
  });

  it.each([
    ['fails', jobsThat(() => Promise.reject(new Error('disk full at test-secret-place')))],
    ['hangs', jobsThat(never)],
  ])('and cannot be stored because the queue %s is told to the person', async (_, jobs) => {
    const replies = await listen((_seen, response) => answerJson(response, { ok: true }));
    const slack = await openSocketPeer();
    const { lines } = await open(slack.apiUrl, { jobs, wait: () => Promise.resolve() });
    const connection = await slack.connection(1);
    connection.send(command('e-1'));
    const text = 'Not stored, nothing was done: please press again.';
    expect((await slack.acked()).payload).toEqual({ response_type: 'ephemeral', text });
    connection.send(click('e-2', { response_url: `${replies.url}/reply` }));
    await slack.acked();
    expect(replies.seen.map((seen) => JSON.parse(seen.body))).toMatchObject([{ text, replace_original: false }]);
    expect(inspect(lines, { depth: 10 })).not.toContain('test-secret-place');
  });

  it.each([
    ['is no click', { ...click('e-1'), payload: { type: 'block_actions', actions: [] } }],
    ['is nothing', { ...click('e-1'), payload: 'x' }],
    ['nobody listens to', { ...command('e-1'), payload: { ...command('e-1').payload, command: '/other' } }],
  ])('and %s is not acknowledged, and the next one is heard', async (_, envelope) => {
    const slack = await openSocketPeer();
    const { lines } = await open(slack.apiUrl);
    const connection = await slack.connection(1);
    connection.send(envelope);
    connection.send(click('e-2'));
    expect((await slack.acked()).envelope_id).toBe('e-2');
    expect(slack.acks).toHaveLength(1);
    expect(inspect(lines)).toContain('slack.socket-unanswered');
  });
});

/** A queue that says when it is asked, and has the job when `finish` is called. */
const slowJobs = (stored: () => unknown) => {
  let noteAsked: () => void = () => undefined;
  let finish: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    noteAsked = resolve;
  });
  const jobs = jobsThat(
    () =>
      new Promise((resolve) => {
        finish = () => {
          stored();
          resolve();
        };
        noteAsked();
      }),
  );
  return { jobs, asked, finish: () => finish() };
};

describe('a connection that ends', () => {
  it.each([
    ['by a warning that Slack will renew it', { type: 'disconnect', reason: 'warning' }],
    ['because Slack renews it', { type: 'disconnect', reason: 'refresh_requested' }],
  ])('%s is opened again, quietly', async (_, goodbye) => {
    const slack = await openSocketPeer();
    const { socket, told, rests, queued } = await open(slack.apiUrl);
    const first = await slack.connection(1);
    await socket.tried;
    first.send(goodbye);
    await first.closed;
    (await slack.connection(2)).send(click('e-1'));
    await slack.acked();
    expect(await queued()).toHaveLength(1);
    expect(told).toEqual([]);
    expect(rests).toEqual([0]);
  });

  it('without a word is opened again', async () => {
    const slack = await openSocketPeer();
    await open(slack.apiUrl);
    (await slack.connection(1)).cut();
    (await slack.connection(2)).send(click('e-1'));
    expect((await slack.acked()).envelope_id).toBe('e-1');
  });

  it.each([
    ['link_disabled', /switched off in the settings of the app/],
    ['too_many_websockets', /too many programs/],
    ['something new', /Slack closed the connection/],
  ])('at once and again (%s) is told once, and tried ever more slowly', async (reason, words) => {
    const slack = await openSocketPeer();
    const { told, rests } = await open(slack.apiUrl, { patience: { steadyMs: 60_000 } });
    for (const n of [1, 2, 3, 4]) (await slack.connection(n)).send({ type: 'disconnect', reason });
    await slack.connection(5);
    expect(told.filter((line) => words.test(line))).toHaveLength(1);
    expect(rests).toEqual([1000, 2000, 4000, 5000]);
  });
});

const refuse = (error: string) => (response: ServerResponse, n: number) => {
  if (n < 3) answerJson(response, { ok: false, error });
  return n >= 3;
};

describe('a Slack that will not have us', () => {
  it.each([
    ['invalid_auth', /invalid_auth.*SLACK_APP_TOKEN/],
    ['token_revoked', /token_revoked.*SLACK_APP_TOKEN/],
    ['missing_scope', /missing_scope.*connections:write/],
    ['internal_error', /internal_error/],
  ])('(%s) is told in one line without the token, tried again, and its end is told', async (error, words) => {
    const slack = await openSocketPeer({ open: refuse(error) });
    const { socket, told, queued } = await open(slack.apiUrl);
    await socket.tried;
    expect(told).toHaveLength(1);
    (await slack.connection(1)).send(click('e-1'));
    await slack.acked();
    expect(await queued()).toHaveLength(1);
    expect(told).toEqual([expect.stringMatching(words), 'slack: socket mode is connected again']);
    expect(told.join()).not.toContain(APP_TOKEN);
  });

  it('is left alone as long as it asks', async () => {
    const limited = (response: ServerResponse, n: number) => {
      if (n === 1) response.writeHead(429, { 'retry-after': '3600' }).end();
      return n > 1;
    };
    const slack = await openSocketPeer({ open: limited });
    const { socket, told, rests } = await open(slack.apiUrl);
    await socket.tried;
    expect(told).toHaveLength(1);
    await socket.stop();
    expect(rests).toEqual([3_600_000]);
    expect(slack.tokens).toHaveLength(1);
  });

  it('or cannot be reached ends no process', async () => {
    // Nobody listens there.
    const { socket, told } = await open('http://127.0.0.1:2/api/');
    await socket.tried;
    expect(told).toEqual([expect.stringContaining('not reachable (ECONNREFUSED). Clicks')]);
  });

  it('or says no hello is asked again', async () => {
    const slack = await openSocketPeer({ saysHello: false });
    const { socket, told } = await open(slack.apiUrl, { patience: { helloMs: 50 } });
    await socket.tried;
    expect(told).toEqual([expect.stringContaining('does not answer')]);
    await slack.connection(2);
  });
});

describe('at the end', () => {
  it('what was begun is finished and acknowledged, what comes later is left to Slack', async () => {
    const slack = await openSocketPeer();
    const { jobs, asked, finish } = slowJobs(() => undefined);
    const { socket } = await open(slack.apiUrl, { jobs });
    const connection = await slack.connection(1);
    connection.send(click('e-1'));
    await asked;
    const stopped = socket.stop();
    connection.send(click('e-2', press({ action_ts: '2' })));
    await connection.wasRead();
    finish();
    await stopped;
    await connection.closed;
    expect(slack.acks.map((ack) => ack.envelope_id)).toEqual(['e-1']);
  });

  it.each([
    ['answers a goodbye', {}],
    ['does not answer a goodbye', { answersGoodbye: false }],
    ['never said hello', { saysHello: false }],
  ])('nothing stays open to a Slack that %s', async (_, behaviour) => {
    const slack = await openSocketPeer(behaviour);
    const { socket } = await open(slack.apiUrl);
    const { wasRead, closed } = await slack.connection(1);
    await wasRead();
    await socket.stop();
    await closed;
    expect(slack.tokens).toHaveLength(1);
  });
});
