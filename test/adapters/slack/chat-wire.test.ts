import { describe, expect, it } from 'vitest';
import { type Call, openScript } from './script.ts';

const MESSAGE = { text: 'P1 down', blocks: [{ type: 'divider' }] };
const MARK = { eventType: 'mistral_incident', payload: { incident_id: 'INC-1' } };
const POSTED = { ok: true, channel: 'C0INCIDENTS', ts: '1764000000.000100' };

describe('what goes over the wire', () => {
  it('of a post is the content, the mark, and that Slack shall add nothing of its own', async () => {
    const { chat, calls, seen } = await openScript({ 'chat.postMessage': POSTED });
    await chat.post({ channel: 'C0INCIDENTS', threadTs: '1763999999.000100' }, MESSAGE, MARK);
    expect(calls).toEqual([
      {
        method: 'chat.postMessage',
        args: {
          channel: 'C0INCIDENTS',
          thread_ts: '1763999999.000100',
          text: 'P1 down',
          blocks: '[{"type":"divider"}]',
          metadata: '{"event_type":"mistral_incident","event_payload":{"incident_id":"INC-1"}}',
          link_names: 'false',
          parse: 'none',
          unfurl_links: 'false',
          unfurl_media: 'false',
        },
      },
    ]);
    expect(seen[0]?.headers.authorization).toBe('Bearer xoxb-test-bot-token');
    expect(seen[0]?.body).not.toContain('xoxb');
  });

  it('of an edit is the same content at its place', async () => {
    const { chat, calls } = await openScript({ 'chat.update': POSTED });
    await chat.edit({ channel: 'C0INCIDENTS', ts: '1764000000.000100' }, MESSAGE, MARK);
    expect(calls[0]?.args).toEqual({
      channel: 'C0INCIDENTS',
      ts: '1764000000.000100',
      text: 'P1 down',
      blocks: '[{"type":"divider"}]',
      metadata: '{"event_type":"mistral_incident","event_payload":{"incident_id":"INC-1"}}',
      link_names: 'false',
      parse: 'none',
    });
  });

  it('of a whisper names the person', async () => {
    const { chat, calls } = await openScript({ 'chat.postEphemeral': { ok: true, message_ts: '1.2' } });
    await chat.whisper({ channel: 'C0INCIDENTS', user: 'U0MAYA' }, MESSAGE);
    expect(calls[0]?.args).toMatchObject({ user: 'U0MAYA', parse: 'none', link_names: 'false' });
  });
});

describe('a mark', () => {
  const message = (ts: string, more: Readonly<Record<string, unknown>>) => ({
    ts,
    bot_id: 'B0TRIAGE',
    metadata: { event_type: 'mistral_incident', event_payload: { incident_id: 'INC-1' } },
    ...more,
  });
  const find = async (messages: readonly unknown[]) => {
    const { chat, count } = await openScript({
      'conversations.history': { ok: true, messages },
      'auth.test': { ok: true, bot_id: 'B0TRIAGE' },
    });
    const where = { channel: 'C1', threadTs: null, sinceMs: 0 };
    const found = await chat.find(where, MARK);
    await chat.find(where, MARK);
    return { found: found.map((one) => one.ts), authTests: count('auth.test') };
  };

  it('that another app or a person copied is not ours', async () => {
    const messages = [message('3.0', { bot_id: 'B0OTHER' }), message('2.0', { bot_id: undefined }), message('1.0', {})];
    expect(await find(messages)).toEqual({ found: ['1.0'], authTests: 1 });
  });

  it('of a strange shape does not hide ours', async () => {
    const strange = [null, 'x', [], {}, { event_type: 7 }, { event_type: 'mistral_incident', event_payload: null }];
    const messages = strange.map((metadata, index) => message(`${index + 2}.0`, { metadata }));
    expect((await find([...messages, message('1.0', { bot_id: 'B0TRIAGE' })])).found).toEqual(['1.0']);
  });

  it('that nobody has needs no further question', async () => {
    expect(await find([message('1.0', { metadata: undefined })])).toEqual({ found: [], authTests: 0 });
  });

  it('is known for ours without a further question once the chat is warm', async () => {
    const { chat, calls } = await openScript({
      'conversations.history': { ok: true, messages: [message('1.0', {})] },
      'auth.test': { ok: true, bot_id: 'B0TRIAGE' },
    });
    await chat.warmUp();
    await chat.find({ channel: 'C1', threadTs: null, sinceMs: 0 }, MARK);
    expect(calls.map(({ method }) => method)).toEqual(['auth.test', 'conversations.history']);
  });

  it('is not given up to pages that go round in a circle', async () => {
    const page = { ok: true, messages: [], response_metadata: { next_cursor: 'again' } };
    const { chat } = await openScript({ 'conversations.history': page });
    const found = chat.find({ channel: 'C1', threadTs: null, sinceMs: 0 }, MARK);
    await expect(found).rejects.toMatchObject({ failure: 'ambiguous' });
  });
});

