import { describe, expect, it } from 'vitest';
import { openSlack, wordOf } from './open.ts';

const UNPACED = { limits: { messagesPerSecondPerChannel: false } };

const openWithFive = async () => {
  const slack = await openSlack(UNPACED);
  const stamps: string[] = [];
  for (const text of ['1', '2', '3', '4', '5']) {
    slack.clock.ms += 1_000;
    stamps.push(String((await slack.client.chat.postMessage({ channel: 'incidents', text })).ts));
  }
  const read = async (more: Record<string, unknown>) => {
    const answer = await slack.client.conversations.history({ channel: 'C0INCIDENTS', ...more });
    return {
      texts: answer.messages?.map((message) => message.text).join(''),
      next: answer.response_metadata?.next_cursor,
    };
  };
  return { ...slack, stamps, read };
};

describe('history', () => {
  it('goes through pages newest first without losing or repeating one', async () => {
    const { read } = await openWithFive();
    const first = await read({ limit: 2 });
    const second = await read({ limit: 2, cursor: first.next });
    const third = await read({ limit: 2, cursor: second.next });
    expect([first.texts, second.texts, third.texts, third.next]).toEqual(['54', '32', '1', undefined]);
  });

  it('keeps inclusive bounds across pages', async () => {
    const { read, stamps } = await openWithFive();
    const bounds = { oldest: stamps[1], latest: stamps[4], inclusive: true };
    const first = await read({ ...bounds, limit: 3 });
    const second = await read({ ...bounds, limit: 3, cursor: first.next });
    expect([first.texts, second.texts]).toEqual(['543', '2']);
  });

  it.each([
    [{ oldest: 1 }, '543'],
    [{ oldest: 1, inclusive: true }, '5432'],
    [{ latest: 3 }, '321'],
    [{ latest: 3, inclusive: true }, '4321'],
    [{ oldest: 0, latest: 4 }, '432'],
  ])('bounds are exclusive unless asked: %j gives %s', async (bounds, texts) => {
    const { read, stamps } = await openWithFive();
    const { oldest, latest, inclusive } = { oldest: undefined, latest: undefined, inclusive: undefined, ...bounds };
    const args = {
      ...(oldest === undefined ? {} : { oldest: stamps[oldest] }),
      ...(latest === undefined ? {} : { latest: stamps[latest] }),
      inclusive,
    };
    expect((await read(args)).texts).toBe(texts);
  });

  it('takes a bound in whole seconds', async () => {
    const { read } = await openWithFive();
    expect((await read({ oldest: '1763632803' })).texts).toBe('543');
  });

  it('leaves replies out unless they were broadcast, and counts them at the root', async () => {
    const { client, stamps } = await openWithFive();
    const thread_ts = String(stamps[0]);
    await client.chat.postMessage({ channel: 'incidents', text: 'in thread', thread_ts });
    await client.chat.postMessage({ channel: 'incidents', text: 'both', thread_ts, reply_broadcast: true });
    const read = await client.conversations.history({ channel: 'C0INCIDENTS' });
    expect(read.messages?.map((message) => message.text)).toEqual(['both', '5', '4', '3', '2', '1']);
    expect(read.messages?.at(-1)).toMatchObject({ reply_count: 2, thread_ts });
  });

  it.each([
    [{ cursor: 'nonsense' }, 'invalid_cursor'],
    [{ limit: 0 }, 'invalid_limit'],
    [{ limit: 1001 }, 'invalid_limit'],
    [{ oldest: 'yesterday' }, 'invalid_ts_oldest'],
    [{ latest: '-1' }, 'invalid_ts_latest'],
    [{ channel: 'incidents' }, 'channel_not_found'],
  ])('refuses %j with %s', async (args, word) => {
    const { client } = await openSlack();
    expect(await wordOf(client.conversations.history({ channel: 'C0INCIDENTS', ...args }))).toBe(word);
  });
});

describe('replies', () => {
  it('start with the root and go on oldest first over pages', async () => {
    const { client, clock } = await openSlack(UNPACED);
    const { ts = '' } = await client.chat.postMessage({ channel: 'incidents', text: 'root' });
    for (const text of ['a', 'b', 'c']) {
      clock.ms += 1_000;
      await client.chat.postMessage({ channel: 'incidents', text, thread_ts: ts });
    }
    const first = await client.conversations.replies({ channel: 'C0INCIDENTS', ts, limit: 2 });
    const cursor = String(first.response_metadata?.next_cursor);
    const second = await client.conversations.replies({ channel: 'C0INCIDENTS', ts, limit: 2, cursor });
    expect(first.messages?.map((message) => message.text)).toEqual(['root', 'a']);
    expect(second.messages?.map((message) => message.text)).toEqual(['b', 'c']);
    expect(second.has_more).toBe(false);
  });

  it('do not hang on replies, and an unknown thread is one', async () => {
    const { client } = await openSlack(UNPACED);
    const root = await client.chat.postMessage({ channel: 'incidents', text: 'root' });
    const reply = await client.chat.postMessage({ channel: 'incidents', text: 'a', thread_ts: String(root.ts) });
    const nested = client.chat.postMessage({ channel: 'incidents', text: 'b', thread_ts: String(reply.ts) });
    expect(await wordOf(nested)).toBe('cannot_reply_to_message');
    expect(await wordOf(client.conversations.replies({ channel: 'C0INCIDENTS', ts: '1.000001' }))).toBe(
      'thread_not_found',
    );
  });
});

