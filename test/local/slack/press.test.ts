import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { actions, button, openSlack, openWithButtons, plain, recordsOf, SIGNING_SECRET } from './open.ts';

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
    [{ block_id: 'elsewhere', value: 'v2' }, 'no such button'],
    [{ block_id: 'elsewhere', value: 'v1', action_id: undefined }, 'no such button'],
    [{ ts: '1.000100' }, 'no such message'],
    [{ ts: 'nonsense' }, 'no such message'],
    [{ user: 'U0TRIAGE' }, 'no such person'],
    [{ channel: 'C0NOWHERE' }, 'no such channel'],
  ])('with %j goes nowhere', async (more, why) => {
    const { bot, click } = await openWithButtons();
    expect(await click(more)).toEqual({ ok: false, why });
    expect(bot.heard).toEqual([]);
  });

  it('goes through when the message was edited meanwhile and still has the button', async () => {
    const { bot, click } = await openWithButtons();
    expect(await click({ block_id: 'from-before', value: 'v1' })).toEqual({ ok: true, status: 200 });
    expect(bot.payload()['actions']).toMatchObject([
      { action_id: 'incident.resolve', block_id: 'buttons', value: 'v1' },
    ]);
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
