import { describe, expect, it } from 'vitest';
import { BOT_TOKEN, clientOf, openSlack, plain, wordOf } from './open.ts';

const mark = { event_type: 'mistral_incident', event_payload: { incident_id: 'INC-1' } };

describe('posting', () => {
  it('takes a channel by name, answers with its id, and keeps blocks and metadata', async () => {
    const { client } = await openSlack();
    const blocks = [{ type: 'header' as const, block_id: 'top', text: plain('P1') }];
    const posted = await client.chat.postMessage({ channel: '#incidents', text: 'P1', blocks, metadata: mark });
    expect(posted.channel).toBe('C0INCIDENTS');
    const read = await client.conversations.history({ channel: 'C0INCIDENTS', include_all_metadata: true });
    expect(read.messages).toMatchObject([
      { ts: posted.ts, text: 'P1', blocks, metadata: mark, bot_id: 'B0TRIAGE', user: 'U0TRIAGE' },
    ]);
  });

  it('hides metadata from a history that did not ask for it', async () => {
    const { client } = await openSlack();
    await client.chat.postMessage({ channel: 'incidents', text: 'x', metadata: mark });
    const read = await client.conversations.history({ channel: 'C0INCIDENTS' });
    expect(read.messages?.[0]).not.toHaveProperty('metadata');
  });

  it('gives every message of a channel its own, growing ts, even when the clock stands or goes back', async () => {
    const { client, clock } = await openSlack({ limits: { messagesPerSecondPerChannel: false } });
    const first = await client.chat.postMessage({ channel: 'incidents', text: '1' });
    const second = await client.chat.postMessage({ channel: 'incidents', text: '2' });
    clock.ms -= 60_000;
    const third = await client.chat.postMessage({ channel: 'incidents', text: '3' });
    expect([first.ts, second.ts, third.ts]).toEqual(['1763632800.000100', '1763632800.000200', '1763632800.000300']);
  });

  it('never gives the ts of a deleted message again', async () => {
    const { client } = await openSlack({ limits: { messagesPerSecondPerChannel: false } });
    const gone = await client.chat.postMessage({ channel: 'incidents', text: '1' });
    await client.chat.delete({ channel: 'C0INCIDENTS', ts: String(gone.ts) });
    const next = await client.chat.postMessage({ channel: 'incidents', text: '2' });
    expect(next.ts).not.toBe(gone.ts);
  });

  it('names blocks and elements that came without a name', async () => {
    const { client } = await openSlack();
    const unnamed = { type: 'button' as const, text: plain('Go') };
    const posted = await client.chat.postMessage({
      channel: 'incidents',
      text: 'x',
      blocks: [{ type: 'actions', elements: [unnamed, unnamed] }],
    });
    const [block] = posted.message?.blocks ?? [];
    expect(block?.block_id).toMatch(/.{5}/);
    const ids = block?.elements?.map((element) => ('action_id' in element ? element.action_id : ''));
    expect(new Set(ids).size).toBe(2);
  });

  it.each([
    ['an unknown channel', { channel: 'nowhere', text: 'x' }, 'channel_not_found'],
    ['neither text nor blocks', { channel: 'incidents', text: '' }, 'no_text'],
    ['40,001 characters', { channel: 'incidents', text: 'x'.repeat(40_001) }, 'msg_too_long'],
    ['40,000 characters', { channel: 'incidents', text: 'x'.repeat(40_000) }, 'ok'],
    ['blocks that are no list', { channel: 'incidents', blocks: '{"type":"divider"}' }, 'invalid_blocks_format'],
    ['blocks that are no JSON', { channel: 'incidents', blocks: '[{' }, 'invalid_blocks_format'],
    ['an unknown thread', { channel: 'incidents', text: 'x', thread_ts: '1.000100' }, 'thread_not_found'],
    [
      'metadata without payload',
      { channel: 'incidents', text: 'x', metadata: '{"event_type":"a"}' },
      'invalid_metadata_schema',
    ],
    ['metadata that is a list', { channel: 'incidents', text: 'x', metadata: '[]' }, 'invalid_metadata_format'],
    [
      'metadata too large',
      {
        channel: 'incidents',
        text: 'x',
        metadata: JSON.stringify({ event_type: 'a', event_payload: { a: 'x'.repeat(8_000) } }),
      },
      'metadata_too_large',
    ],
    ['attachments', { channel: 'incidents', text: 'x', attachments: '[{"text":"old"}]' }, 'invalid_arguments'],
    ['a missing channel', { text: 'x' }, 'invalid_arguments'],
  ])('answers %s as Slack does', async (_name, args, word) => {
    const { client } = await openSlack();
    expect(await wordOf(client.apiCall('chat.postMessage', args))).toBe(word);
  });

  it('says where the invalid block is', async () => {
    const { client } = await openSlack();
    const call = client.chat.postMessage({
      channel: 'incidents',
      text: 'x',
      blocks: [{ type: 'header', text: plain('x'.repeat(151)) }],
    });
    await expect(call).rejects.toMatchObject({
      data: {
        error: 'invalid_blocks',
        response_metadata: {
          messages: ['[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]'],
        },
      },
    });
  });

  it('takes a JSON body and a token in the form', async () => {
    const { origin } = await openSlack();
    const json = await fetch(`${origin}/api/chat.postMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${BOT_TOKEN}` },
      body: JSON.stringify({ channel: 'drills', text: 'é', metadata: mark }),
    });
    expect(await json.json()).toMatchObject({ ok: true, message: { text: 'é', metadata: mark } });
    const form = await fetch(`${origin}/api/auth.test`, {
      method: 'POST',
      body: new URLSearchParams({ token: BOT_TOKEN }),
    });
    expect(await form.json()).toMatchObject({ ok: true, bot_id: 'B0TRIAGE', user_id: 'U0TRIAGE', team_id: 'T0TRIAGE' });
  });
});

