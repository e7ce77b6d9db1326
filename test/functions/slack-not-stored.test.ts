import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { answerJson, listen, type Seen } from '../adapters/slack/web-server.ts';
import { buttonBody, commandBody, jobsThat, openHandler, press, signed } from './slack-parts.ts';

const failing = jobsThat(() => Promise.reject(new Error('disk full at test-secret-place')));
const throwing = jobsThat(() => {
  throw new Error('disk full at test-secret-place');
});
const hanging = jobsThat(() => new Promise(() => undefined));

/** A response address of Slack's, as real HTTP. */
const listenForReplies = (status = 200) => listen((_, response) => answerJson(response, { ok: true }, status));

describe.each([
  ['fails', failing],
  ['breaks', throwing],
  ['hangs', hanging],
])('when the queue %s', (_, jobs) => {
  it('a command is answered with "press again"', async () => {
    const { handle } = await openHandler({ jobs, wait: () => Promise.resolve() });
    const result = await handle(signed(commandBody('rotate-key')));
    expect(result.statusCode).toBe(200);
    expect(JSON.parse(result.body)).toEqual({
      response_type: 'ephemeral',
      text: 'Not stored, nothing was done: please press again.',
    });
  });

  it('a button is answered by a message to that person, once, and the message it sits in stays', async () => {
    const slack = await listenForReplies();
    const { handle, lines } = await openHandler({ jobs, wait: () => Promise.resolve() });
    const result = await handle(signed(buttonBody({ response_url: `${slack.url}/reply` })));
    expect(result).toEqual({ statusCode: 200, headers: {}, body: '' });
    expect(slack.seen.map((seen) => JSON.parse(seen.body))).toEqual([
      {
        response_type: 'ephemeral',
        replace_original: false,
        text: 'Not stored, nothing was done: please press again.',
      },
    ]);
    expect(inspect(lines, { depth: 10 })).not.toContain('test-secret-place');
  });
});

it('waits 800 ms for the queue and no longer', async () => {
  const waits: number[] = [];
  const wait = (ms: number) => {
    waits.push(ms);
    return Promise.resolve();
  };
  const { handle } = await openHandler({ jobs: hanging, wait });
  await handle(signed(commandBody()));
  expect(waits).toEqual([800]);
});

it('acknowledges only after the queue has it', async () => {
  const steps: string[] = [];
  let finish = () => steps.push('never');
  const slow = jobsThat(
    () =>
      new Promise((resolve) => {
        finish = () => {
          resolve();
          return steps.push('stored');
        };
      }),
  );
  const { handle } = await openHandler({ jobs: slow, wait: () => new Promise(() => undefined) });
  // The first body loads Bolt.
  await handle(signed(commandBody('', { command: '/other' })));
  const answered = handle(signed(buttonBody())).then(() => steps.push('answered'));
  await new Promise((resolve) => setImmediate(resolve));
  finish();
  await answered;
  expect(steps).toEqual(['stored', 'answered']);
});

const redirectOnce = (seen: Seen, response: ServerResponse) =>
  seen.path === '/there' ? answerJson(response, { ok: true }) : response.writeHead(302, { location: '/there' }).end();

describe('when neither the queue nor the person can be reached', () => {
  it.each([
    ['refused', () => Promise.resolve('http://127.0.0.1:9/reply')],
    ['gone', async () => (await listenForReplies(404)).url],
    ['silent', async () => (await listen(() => undefined)).url],
    ['elsewhere', async () => (await listen(redirectOnce)).url],
  ])('nothing is acknowledged, so that Slack warns by itself: %s', async (_, address) => {
    const { handle } = await openHandler({ jobs: failing });
    const result = await handle(signed(buttonBody({ response_url: await address() })));
    expect(result).toEqual({ statusCode: 500, headers: { 'x-slack-no-retry': '1' }, body: '' });
  });
});

