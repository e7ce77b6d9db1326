import { describe, expect, it } from 'vitest';
import { createSlackChat } from '../../lib/adapters/slack/chat.ts';
import { systemClock } from '../../lib/adapters/system.ts';
import { checkChannels, watchChat } from '../../lib/local/watch-chat.ts';
import { openSlack } from '../adapters/slack/embedded.ts';
import { openScript } from '../adapters/slack/script.ts';

const MESSAGE = { text: 'hello', blocks: [] };
const MARK = { eventType: 'test', payload: {} };
const POST = { channel: 'incidents', threadTs: null };

const refusing = (url: string) =>
  createSlackChat({ token: 'another-token', apiUrl: `${url}/api/`, timeoutMs: 500, clock: systemClock });

describe('the check at the start', () => {
  it('says nothing where all is well, and joins what it may join', async () => {
    const { chat, order, ask } = await openSlack();
    const { channel }: { channel: string } = JSON.parse(
      JSON.stringify(await order('channel', { name: 'outages', member: false })),
    );
    const told: string[] = [];
    await checkChannels(chat, ['incidents', '#outages', 'incidents'], (line) => told.push(line));
    expect(told).toEqual([]);
    expect(await ask('conversations.info', { channel })).toMatchObject({ channel: { is_member: true } });
  });

  it('asks for an invitation to a private channel by its name or id, one line each', async () => {
    const { chat, order } = await openSlack();
    await order('channel', { name: 'secret', member: false, private: true });
    const told: string[] = [];
    await checkChannels(chat, ['secret', 'nowhere'], (line) => told.push(line));
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
    await checkChannels(chat, ['G0SECRET'], (line) => told.push(line));
    expect(told).toEqual([expect.stringMatching(/not in G0SECRET.*\/invite/)]);
  });

  it('tells a token that is not valid once, not once a channel', async () => {
    const { url } = await openSlack();
    const told: string[] = [];
    await checkChannels(refusing(url), ['incidents', 'other'], (line) => told.push(line));
    expect(told).toEqual([expect.stringContaining('the bot token is not valid')]);
  });

  it('never fails, whatever Slack does', async () => {
    const { chat, order } = await openSlack();
    await order('faults', { mode: 'hang' });
    const told: string[] = [];
    await checkChannels(chat, ['incidents'], (line) => told.push(line));
    expect(told).toHaveLength(1);
  });
});

describe('while it runs', () => {
  it('a refusal is told once, until Slack takes a message again', async () => {
    const { chat, order } = await openSlack();
    const told: string[] = [];
    const watched = watchChat(chat, (line) => told.push(line));
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
    const watched = watchChat(chat, (line) => told.push(line));
    await expect(watched.post(POST, MESSAGE, MARK)).rejects.toMatchObject({ failure: 'ambiguous' });
    expect(told).toEqual([]);
  });
});
