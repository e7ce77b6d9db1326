import { channel } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  buttonBody,
  commandBody,
  jobsThat,
  NOW_MS,
  openHandler,
  press,
  SECRET,
  signed,
  unsigned,
} from './slack-parts.ts';

describe('what a click becomes', () => {
  it('is one job with the person, the place and the value', async () => {
    const { handle, queued } = await openHandler();
    expect(await handle(signed(buttonBody()))).toEqual({ statusCode: 200, headers: {}, body: '' });
    const jobs = await queued();
    expect(jobs.map((job) => job.body)).toEqual([
      {
        kind: 'slack',
        acceptedAt: '2026-11-20T12:00:00.000Z',
        request: {
          user: 'U0MAYA',
          team: 'T0TRIAGE',
          channel: 'C0INCIDENTS',
          messageTs: '1764000000.000100',
          action: 'incident.acknowledge',
          value: 'INC-1',
          isBot: false,
        },
      },
    ]);
    expect(jobs[0]?.id).toMatch(/^slack-[0-9a-f]{64}$/);
  });

  it('of a command is one job with its text', async () => {
    const { handle, queued } = await openHandler();
    await handle(signed(commandBody('  severity P2 ')));
    expect((await queued()).map((job) => (job.body.kind === 'slack' ? job.body.request : null))).toEqual([
      {
        user: 'U0MAYA',
        team: 'T0TRIAGE',
        channel: 'C0INCIDENTS',
        messageTs: null,
        action: 'command',
        value: 'severity P2',
        isBot: false,
      },
    ]);
  });

  it.each([
    ['', /"On it: the answer comes as a message in this channel\./],
    ['triage payments', /"On it: the answer comes as a message in this channel\./],
    ['status', /^$/],
    ['rotate-key', /^$/],
  ])('is answered at once: the command "%s"', async (text, body) => {
    const { handle } = await openHandler();
    const result = await handle(signed(commandBody(text)));
    expect(result.statusCode).toBe(200);
    expect(result.body).toMatch(body);
  });

  it('finds message and channel of a button in an ephemeral message, which has no message of its own', async () => {
    const { handle, queued } = await openHandler();
    await handle(signed(buttonBody({ message: undefined, channel: undefined })));
    const [job] = await queued();
    expect(job?.body).toMatchObject({ request: { channel: 'C0INCIDENTS', messageTs: '1764000000.000100' } });
  });

  it('needs no call to Slack', async () => {
    const requests: unknown[] = [];
    const count = (message: unknown) => requests.push(message);
    channel('undici:request:create').subscribe(count);
    onTestFinished(() => {
      channel('undici:request:create').unsubscribe(count);
    });
    const { handle } = await openHandler();
    await handle(signed(commandBody()));
    await handle(signed(buttonBody()));
    expect(requests).toEqual([]);
  });
});

describe('the same click', () => {
  it('delivered twice, also at once, is one job', async () => {
    const { handle, queued } = await openHandler();
    const results = await Promise.all([handle(signed(buttonBody())), handle(signed(buttonBody()))]);
    await handle(signed(buttonBody(), { headers: { 'x-slack-retry-num': '1' } }));
    await handle(signed(commandBody('ack')));
    await handle(signed(commandBody('ack')));
    expect(results.map((result) => result.statusCode)).toEqual([200, 200]);
    expect(await queued()).toHaveLength(2);
  });

  it.each([
    ['pressed again', press({ action_ts: '1764000001.000300' })],
    ['on the button of another incident in the same moment', press({ value: 'INC-2' })],
    ['on another message in the same moment', { ...press({}), message: { ts: '1764000009.000100', text: 'P1' } }],
    ['by another person', { user: { id: 'U0NOAH', team_id: 'T0TRIAGE' } }],
    ['on another button', press({ action_id: 'incident.resolve' })],
    ['in another workspace', { team: { id: 'T0OTHER' }, user: { id: 'U0MAYA' } }],
  ])('%s is a second job', async (_, changed) => {
    const { handle, queued } = await openHandler();
    await handle(signed(buttonBody()));
    await handle(signed(buttonBody(changed)));
    expect(await queued()).toHaveLength(2);
  });

  it('is known by its trigger when it has no time of its own', async () => {
    const { handle, queued } = await openHandler();
    const body = buttonBody(press({ action_ts: undefined }));
    await handle(signed(body));
    await handle(signed(body));
    await handle(signed(buttonBody({ ...press({ action_ts: undefined }), trigger_id: '1.3.button' })));
    expect(await queued()).toHaveLength(2);
  });
});

describe('the check of the certificate', () => {
  const ask = { ...unsigned('', { method: 'GET' }), rawQueryString: 'ssl_check=1&token=x' };
  it.each([
    ['by POST, unsigned', unsigned('ssl_check=1&token=x')],
    ['by POST with a command in it', signed(commandBody('', { ssl_check: '1' }))],
    ['by GET', ask],
  ])('gets 200 and nothing else: %s', async (_, event) => {
    const { handle, queued } = await openHandler();
    expect(await handle(event)).toEqual({ statusCode: 200, headers: {}, body: '' });
    expect(await queued()).toEqual([]);
  });

  it('is not searched for in a large body without a signature', async () => {
    const { handle } = await openHandler();
    expect((await handle(unsigned(`ssl_check=1&pad=${'x'.repeat(2000)}`))).statusCode).toBe(401);
  });
});

it.each(['GET', 'PUT', 'DELETE', 'HEAD'])('%s is no method of Slack', async (method) => {
  const { handle } = await openHandler();
  expect((await handle(signed(commandBody(), { method }))).statusCode).toBe(405);
});

it('no secret, token or response address is in any answer or log line', async () => {
  const { handle, lines } = await openHandler({ jobs: jobsThat(() => Promise.reject(new Error(SECRET))) });
  const events = [
    signed(commandBody()),
    signed(buttonBody()),
    signed('payload=%7B'),
    signed(commandBody(), { secret: 'test-signing-secret-other' }),
    unsigned(buttonBody()),
  ];
  const results = await Promise.all(events.map((event) => handle(event)));
  const sinks = inspect([results, lines], { depth: 10 });
  expect(lines.length).toBeGreaterThan(0);
  for (const word of [SECRET, 'test-verification-token', 'test-response-address', 'v0='])
    expect(sinks).not.toContain(word);
});

it('a listener that breaks is 500, and the log tells its kind alone', async () => {
  let asked = 0;
  const nowMs = () => {
    asked += 1;
    if (asked > 1) throw new RangeError(`broken with ${SECRET}`);
    return NOW_MS;
  };
  const { handle, lines } = await openHandler({ clock: { nowMs } });
  expect(await handle(signed(buttonBody()))).toEqual({
    statusCode: 500,
    headers: { 'x-slack-no-retry': '1' },
    body: '',
  });
  expect(lines).toEqual([['slack.bolt', { level: 'error', kind: 'RangeError' }]]);
});

it('a body that Slack sends again is noted, since we were too slow or broken the first time', async () => {
  const { handle, lines } = await openHandler();
  await handle(signed(buttonBody(), { headers: { 'X-Slack-Retry-Num': '2', 'X-Slack-Retry-Reason': 'http_timeout' } }));
  await handle(signed(buttonBody(), { headers: { 'X-Slack-Retry-Num': 'many' } }));
  expect(lines).toEqual([['slack.sent-again', { retryNum: 2 }]]);
});
