import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { actions, button, openSlack, plain, recordsOf, SIGNING_SECRET, wordOf } from './open.ts';

const UNPACED = { limits: { messagesPerSecondPerChannel: false } };

const openWithButtons = async () => {
  const slack = await openSlack(UNPACED);
  const posted = await slack.client.chat.postMessage({
    channel: 'incidents',
    text: 'P1',
    blocks: [actions('incident.acknowledge', 'incident.resolve')],
    metadata: { event_type: 'mistral_incident', event_payload: { incident_id: 'INC-1' } },
  });
  const ts = String(posted.ts);
  const click = (more: Record<string, unknown> = {}) =>
    slack.press('click', { user: 'U0MAYA', channel: 'C0INCIDENTS', ts, action_id: 'incident.resolve', ...more });
  return { ...slack, ts, click };
};

describe('a click', () => {
  it('reaches the bot signed over the very bytes', async () => {
    const { bot, click } = await openWithButtons();
    expect(await click()).toEqual({ ok: true, status: 200 });
    const [heard] = bot.heard;
    const timestamp = heard?.headers['x-slack-request-timestamp'];
    expect(timestamp).toBe('1763632800');
    const expected = createHmac('sha256', SIGNING_SECRET).update(`v0:${timestamp}:${heard?.body}`).digest('hex');
    expect(heard?.headers['x-slack-signature']).toBe(`v0=${expected}`);
    expect(heard?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  });

  it('says who pressed what, where', async () => {
    const { bot, click, ts } = await openWithButtons();
    await click({ user: 'U0NOAH' });
    expect(bot.payload()).toMatchObject({
      type: 'block_actions',
      team: { id: 'T0TRIAGE' },
      user: { id: 'U0NOAH', username: 'noah', team_id: 'T0TRIAGE' },
      api_app_id: 'A0TRIAGE',
      channel: { id: 'C0INCIDENTS', name: 'incidents' },
      container: { type: 'message', message_ts: ts, channel_id: 'C0INCIDENTS', is_ephemeral: false },
      message: { ts, metadata: { event_payload: { incident_id: 'INC-1' } } },
      actions: [
        {
          action_id: 'incident.resolve',
          block_id: 'buttons',
          value: 'v1',
          type: 'button',
          action_ts: '1763632800.000000',
        },
      ],
    });
  });

  it.each([
    [{ action_id: 'incident.nuke' }, 'no such button'],
    [{ block_id: 'elsewhere' }, 'no such button'],
    [{ ts: '1.000100' }, 'no such message'],
    [{ ts: 'nonsense' }, 'no such message'],
    [{ user: 'U0TRIAGE' }, 'no such person'],
    [{ channel: 'C0NOWHERE' }, 'no such channel'],
  ])('with %j goes nowhere', async (more, why) => {
    const { bot, click } = await openWithButtons();
    expect(await click(more)).toEqual({ ok: false, why });
    expect(bot.heard).toEqual([]);
  });

  it('is exact where two blocks use the same action id', async () => {
    const { client, press, bot } = await openSlack();
    const rows = ['one', 'two'].map((value) => ({
      type: 'actions' as const,
      block_id: value,
      elements: [button('same', value)],
    }));
    const { ts } = await client.chat.postMessage({ channel: 'incidents', text: 'x', blocks: rows });
    await press('click', { user: 'U0MAYA', channel: 'incidents', ts, action_id: 'same', block_id: 'two' });
    expect(bot.payload()['actions']).toMatchObject([{ value: 'two' }]);
  });

  it('sends the chosen option of a menu, and only one that is offered', async () => {
    const { client, press, bot } = await openSlack();
    const options = ['P1', 'P2'].map((value) => ({ text: plain(value), value }));
    const accessory = { type: 'static_select' as const, action_id: 'severity', options };
    const { ts } = await client.chat.postMessage({
      channel: 'incidents',
      text: 'x',
      blocks: [{ type: 'section', text: plain('s'), accessory }],
    });
    const pick = (value: string) =>
      press('click', { user: 'U0MAYA', channel: 'incidents', ts, action_id: 'severity', value });
    expect(await pick('P2')).toMatchObject({ ok: true });
    expect(bot.payload()['actions']).toMatchObject([{ type: 'static_select', selected_option: { value: 'P2' } }]);
    expect(await pick('P9')).toEqual({ ok: false, why: 'no such option' });
  });

  it.each([
    [401, 'http_client_error'],
    [503, 'http_service_error'],
    [302, 'http_client_error'],
  ])('that the bot answers with %i says so', async (status, why) => {
    const { bot, click } = await openWithButtons();
    bot.answerWith(status);
    expect(await click()).toEqual({ ok: false, why, status });
  });

  it('can be pressed again when the bot is back', async () => {
    const { bot, click } = await openWithButtons();
    await bot.close();
    expect(await click()).toEqual({ ok: false, why: 'dispatch_failed' });
  });

  it('is given up when the bot does not answer in time', async () => {
    const slack = await openSlack({ limits: { messagesPerSecondPerChannel: false, acknowledgeMs: 60 } });
    const { ts } = await slack.client.chat.postMessage({ channel: 'incidents', text: 'x', blocks: [actions('a')] });
    slack.bot.answerWith(200, '', true);
    const answer = await slack.press('click', { user: 'U0MAYA', channel: 'incidents', ts, action_id: 'a' });
    expect(answer).toEqual({ ok: false, why: 'operation_timeout' });
  });
});

describe('a response_url', () => {
  const useUrl = async (url: unknown, body: unknown) => {
    const response = await fetch(String(url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return [response.status, await response.json()];
  };

  it('whispers to the person who clicked, five times and no more', async () => {
    const { bot, click, look } = await openWithButtons();
    await click();
    const url = bot.payload()['response_url'];
    for (let use = 1; use <= 5; use += 1) expect((await useUrl(url, { text: `answer ${use}` }))[0]).toBe(200);
    expect(await useUrl(url, { text: 'a sixth' })).toEqual([404, { ok: false, error: 'used_url' }]);
    expect((await look('U0MAYA')).ephemerals.map((one) => one['text'])).toEqual([
      'answer 1',
      'answer 2',
      'answer 3',
      'answer 4',
      'answer 5',
    ]);
    expect((await look('U0NOAH')).ephemerals).toEqual([]);
  });

  it('dies after thirty minutes, and lives to the last', async () => {
    const { bot, click, clock } = await openWithButtons();
    await click();
    const url = bot.payload()['response_url'];
    clock.ms += 30 * 60_000;
    expect((await useUrl(url, { text: 'just' }))[0]).toBe(200);
    clock.ms += 1;
    expect(await useUrl(url, { text: 'late' })).toEqual([404, { ok: false, error: 'expired_url' }]);
    expect((await useUrl(`${url}x`, { text: 'guessed' }))[0]).toBe(404);
  });

  it('does not spend a use on a message that is refused', async () => {
    const { bot, click } = await openWithButtons();
    await click();
    const url = bot.payload()['response_url'];
    for (const body of [{ text: '' }, { blocks: [{ type: 'header' }] }, { text: 'x'.repeat(40_001) }])
      expect((await useUrl(url, body))[0]).toBe(400);
    for (let use = 1; use <= 5; use += 1) expect((await useUrl(url, { text: 'x' }))[0]).toBe(200);
  });

  it('posts into the channel, replaces the clicked message, removes it', async () => {
    const { bot, click, look } = await openWithButtons();
    await click();
    const url = bot.payload()['response_url'];
    await useUrl(url, { text: 'for all', response_type: 'in_channel' });
    await useUrl(url, { text: 'acknowledged', replace_original: true });
    expect((await look('U0NOAH')).messages.map((one) => one['text'])).toEqual(['acknowledged', 'for all']);
    await useUrl(url, { delete_original: true });
    expect((await look('U0NOAH')).messages.map((one) => one['text'])).toEqual(['for all']);
  });

  it('survives a restart of the workspace', async () => {
    const first = await openWithButtons();
    await first.click();
    const url = new URL(String(first.bot.payload()['response_url']));
    await first.close();
    const second = await openSlack({ statePath: first.statePath });
    expect((await useUrl(`${second.origin}${url.pathname}`, { text: 'late but true' }))[0]).toBe(200);
  });
});

describe('an ephemeral message', () => {
  it('is seen and pressed by its person alone, and can be replaced by its answer', async () => {
    const { client, press, bot, look } = await openSlack();
    const shown = await client.chat.postEphemeral({
      channel: 'C0INCIDENTS',
      user: 'U0MAYA',
      text: 'Sure?',
      blocks: [actions('yes')],
    });
    const click = (user: string) =>
      press('click', { user, channel: 'C0INCIDENTS', ts: shown.message_ts, action_id: 'yes' });
    expect(await click('U0NOAH')).toEqual({ ok: false, why: 'no such message' });
    expect(await click('U0MAYA')).toMatchObject({ ok: true });
    const payload = bot.payload();
    expect(payload['container']).toMatchObject({ is_ephemeral: true });
    expect(payload).not.toHaveProperty('message');
    await fetch(String(payload['response_url']), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'Done', replace_original: true }),
    });
    expect((await look('U0MAYA')).ephemerals).toMatchObject([{ ts: shown.message_ts, text: 'Done', blocks: [] }]);
    await press('dismiss', { user: 'U0MAYA', channel: 'C0INCIDENTS', ts: shown.message_ts });
    expect((await look('U0MAYA')).ephemerals).toEqual([]);
    expect((await client.conversations.history({ channel: 'C0INCIDENTS' })).messages).toEqual([]);
  });

  it('needs a person', async () => {
    const { client } = await openSlack();
    expect(await wordOf(client.chat.postEphemeral({ channel: 'C0INCIDENTS', user: 'U0GHOST', text: 'x' }))).toBe(
      'user_not_in_channel',
    );
  });
});

