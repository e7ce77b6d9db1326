import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSlackChat } from '../../lib/adapters/slack/chat.ts';
import { createIds, systemClock, systemWait } from '../../lib/adapters/system.ts';
import type { Parts } from '../../lib/flows/parts.ts';
import { tellDeadLetters } from '../../lib/local/dead-letters.ts';
import { type Bot, runBot } from '../../lib/local/run-bot.ts';
import { openWorld, type World } from '../flows/world.ts';
import { makeAlert } from '../make.ts';

const LIMIT_MS = 10_000;
/** Far longer than a test may last: who waits for this Slack has lost. */
const SLACK_TIMEOUT_MS = 60_000;

/** Takes every call; answers only those whose body does not hold `silentAbout`. */
const openSlowSlack = async (silentAbout: string) => {
  const taken: string[] = [];
  const server: Server = createServer((request, response) => {
    void readBody(request).then((body) => {
      taken.push(`${request.url ?? ''} ${body}`);
      if (body.includes(silentAbout)) return;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ok: true, channel: 'C0ANY', ts: `${Date.now() / 1000}`, user: { id: 'U0MAYA' } }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { server, taken, apiUrl: `http://127.0.0.1:${port}/api/` };
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};

const eventually = async (what: string, look: () => boolean): Promise<void> => {
  const endMs = Date.now() + LIMIT_MS;
  while (!look()) {
    if (Date.now() > endMs) throw new Error(`not within ${LIMIT_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

let world: World;
let bot: Bot;
let slack: Awaited<ReturnType<typeof openSlowSlack>>;
let parts: Parts;
const logged: string[] = [];

const start = async (silentAbout: string): Promise<void> => {
  slack = await openSlowSlack(silentAbout);
  const chat = createSlackChat({
    token: 'test-bot-token',
    apiUrl: slack.apiUrl,
    timeoutMs: SLACK_TIMEOUT_MS,
    clock: systemClock,
  });
  parts = {
    ...world.parts,
    chat,
    people: chat,
    clock: systemClock,
    wait: systemWait,
    ids: createIds(),
    log: (event) => void logged.push(event),
    nudge: (ids) => bot.nudge(ids),
  };
  bot = runBot(parts, world.state.jobs);
};

const postAlert = (name: string, service: string): Promise<void> =>
  parts.jobs.put([
    {
      id: `job-${name}`,
      queue: 'jobs',
      body: {
        kind: 'alerts',
        acceptedAt: new Date().toISOString(),
        truncated: null,
        alerts: [makeAlert({ key: name, group: name, title: name, service })],
      },
    },
  ]);

beforeEach(async () => {
  world = await openWorld({
    services: ['quiet', 'busy'].map((name) => ({ name, models: ['mistral-small-latest'], channel: `channel-${name}` })),
  });
});
afterEach(async () => {
  slack.server.closeAllConnections();
  slack.server.close();
  await bot.stop();
  await world.close();
});

it('tells one channel while a call about another one hangs', async () => {
  await start('channel-quiet');
  await postAlert('first', 'quiet');
  await eventually('the hanging call is made', () => slack.taken.some((call) => call.includes('channel-quiet')));
  await postAlert('second', 'busy');
  await eventually('the other channel is told', () => slack.taken.some((call) => call.includes('channel-busy')));
});

it('works on alerts while the answer to a person hangs', async () => {
  await start('C0PERSON');
  const request = {
    user: 'U0MAYA',
    team: 'T0TEST',
    channel: 'C0PERSON',
    messageTs: null,
    action: 'command',
    value: 'help',
    isBot: false,
  };
  await parts.jobs.put([
    { id: 'job-person', queue: 'jobs', body: { kind: 'slack', request, acceptedAt: new Date().toISOString() } },
  ]);
  await eventually('the answer hangs', () => slack.taken.some((call) => call.includes('postEphemeral')));
  await postAlert('alert', 'busy');
  await eventually('the alert is told', () => slack.taken.some((call) => call.includes('channel-busy')));
});

it('logs a job that is given up, tells the owner in Slack, and counts it for the terminal', async () => {
  const { jobs } = world.state;
  // A kind that no version knows fails each time; this is the last but one.
  await jobs.put([{ id: 'lost', queue: 'mitigate', body: JSON.parse('{"kind":"unknown-kind"}') }]);
  for (let attempt = 1; attempt < 20; attempt += 1)
    for (const job of await jobs.take('mitigate', 1, 1_000)) await jobs.later(job, 0, 'not yet');
  expect(await tellDeadLetters(jobs)).toEqual([]);
  await start('nothing');
  await eventually('the owner is told', () => slack.taken.some((call) => call.includes('mistral_dead_letters')));
  expect(logged).toContain('job.buried');
  const [count, last] = await tellDeadLetters(jobs);
  expect(count).toContain('1 accepted job could not be processed');
  expect(last).toContain('unknown-kind lost: UnknownJob');
});
