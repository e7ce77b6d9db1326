import { describe, expect, it } from 'vitest';
import { BOT_TOKEN, openSlack, START_MS, wordOf } from './open.ts';

describe('the pace', () => {
  it('allows one message per second and channel, forgives a little jitter, and counts each channel alone', async () => {
    const { client, clock } = await openSlack();
    const post = (channel: string) => client.chat.postMessage({ channel, text: 'x' });
    await post('incidents');
    await expect(post('incidents')).rejects.toMatchObject({ retryAfter: 1 });
    await post('drills');
    clock.ms = START_MS + 849;
    await expect(post('incidents')).rejects.toMatchObject({ retryAfter: 1 });
    clock.ms = START_MS + 850;
    await post('incidents');
    clock.ms = START_MS + 1_849;
    await expect(post('incidents')).rejects.toMatchObject({ retryAfter: 1 });
  });

  it('answers 429 with Retry-After on the wire', async () => {
    const { client, origin } = await openSlack();
    await client.chat.postMessage({ channel: 'incidents', text: 'x' });
    const response = await fetch(`${origin}/api/chat.postMessage`, {
      method: 'POST',
      body: new URLSearchParams({ token: BOT_TOKEN, channel: 'incidents', text: 'x' }),
    });
    expect([response.status, response.headers.get('retry-after'), await response.json()]).toEqual([
      429,
      '1',
      { ok: false, error: 'ratelimited' },
    ]);
  });

  it('allows fifty edits a minute', async () => {
    const { client, clock } = await openSlack();
    const { ts = '' } = await client.chat.postMessage({ channel: 'incidents', text: 'x' });
    const edit = () => wordOf(client.chat.update({ channel: 'C0INCIDENTS', ts, text: 'y' }));
    for (let index = 0; index < 50; index += 1) expect(await edit()).toBe('ok');
    expect(await edit()).toBe('slack_webapi_rate_limited_error');
    clock.ms += 1_200;
    expect(await edit()).toBe('ok');
  });

  it('can be switched off', async () => {
    const { client } = await openSlack({ limits: { messagesPerSecondPerChannel: false } });
    const { ts = '' } = await client.chat.postMessage({ channel: 'incidents', text: 'x' });
    await client.chat.postMessage({ channel: 'incidents', text: 'x' });
    for (let index = 0; index < 55; index += 1) await client.chat.update({ channel: 'C0INCIDENTS', ts, text: 'y' });
  });
});
