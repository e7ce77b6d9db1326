import { describe, expect, it } from 'vitest';
import { actions, openSlack, openWithButtons, wordOf } from './open.ts';

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