describe('who is refused', () => {
  it.each([
    ['a bot', buttonBody({ user: { id: 'U1', is_bot: true } })],
    ['a bot by its bot id', buttonBody({ bot_id: 'B1' })],
    ['Slackbot', buttonBody({ user: { id: 'USLACKBOT' } })],
    ['a person of another workspace in a shared channel', buttonBody({ user: { id: 'U1', team_id: 'T0OTHER' } })],
    ['another workspace', buttonBody({ team: { id: 'T0OTHER' }, user: { id: 'U1', team_id: 'T0OTHER' } })],
  ])('%s gets told and nothing is stored', async (_, body) => {
    const slack = await listenForReplies();
    const { handle, queued } = await openHandler({ team: 'T0TRIAGE' });
    const payload: unknown = JSON.parse(new URLSearchParams(body).get('payload') ?? '');
    const withReply = buttonBody({
      ...(typeof payload === 'object' ? payload : {}),
      response_url: `${slack.url}/reply`,
    });
    expect((await handle(signed(withReply))).statusCode).toBe(200);
    expect(slack.seen).toHaveLength(1);
    expect(slack.seen[0]?.body).toMatch(/Only people may ask|only people of its own workspace/);
    expect(await queued()).toEqual([]);
  });

  it('a command from another workspace is told in its answer', async () => {
    const { handle, queued } = await openHandler({ team: 'T0TRIAGE' });
    const result = await handle(signed(commandBody('', { team_id: 'T0OTHER' })));
    expect(result.body).toContain('only people of its own workspace');
    expect(await queued()).toEqual([]);
  });

  it.each([
    ['the workspace', 'T0TRIAGE', {}],
    ['the organisation', 'E0ORG', { enterprise: { id: 'E0ORG' } }],
    ['any, when none is configured', null, { team: { id: 'T0OTHER' }, user: { id: 'U1', team_id: 'T0OTHER' } }],
    [
      'a colleague of another workspace of the organisation',
      'T0TRIAGE',
      { enterprise: { id: 'E0ORG' }, user: { id: 'U1', team_id: 'T0SISTER' } },
    ],
    ['an organisation-wide install without a team', 'T0TRIAGE', { team: null }],
  ])('nobody of %s', async (_, team, changed) => {
    const { handle, queued } = await openHandler({ team });
    await handle(signed(buttonBody(changed)));
    expect(await queued()).toHaveLength(1);
  });

  it('is told even when the message cannot reach them: the click is over either way', async () => {
    const { handle } = await openHandler({ team: 'T0OTHER' });
    expect((await handle(signed(buttonBody()))).statusCode).toBe(200);
  });
});

describe('a button that we do not know', () => {
  it('is answered by a message and stores nothing', async () => {
    const slack = await listenForReplies();
    const { handle, queued } = await openHandler();
    const body = buttonBody({ ...press({ action_id: 'approve_request_v1' }), response_url: `${slack.url}/reply` });
    expect((await handle(signed(body))).statusCode).toBe(200);
    expect(slack.seen[0]?.body).toContain('not known to the running version');
    expect(await queued()).toEqual([]);
  });

  it('and only opens a link is acknowledged in silence', async () => {
    const slack = await listenForReplies();
    const { handle, queued } = await openHandler();
    const link = press({ action_id: 'runbook', url: 'https://runbooks.example.com/' });
    expect((await handle(signed(buttonBody({ ...link, response_url: `${slack.url}/reply` })))).statusCode).toBe(200);
    expect(slack.seen).toEqual([]);
    expect(await queued()).toEqual([]);
  });

  it.each(['incident.tomorrow', 'mitigation.rotate-key', 'evidence.collect', 'postmortem.draft', 'triage.ticket'])(
    'but is of our families goes to the worker, which knows what it means: %s',
    async (action_id) => {
      const { handle, queued } = await openHandler();
      await handle(signed(buttonBody(press({ action_id }))));
      expect((await queued())[0]?.body).toMatchObject({ request: { action: action_id } });
    },
  );
});