describe('the name of a channel', () => {
  const list = (id: string) => ({
    ok: true,
    channels: [
      { id: 'C0A', name: 'a' },
      { id, name: 'incidents' },
    ],
  });
  const edit = { channel: 'incidents', ts: '1764000000.000100' };

  it('is looked up once, and again after ten minutes, because it may belong to another one by then', async () => {
    const { chat, calls, count, time } = await openScript({
      'conversations.list': (_: Call, nth: number) => list(nth === 0 ? 'C0OLD' : 'C0NEW'),
      'chat.update': POSTED,
    });
    await chat.edit(edit, MESSAGE, MARK);
    time.nowMs += 599_999;
    await chat.edit(edit, MESSAGE, MARK);
    expect(count('conversations.list')).toBe(1);
    time.nowMs += 1;
    await chat.edit(edit, MESSAGE, MARK);
    expect(calls.filter((call) => call.method === 'chat.update').map((call) => call.args['channel'])).toEqual([
      'C0OLD',
      'C0OLD',
      'C0NEW',
    ]);
  });

  it('needs no look-up after a post, which tells the id', async () => {
    const { chat, calls, count } = await openScript({ 'chat.postMessage': POSTED, 'chat.update': POSTED });
    await chat.post({ channel: '#incidents', threadTs: null }, MESSAGE, MARK);
    await chat.edit(edit, MESSAGE, MARK);
    expect(count('conversations.list')).toBe(0);
    expect(calls.at(-1)?.args['channel']).toBe('C0INCIDENTS');
  });

  it('is searched on every page', async () => {
    const { chat, calls } = await openScript({
      'conversations.list': (call: Call) =>
        call.args['cursor'] === 'p2'
          ? list('C0LATE')
          : { ok: true, channels: [{ id: 'C0B', name: 'b' }], response_metadata: { next_cursor: 'p2' } },
      'chat.update': POSTED,
    });
    await chat.edit(edit, MESSAGE, MARK);
    expect(calls.at(-1)?.args['channel']).toBe('C0LATE');
  });

  it('is searched among public channels alone when the app may not see private ones', async () => {
    const { chat, calls } = await openScript({
      'conversations.list': (call: Call) =>
        call.args['types']?.includes('private') ? { ok: false, error: 'missing_scope' } : list('C0PUBLIC'),
      'chat.update': POSTED,
    });
    await chat.edit(edit, MESSAGE, MARK);
    expect(calls.at(-1)?.args['channel']).toBe('C0PUBLIC');
  });
});

describe('joining', () => {
  const outside = { ok: false, error: 'not_in_channel' };
  const post = { channel: 'C0INCIDENTS', threadTs: null };

  it('happens once: a second refusal is told', async () => {
    const { chat, count } = await openScript({ 'chat.postMessage': outside, 'conversations.join': { ok: true } });
    await expect(chat.post(post, MESSAGE, MARK)).rejects.toMatchObject({ failure: 'not-in-channel' });
    expect([count('chat.postMessage'), count('conversations.join')]).toEqual([2, 1]);
  });

  it.each(['method_not_supported_for_channel_type', 'missing_scope', 'channel_not_found', 'is_archived'])(
    'that is refused (%s) ends in the advice to invite',
    async (error) => {
      const { chat, count } = await openScript({
        'chat.postMessage': outside,
        'conversations.join': { ok: false, error },
      });
      await expect(chat.post(post, MESSAGE, MARK)).rejects.toMatchObject({
        failure: 'not-in-channel',
        message: 'The bot is not in C0INCIDENTS and may not join it: somebody must type /invite for the bot there.',
      });
      expect(count('chat.postMessage')).toBe(1);
    },
  );

  it('that could not be asked for keeps its own reason', async () => {
    const { chat } = await openScript({
      'chat.postMessage': outside,
      'conversations.join': { ok: false, error: 'ratelimited' },
    });
    await expect(chat.post(post, MESSAGE, MARK)).rejects.toMatchObject({ failure: 'rate-limited' });
  });
});
