import { describe, expect, it } from 'vitest';
import { openSlack } from './embedded.ts';

const MESSAGE = { text: 'P1 down', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*P1* down' } }] };
const MARK = { eventType: 'mistral_incident', payload: { incident_id: 'INC-1', part: 'root' } };
const HERE = { channel: 'incidents', threadTs: null };
const ID = 'C0INCIDENTS';

describe('a message', () => {
  it('is posted by name, edited and found by what post returned, and removed', async () => {
    const { chat, ask, time } = await openSlack();
    const posted = await chat.post({ channel: '#incidents', threadTs: null }, MESSAGE, MARK);
    expect(posted.channel).toBe(ID);
    const edited = { eventType: 'mistral_incident', payload: { incident_id: 'INC-1', part: 'edited' } };
    await chat.edit(posted, { ...MESSAGE, text: 'P1 over' }, edited);
    const history = await ask('conversations.history', { channel: ID, include_all_metadata: 'true' });
    expect(history).toMatchObject({
      messages: [
        { ts: posted.ts, text: 'P1 over', metadata: { event_type: 'mistral_incident', event_payload: edited.payload } },
      ],
    });
    const where = { ...HERE, sinceMs: time.nowMs };
    expect(await chat.find(where, edited)).toEqual([posted]);
    expect(await chat.find(where, MARK)).toEqual([]);
    await chat.remove(posted);
    expect(await chat.find(where, edited)).toEqual([]);
  });

  it('may be edited, found and removed by the name of its channel', async () => {
    const { chat, time } = await openSlack();
    const { ts } = await chat.post({ channel: ID, threadTs: null }, MESSAGE, MARK);
    await chat.edit({ channel: 'incidents', ts }, MESSAGE, MARK);
    expect(await chat.find({ ...HERE, sinceMs: time.nowMs }, MARK)).toEqual([{ channel: ID, ts }]);
    await chat.remove({ channel: '#incidents', ts });
    expect(await chat.find({ ...HERE, sinceMs: time.nowMs }, MARK)).toEqual([]);
  });

  it('that is gone cannot be edited, and removing it again is no failure', async () => {
    const { chat } = await openSlack();
    const posted = await chat.post(HERE, MESSAGE, MARK);
    await chat.remove(posted);
    await chat.remove(posted);
    await expect(chat.edit(posted, MESSAGE, MARK)).rejects.toMatchObject({ failure: 'no-message' });
  });

  it('goes to its thread, and is found there and only there', async () => {
    const { chat, time } = await openSlack();
    const root = await chat.post(HERE, MESSAGE, MARK);
    const note = { eventType: 'mistral_note', payload: { note: '7' } };
    const reply = await chat.post({ channel: ID, threadTs: root.ts }, MESSAGE, note);
    const thread = { channel: ID, threadTs: root.ts, sinceMs: time.nowMs };
    expect(await chat.find(thread, note)).toEqual([reply]);
    expect(await chat.find({ ...thread, threadTs: null }, note)).toEqual([]);
    expect(await chat.find({ ...thread, threadTs: null }, MARK)).toEqual([root]);
  });

  it.each([
    ['too many blocks', { text: 'x', blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }],
    ['nothing to say', { text: '', blocks: [] }],
  ])('that Slack refuses is bad: %s', async (_, message) => {
    const { chat } = await openSlack();
    await expect(chat.post(HERE, message, MARK)).rejects.toMatchObject({ failure: 'bad-message' });
  });
});

describe('looking for what may have arrived', () => {
  it('finds the message whose answer was lost', async () => {
    const { chat, order, time } = await openSlack();
    await order('faults', { mode: 'drop-after', count: 1, methods: ['chat.postMessage'] });
    await expect(chat.post(HERE, MESSAGE, MARK)).rejects.toMatchObject({ failure: 'ambiguous' });
    expect(await chat.find({ ...HERE, sinceMs: time.nowMs }, MARK)).toHaveLength(1);
  });

  it('goes through all pages and answers oldest first', async () => {
    const { chat, order, time } = await openSlack();
    const sinceMs = time.nowMs;
    const first = await chat.post(HERE, MESSAGE, MARK);
    const others = Array.from({ length: 250 }, (_, index) => index);
    for (const index of others) await order('message', { user: 'U0MAYA', channel: 'incidents', text: `${index}` });
    time.nowMs += 1000;
    const second = await chat.post(HERE, MESSAGE, MARK);
    expect(await chat.find({ ...HERE, sinceMs }, MARK)).toEqual([first, second]);
  });

  it('forgives clocks that are five seconds apart, and no more', async () => {
    const { chat, time } = await openSlack();
    const posted = await chat.post(HERE, MESSAGE, MARK);
    expect(await chat.find({ ...HERE, sinceMs: time.nowMs + 5000 }, MARK)).toEqual([posted]);
    expect(await chat.find({ ...HERE, sinceMs: time.nowMs + 5002 }, MARK)).toEqual([]);
    expect(await chat.find({ ...HERE, sinceMs: 0 }, MARK)).toEqual([posted]);
  });

  it('asks for every part of the mark', async () => {
    const { chat, time } = await openSlack();
    await chat.post(HERE, MESSAGE, { ...MARK, payload: { ...MARK.payload, more: 'x' } });
    const find = (payload: Readonly<Record<string, string>>, eventType = MARK.eventType) =>
      chat.find({ ...HERE, sinceMs: time.nowMs }, { eventType, payload });
    expect(await find({ incident_id: 'INC-1' })).toHaveLength(1);
    expect(await find({ incident_id: 'INC-1', part: 'note' })).toEqual([]);
    expect(await find({ incident_id: 'INC-1', other: 'x' })).toEqual([]);
    expect(await find({ incident_id: 'INC-1' }, 'another_type')).toEqual([]);
  });

  it('in a thread skips the root, which Slack always sends, when it is older', async () => {
    const { chat, time } = await openSlack();
    const root = await chat.post(HERE, MESSAGE, MARK);
    time.nowMs += 60_000;
    const reply = await chat.post({ channel: ID, threadTs: root.ts }, MESSAGE, MARK);
    expect(await chat.find({ channel: ID, threadTs: root.ts, sinceMs: time.nowMs }, MARK)).toEqual([reply]);
  });

  it('in a thread that is gone finds nothing', async () => {
    const { chat, time } = await openSlack();
    expect(await chat.find({ channel: ID, threadTs: '1700000000.000100', sinceMs: time.nowMs }, MARK)).toEqual([]);
  });
});

describe('a channel that the bot is not in', () => {
  it('is joined once, when it is public, and the message arrives once', async () => {
    const { chat, order, time } = await openSlack();
    await order('channel', { name: 'outages', member: false });
    const there = { channel: 'outages', threadTs: null };
    const posted = await chat.post(there, MESSAGE, MARK);
    expect(await chat.find({ ...there, sinceMs: time.nowMs }, MARK)).toEqual([posted]);
    await order('channel', { name: 'outages', member: false });
    expect(await chat.find({ ...there, sinceMs: time.nowMs }, MARK)).toEqual([posted]);
  });

  it('says that somebody must invite the bot, when it is private', async () => {
    const { chat, order } = await openSlack();
    const made = await order('channel', { name: 'secret', member: false, private: true });
    expect(made).toMatchObject({ ok: true });
    await expect(chat.post({ channel: 'secret', threadTs: null }, MESSAGE, MARK)).rejects.toThrow('/invite');
  });

  it.each([
    ['missing', { channel: 'nowhere', threadTs: null }],
    ['missing by id', { channel: 'C0NOWHERE', threadTs: null }],
  ])('is no channel when it is %s', async (_, to) => {
    const { chat } = await openSlack();
    await expect(chat.post(to, MESSAGE, MARK)).rejects.toMatchObject({ failure: 'no-channel' });
    await expect(chat.find({ ...to, sinceMs: 0 }, MARK)).rejects.toMatchObject({ failure: 'no-channel' });
  });

  it('is no channel when it is archived', async () => {
    const { chat, order } = await openSlack();
    await order('channel', { name: 'old', archived: true });
    await expect(chat.post({ channel: 'old', threadTs: null }, MESSAGE, MARK)).rejects.toMatchObject({
      failure: 'no-channel',
    });
  });
});

describe('people', () => {
  it('are known by id, and nobody is null', async () => {
    const { chat } = await openSlack();
    expect(await chat.person('U0MAYA')).toEqual({ name: 'maya', isBot: false, isRestricted: false });
    expect(await chat.person('U0TRIAGE')).toMatchObject({ isBot: true });
    expect(await chat.person('U0NOBODY')).toBeNull();
  });

  it('are members of a group, asked for by id or handle', async () => {
    const { chat } = await openSlack();
    for (const group of ['S0ONCALL', 'oncall', '@oncall']) expect(await chat.groupMembers(group)).toEqual(['U0MAYA']);
  });

  it.each(['S0NOBODY', 'nobody', ''])('are never members of a group that is not there: "%s"', async (group) => {
    const { chat } = await openSlack();
    await expect(chat.groupMembers(group)).rejects.toMatchObject({ failure: 'no-permission' });
  });

  it('are never members when Slack cannot be asked', async () => {
    const { chat, order } = await openSlack();
    await order('faults', { mode: '500' });
    await expect(chat.groupMembers('oncall')).rejects.toMatchObject({ failure: 'ambiguous' });
    await expect(chat.person('U0MAYA')).rejects.toMatchObject({ failure: 'ambiguous' });
  });

  it('hear what only they shall hear', async () => {
    const { chat, ask } = await openSlack();
    await chat.whisper({ channel: 'incidents', user: 'U0NOAH' }, { text: 'You may not.', blocks: [] });
    expect(await ask('conversations.history', { channel: ID })).toMatchObject({ messages: [] });
    const nobody = chat.whisper({ channel: 'incidents', user: 'U0NOBODY' }, { text: 'x', blocks: [] });
    await expect(nobody).rejects.toMatchObject({ failure: 'not-in-channel' });
  });
});