describe('a command', () => {
  const openWithCommand = async (limits = { messagesPerSecondPerChannel: true, acknowledgeMs: 3_000 }) => {
    const slack = await openSlack({ limits });
    return { ...slack, type: (text: string) => slack.press('command', { user: 'U0MAYA', channel: 'incidents', text }) };
  };

  it('arrives as Slack sends it, with people and channels as ids and signs escaped', async () => {
    const { bot, type } = await openWithCommand();
    expect(await type('/mistral-triage  assign @noah in #drills, not @nobody & <!here>')).toEqual({
      ok: true,
      status: 200,
    });
    const form = Object.fromEntries(bot.heard[0]?.form ?? []);
    expect(form).toMatchObject({
      command: '/mistral-triage',
      text: 'assign <@U0NOAH|noah> in <#C0DRILLS|drills>, not @nobody &amp; &lt;!here&gt;',
      user_id: 'U0MAYA',
      channel_id: 'C0INCIDENTS',
      channel_name: 'incidents',
      team_id: 'T0TRIAGE',
      api_app_id: 'A0TRIAGE',
    });
    expect(form['trigger_id']).not.toBe('');
    expect(form['response_url']).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/response\/\S+$/);
  });

  it.each([
    ['plain text', 'All is well', { text: 'All is well' }],
    [
      'JSON',
      JSON.stringify({ text: 'hi', blocks: [{ type: 'divider', block_id: 'd' }] }),
      { text: 'hi', blocks: [{ type: 'divider', block_id: 'd' }] },
    ],
    [
      'invalid blocks',
      JSON.stringify({ blocks: [{ type: 'nope' }] }),
      { text: 'The answer of the app could not be shown: invalid_blocks', from: 'USLACKBOT' },
    ],
  ])('shows an answer of %s to its person alone', async (_name, body, shown) => {
    const { bot, type, look } = await openWithCommand();
    bot.answerWith(200, body);
    await type('/mistral-triage');
    expect((await look('U0MAYA')).ephemerals).toMatchObject([shown]);
    expect((await look('U0NOAH')).ephemerals).toEqual([]);
    expect((await look('U0NOAH')).messages).toEqual([]);
  });

  it('shows an answer to the channel when the bot says so', async () => {
    const { bot, type, look } = await openWithCommand();
    bot.answerWith(200, JSON.stringify({ response_type: 'in_channel', text: 'for all' }));
    await type('/mistral-triage');
    expect((await look('U0NOAH')).messages).toMatchObject([{ text: 'for all', user: 'U0TRIAGE' }]);
  });

  it('that fails tells its person why', async () => {
    const { bot, type, look } = await openWithCommand({ messagesPerSecondPerChannel: true, acknowledgeMs: 60 });
    bot.answerWith(500);
    await type('/mistral-triage');
    bot.answerWith(200, '', true);
    await type('/mistral-triage');
    expect(await type('/other')).toEqual({ ok: false, why: 'not a valid command' });
    expect((await look('U0MAYA')).ephemerals.map((one) => one['text'])).toEqual([
      '/mistral-triage failed with the error "http_service_error"',
      '/mistral-triage failed with the error "operation_timeout"',
      '/other is not a valid command.',
    ]);
    expect(bot.heard.length).toBe(2);
  });
});

describe('a person', () => {
  it('writes in channels and threads, with marks made harmless', async () => {
    const { client, press } = await openSlack();
    const { ts = '' } = await client.chat.postMessage({ channel: 'incidents', text: 'root' });
    await press('message', { user: 'U0NOAH', channel: 'incidents', text: 'see <@U0MAYA> & co', thread_ts: ts });
    const thread = await client.conversations.replies({ channel: 'C0INCIDENTS', ts });
    expect(recordsOf(thread.messages).at(-1)).toMatchObject({
      user: 'U0NOAH',
      text: 'see &lt;@U0MAYA&gt; &amp; co',
      thread_ts: ts,
    });
    expect(
      await press('message', { user: 'U0NOAH', channel: 'incidents', text: 'x', thread_ts: '1.000100' }),
    ).toMatchObject({ ok: false });
  });
});
