import { beforeEach, describe, expect, it } from 'vitest';
import { createSlackChat } from '../../lib/adapters/slack/chat.ts';
import { systemClock } from '../../lib/adapters/system.ts';
import {
  type ChatNote,
  checkChannels,
  createChatNote,
  recheckChannels,
  watchChat,
} from '../../lib/local/watch-chat.ts';
import type { Chat } from '../../lib/ports/chat.ts';
import { openSlack } from '../adapters/slack/embedded.ts';
import { openScript } from '../adapters/slack/script.ts';

const MESSAGE = { text: 'hello', blocks: [] };
const MARK = { eventType: 'test', payload: {} };
const POST = { channel: 'incidents', threadTs: null };

let note: ChatNote;
beforeEach(() => {
  note = createChatNote({ nowMs: () => Date.parse('2026-11-20T03:12:07.000Z') });
});

const refusing = (url: string) =>
  createSlackChat({ token: 'another-token', apiUrl: `${url}/api/`, timeoutMs: 500, clock: systemClock });

describe('the check at the start', () => {
  it('says nothing where all is well, and joins what it may join', async () => {
    const { chat, order, ask } = await openSlack();
    const { channel }: { channel: string } = JSON.parse(
      JSON.stringify(await order('channel', { name: 'outages', member: false })),
    );
    const told: string[] = [];
    await checkChannels({ access: chat, channels: ['incidents', '#outages', 'incidents'], note }, (line) =>
      told.push(line),
    );
    expect(told).toEqual([]);
    expect(await ask('conversations.info', { channel })).toMatchObject({ channel: { is_member: true } });
  });

  it('asks for an invitation to a private channel by its name or id, one line each', async () => {
    const { chat, order } = await openSlack();
    await order('channel', { name: 'secret', member: false, private: true });
    const told: string[] = [];
    await checkChannels({ access: chat, channels: ['secret', 'nowhere'], note }, (line) => told.push(line));
    expect(told).toHaveLength(2);
    for (const line of told) expect(line).toMatch(/^slack: .*(secret|nowhere).*\/invite/);
  });

  it('asks for an invitation where it sees a channel that it may not join', async () => {
    const { chat } = await openScript({
      'auth.test': { ok: true, bot_id: 'B1' },
      'conversations.info': { ok: true, channel: { is_member: false } },
      'conversations.join': { ok: false, error: 'method_not_supported_for_channel_type' },
    });
    const told: string[] = [];
    await checkChannels({ access: chat, channels: ['G0SECRET'], note }, (line) => told.push(line));
    expect(told).toEqual([expect.stringMatching(/not in G0SECRET.*\/invite/)]);
  });

  it('tells a token that is not valid once, not once a channel', async () => {
    const { url } = await openSlack();
    const told: string[] = [];
    await checkChannels({ access: refusing(url), channels: ['incidents', 'other'], note }, (line) => told.push(line));
    expect(told).toEqual([expect.stringContaining('the bot token is not valid')]);
  });

  it('never fails, whatever Slack does', async () => {
    const { chat, order } = await openSlack();
    await order('faults', { mode: 'hang' });
    const told: string[] = [];
    await checkChannels({ access: chat, channels: ['incidents'], note }, (line) => told.push(line));
    expect(told).toHaveLength(1);
  });
});

describe('while it runs', () => {
  it('a refusal is told once, until Slack takes a message again', async () => {
    const { chat, order } = await openSlack();
    const told: string[] = [];
    const watched = watchChat(chat, note, (line) => told.push(line));
    const post = (): Promise<unknown> => watched.post(POST, MESSAGE, MARK).catch(() => null);
    await order('channel', { name: 'incidents', archived: true });
    await post();
    await post();
    expect(told).toEqual([expect.stringContaining('the channel is archived')]);
    await order('channel', { name: 'incidents' });
    await post();
    await post();
    expect(told.slice(1)).toEqual(['slack: takes messages again']);
    await order('channel', { name: 'incidents', archived: true });
    await post();
    expect(told).toHaveLength(3);
  });

  it('an outage is not told: it mends itself', async () => {
    const { chat, order } = await openSlack();
    const told: string[] = [];
    await order('faults', { mode: '500' });
    const watched = watchChat(chat, note, (line) => told.push(line));
    await expect(watched.post(POST, MESSAGE, MARK)).rejects.toMatchObject({ failure: 'ambiguous' });
    expect(told).toEqual([]);
  });
});

describe('what Slack did last', () => {
  const checkedAt = '2026-11-20T03:12:07.000Z';
  const post = (watched: Chat): Promise<unknown> => watched.post(POST, MESSAGE, MARK).catch(() => null);

  it('is not known before it was asked', () => expect(note.read()).toBeNull());

  it('is degraded by a refusal and by an outage, and well again with the next message', async () => {
    const { chat, order } = await openSlack();
    const watched = watchChat(chat, note, () => undefined);
    await post(watched);
    expect(note.read()).toEqual({ status: 'healthy', checkedAt });
    await order('channel', { name: 'incidents', archived: true });
    await post(watched);
    expect(note.read()).toEqual({ status: 'degraded', error: 'no-channel', checkedAt });
    await order('channel', { name: 'incidents' });
    await post(watched);
    expect(note.read()).toEqual({ status: 'healthy', checkedAt });
    await order('faults', { mode: '500' });
    await post(watched);
    expect(note.read()).toEqual({ status: 'degraded', error: 'ambiguous', checkedAt });
  });

  it.each(['rate-limited', 'bad-message', 'no-message'] as const)('is not changed by %s', (failure) => {
    note.put(null);
    note.put(failure);
    expect(note.read()).toMatchObject({ status: 'healthy' });
  });

  it('is known from the check at the start: one channel that is closed is enough', async () => {
    const { chat, url } = await openSlack();
    await checkChannels({ access: chat, channels: ['incidents'], note }, () => undefined);
    expect(note.read()).toEqual({ status: 'healthy', checkedAt });
    await checkChannels({ access: chat, channels: ['incidents', 'nowhere'], note }, () => undefined);
    expect(note.read()).toEqual({ status: 'degraded', error: 'no-channel', checkedAt });
    await checkChannels({ access: refusing(url), channels: ['incidents'], note }, () => undefined);
    expect(note.read()).toEqual({ status: 'degraded', error: 'no-permission', checkedAt });
  });

  it('is asked again while it runs, also when nothing is sent', async () => {
    const { chat, order } = await openSlack();
    const loop = recheckChannels({ access: chat, channels: ['incidents'], note }, 20);
    try {
      await expect.poll(() => note.read()?.status).toBe('healthy');
      await order('channel', { name: 'incidents', archived: true, member: false });
      await expect.poll(() => note.read()?.status).toBe('degraded');
    } finally {
      await loop.stop();
    }
  });
});