describe('the token', () => {
  it.each([
    ['another token', 'other-token', 'invalid_auth'],
    ['a longer one', `${BOT_TOKEN}x`, 'invalid_auth'],
  ])('refuses %s', async (_name, token, word) => {
    const { origin } = await openSlack();
    expect(await wordOf(clientOf(origin, token).auth.test())).toBe(word);
  });

  it('is needed', async () => {
    const { origin } = await openSlack();
    const response = await fetch(`${origin}/api/conversations.list`, { method: 'POST' });
    expect([response.status, await response.json()]).toEqual([200, { ok: false, error: 'not_authed' }]);
  });

  it('is looked at before the method, so that strangers learn no names', async () => {
    const { origin, client } = await openSlack();
    expect(await wordOf(clientOf(origin, 'other-token').apiCall('no.such'))).toBe('invalid_auth');
    expect(await wordOf(client.apiCall('no.such'))).toBe('unknown_method');
    expect(await wordOf(client.apiCall('constructor'))).toBe('unknown_method');
  });
});

describe('editing and deleting', () => {
  it('keeps what an edit leaves out and removes what it empties', async () => {
    const { client, clock } = await openSlack();
    const { ts = '' } = await client.chat.postMessage({
      channel: 'incidents',
      text: 'old',
      blocks: [{ type: 'divider', block_id: 'd' }],
      metadata: mark,
    });
    clock.ms += 5_000;
    const kept = await client.chat.update({ channel: 'C0INCIDENTS', ts, text: 'new' });
    expect(kept.message).toMatchObject({
      text: 'new',
      blocks: [{ type: 'divider' }],
      metadata: mark,
      edited: { ts: '1763632805.000000' },
    });
    const emptied = await client.chat.update({
      channel: 'C0INCIDENTS',
      ts,
      text: 'new',
      blocks: [],
      metadata: {} as never,
    });
    expect(emptied.message).not.toHaveProperty('blocks');
    expect(emptied.message).not.toHaveProperty('metadata');
  });

  it.each(['chat.update', 'chat.delete'])('%s knows only ids, only its own, only what is there', async (method) => {
    const { client, press } = await openSlack();
    const theirs = await press('message', { user: 'U0NOAH', channel: 'incidents', text: 'mine' });
    const own = method === 'chat.update' ? 'cant_update_message' : 'cant_delete_message';
    expect(await wordOf(client.apiCall(method, { channel: 'C0INCIDENTS', ts: theirs['ts'], text: 'x' }))).toBe(own);
    expect(await wordOf(client.apiCall(method, { channel: 'incidents', ts: theirs['ts'], text: 'x' }))).toBe(
      'channel_not_found',
    );
    expect(await wordOf(client.apiCall(method, { channel: 'C0INCIDENTS', ts: '1763632800.999999', text: 'x' }))).toBe(
      'message_not_found',
    );
    expect(await wordOf(client.apiCall(method, { channel: 'C0INCIDENTS', ts: 'now', text: 'x' }))).toBe(
      'message_not_found',
    );
  });

  it('leaves a tombstone where a thread hangs, and nothing where none does', async () => {
    const { client } = await openSlack({ limits: { messagesPerSecondPerChannel: false } });
    const root = await client.chat.postMessage({ channel: 'incidents', text: 'root', metadata: mark });
    const reply = await client.chat.postMessage({ channel: 'incidents', text: 'reply', thread_ts: String(root.ts) });
    await client.chat.delete({ channel: 'C0INCIDENTS', ts: String(root.ts) });
    const thread = await client.conversations.replies({
      channel: 'C0INCIDENTS',
      ts: String(root.ts),
      include_all_metadata: true,
    });
    expect(thread.messages?.map((message) => message.text)).toEqual(['This message was deleted.', 'reply']);
    expect(thread.messages?.[0]).not.toHaveProperty('metadata');
    await client.chat.delete({ channel: 'C0INCIDENTS', ts: String(reply.ts) });
    expect(await wordOf(client.chat.delete({ channel: 'C0INCIDENTS', ts: String(reply.ts) }))).toBe(
      'message_not_found',
    );
  });

  it('links to a message', async () => {
    const { client, origin } = await openSlack();
    const { ts = '' } = await client.chat.postMessage({ channel: 'incidents', text: 'x' });
    const link = await client.chat.getPermalink({ channel: 'C0INCIDENTS', message_ts: ts });
    expect(link.permalink).toBe(`${origin}/?channel=C0INCIDENTS&message=${ts}`);
  });
});