describe('channels', () => {
  it('that the bot is not in must be joined before anything is read or written', async () => {
    const { client, press } = await openSlack();
    const { channel } = await press('channel', { name: 'payments', member: false });
    const id = String(channel);
    expect(await wordOf(client.chat.postMessage({ channel: 'payments', text: 'x' }))).toBe('not_in_channel');
    expect(await wordOf(client.conversations.history({ channel: id }))).toBe('not_in_channel');
    expect((await client.conversations.members({ channel: id })).members).not.toContain('U0TRIAGE');
    expect((await client.conversations.join({ channel: id })).channel?.is_member).toBe(true);
    expect(await wordOf(client.chat.postMessage({ channel: 'payments', text: 'x' }))).toBe('ok');
    expect((await client.conversations.members({ channel: id })).members).toEqual(['U0MAYA', 'U0NOAH', 'U0TRIAGE']);
  });

  it('that are private do not exist for a bot outside and cannot be joined', async () => {
    const { client, press } = await openSlack();
    const { channel } = await press('channel', { name: 'secret', member: false, private: true });
    expect(await wordOf(client.conversations.info({ channel: String(channel) }))).toBe('channel_not_found');
    expect(await wordOf(client.conversations.join({ channel: String(channel) }))).toBe('channel_not_found');
    await press('channel', { name: 'secret', member: true, private: true });
    expect(await wordOf(client.conversations.join({ channel: String(channel) }))).toBe(
      'method_not_supported_for_channel_type',
    );
  });

  it('that are archived take nothing new', async () => {
    const { client, press, clock } = await openSlack();
    const { ts = '' } = await client.chat.postMessage({ channel: 'incidents', text: 'x' });
    clock.ms += 2_000;
    await press('channel', { name: 'incidents', archived: true });
    expect(await wordOf(client.chat.postMessage({ channel: 'incidents', text: 'x' }))).toBe('is_archived');
    expect(await wordOf(client.chat.update({ channel: 'C0INCIDENTS', ts, text: 'y' }))).toBe('is_inactive');
    expect(await wordOf(client.conversations.join({ channel: 'C0INCIDENTS' }))).toBe('is_archived');
    const listed = await client.conversations.list({ exclude_archived: true });
    expect(listed.channels?.map((one) => one.name)).toEqual(['drills']);
  });

  it('are listed page by page', async () => {
    const { client } = await openSlack();
    const first = await client.conversations.list({ limit: 1 });
    const second = await client.conversations.list({ limit: 1, cursor: String(first.response_metadata?.next_cursor) });
    expect([first.channels?.[0]?.name, second.channels?.[0]?.name]).toEqual(['incidents', 'drills']);
    expect(second.response_metadata?.next_cursor).toBe('');
  });

  it('have different ids when their names differ only in signs', async () => {
    const { client, press } = await openSlack();
    await press('channel', { name: 'pay-alerts' });
    await press('channel', { name: 'payalerts' });
    const ids = (await client.conversations.list({})).channels?.map((one) => one.id) ?? [];
    expect(new Set(ids).size).toBe(4);
    expect(ids).toContain('C0PAYALERTS');
  });
});

describe('people', () => {
  it('are two and a bot; one of them is on call', async () => {
    const { client } = await openSlack();
    const everybody = (await client.users.list({})).members?.map((member) => [
      member.id,
      member.real_name,
      member.is_bot,
    ]);
    expect(everybody).toEqual([
      ['U0MAYA', 'Maya Ortiz', false],
      ['U0NOAH', 'Noah Lind', false],
      ['U0TRIAGE', 'mistral-triage', true],
    ]);
    expect((await client.usergroups.list()).usergroups).toMatchObject([{ id: 'S0ONCALL', handle: 'oncall' }]);
    expect((await client.usergroups.users.list({ usergroup: 'S0ONCALL' })).users).toEqual(['U0MAYA']);
    expect(await wordOf(client.usergroups.users.list({ usergroup: 'oncall' }))).toBe('no_such_subteam');
    expect((await client.users.info({ user: 'U0NOAH' })).user?.name).toBe('noah');
    expect(await wordOf(client.users.info({ user: 'U0NOBODY' }))).toBe('user_not_found');
  });
});
