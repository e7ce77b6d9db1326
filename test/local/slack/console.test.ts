import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { BOT_TOKEN, clientOf, openSlack, wordOf } from './open.ts';

type Headers = Readonly<Record<string, string>>;

/** A request with any Host and any raw path, neither of which fetch allows. */
const send = (
  origin: string,
  method: string,
  path: string,
  headers: Headers,
  body = '',
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> =>
  new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port: new URL(origin).port, path, method, headers, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      },
    );
    call.on('error', reject);
    call.end(body);
  });

const ORDER = JSON.stringify({ user: 'U0MAYA', channel: 'incidents', text: 'x' });
const JSON_TYPE = { 'content-type': 'application/json' };

describe('everything it serves', () => {
  it.each(['/', '/page/page.js', '/console/state?user=U0MAYA', '/console/faults', '/api/auth.test'])(
    '%s refuses a foreign Host and a foreign Origin',
    async (path) => {
      const { origin } = await openSlack();
      const host = new URL(origin).host;
      for (const headers of [
        { host: 'evil.example' },
        { host: '127.0.0.1.evil.example' },
        { host: 'evil.example:3000' },
        { host, origin: 'http://evil.example' },
        { host, origin: 'null' },
        { host, origin: 'http://127.0.0.1:1' },
        { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
      ]) {
        expect((await send(origin, 'GET', path, headers)).status, JSON.stringify(headers)).toBe(403);
      }
      for (const headers of [
        { host },
        { host: 'localhost' },
        { host: 'localhost:80' },
        { host: '[::1]:3000' },
        { host, origin },
        { host, 'sec-fetch-site': 'same-origin' },
      ]) {
        expect((await send(origin, 'GET', path, headers)).status, JSON.stringify(headers)).toBe(200);
      }
    },
  );

  it('carries the headers that keep the page to itself', async () => {
    const { origin } = await openSlack();
    for (const path of ['/', '/page/page.js', '/console/state?user=U0MAYA', '/console/nothing']) {
      const { headers } = await send(origin, 'GET', path, {});
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;/,
      );
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it.each(['/page/../main.ts', '/page/%2e%2e/main.ts', '/page/', '/page/index.html', '/page//etc/passwd'])(
    'does not serve %s',
    async (path) => {
      const { origin } = await openSlack();
      expect((await send(origin, 'GET', path, {})).status).toBe(404);
    },
  );

  it('leaves other paths alone', async () => {
    const { origin } = await openSlack();
    for (const path of ['/health', '/slack/events', '/consoles', '/pages', '/api'])
      expect((await send(origin, 'GET', path, {})).status).toBe(418);
  });
});

describe('an order of the page', () => {
  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, ORDER, 415],
    ['plain text', { 'content-type': 'text/plain' }, ORDER, 415],
    ['no type', {}, ORDER, 415],
    ['a type that only starts well', { 'content-type': 'application/jsonx' }, ORDER, 415],
    ['JSON with a charset', { 'content-type': 'application/json; charset=utf-8' }, ORDER, 200],
    ['no JSON', JSON_TYPE, '{', 400],
    ['a list', JSON_TYPE, '[]', 400],
    ['too much', JSON_TYPE, JSON.stringify({ text: 'x'.repeat(300_000) }), 413],
    ['an empty text', JSON_TYPE, JSON.stringify({ user: 'U0MAYA', channel: 'incidents', text: '' }), 400],
    ['a person that is none', JSON_TYPE, JSON.stringify({ user: 'U0GHOST', channel: 'incidents', text: 'x' }), 404],
  ])('with %s is answered %s', async (_name, headers, body, status) => {
    const { origin } = await openSlack();
    expect((await send(origin, 'POST', '/console/message', headers, body)).status).toBe(status);
  });

  it('must be one there is', async () => {
    const { press } = await openSlack();
    for (const name of ['nothing', 'constructor', ''])
      expect(await press(name, {})).toEqual({ ok: false, why: 'no such order' });
    expect(await press('channel', { name: 'Not A Name' })).toEqual({ ok: false, why: 'malformed order' });
  });
});

/** Reads server-sent events until the wanted kind came. */
const follow = async (origin: string, user: string) => {
  const response = await fetch(`${origin}/console/events?user=${user}`);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    until: async (kind: string): Promise<string> => {
      while (!text.includes(`event: ${kind}\n`)) {
        const part = await reader?.read();
        if (part?.done !== false) throw new Error(`ended before ${kind}`);
        text += part.value;
      }
      return text;
    },
    stop: async () => reader?.cancel(),
  };
};

describe('live events', () => {
  it('show everybody a message and its change, and one person what is for them', async () => {
    const { origin, client } = await openSlack();
    const maya = await follow(origin, 'U0MAYA');
    const noah = await follow(origin, 'U0NOAH');
    await maya.until('hello');
    await noah.until('hello');
    await client.chat.postEphemeral({ channel: 'C0INCIDENTS', user: 'U0MAYA', text: 'for maya only' });
    const { ts = '' } = await client.chat.postMessage({ channel: 'incidents', text: 'for all' });
    await client.chat.delete({ channel: 'C0INCIDENTS', ts });
    expect(await maya.until('gone')).toContain('for maya only');
    const heard = await noah.until('gone');
    expect(heard).toContain('for all');
    expect(heard).not.toContain('for maya only');
    await maya.stop();
    await noah.stop();
  });

  it('end when the workspace closes', async () => {
    const { origin, close } = await openSlack();
    const page = await follow(origin, 'U0MAYA');
    await page.until('hello');
    await close();
    await expect(page.until('never')).rejects.toThrow();
  });
});

describe('faults', () => {
  const post = (origin: string, more = {}) =>
    wordOf(clientOf(origin).chat.postMessage({ channel: 'incidents', text: 'x', ...more }));

  it.each([
    ['429', 'slack_webapi_rate_limited_error', 0],
    ['500', 'slack_webapi_http_error', 0],
    ['drop-after', 'slack_webapi_request_error', 1],
  ])('%s ends as %s with %i messages stored, as often as ordered', async (mode, word, stored) => {
    const { origin, press, look, clock } = await openSlack();
    await press('faults', { mode, count: 1 });
    expect(await post(origin)).toBe(word);
    expect((await look('U0MAYA')).messages.length).toBe(stored);
    clock.ms += 2_000;
    expect(await post(origin)).toBe('ok');
    expect((await look('U0MAYA')).messages.length).toBe(stored + 1);
    const report = await fetch(`${origin}/console/faults`);
    expect(await report.json()).toMatchObject({ mode: 'ok', left: 0, struck: 1 });
  });

  it('hang keeps the caller waiting and stores nothing', async () => {
    const { origin, press, look } = await openSlack();
    await press('faults', { mode: 'hang' });
    const call = fetch(`${origin}/api/chat.postMessage`, {
      method: 'POST',
      body: new URLSearchParams({ token: BOT_TOKEN, channel: 'incidents', text: 'x' }),
      signal: AbortSignal.timeout(100),
    });
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
    expect((await look('U0MAYA')).messages).toEqual([]);
    await press('faults', { mode: 'ok' });
    expect(await post(origin)).toBe('ok');
  });

  it('can strike some methods only', async () => {
    const { origin, press, client } = await openSlack();
    await press('faults', { mode: '500', methods: ['chat.update'] });
    expect(await post(origin)).toBe('ok');
    expect(await wordOf(client.chat.update({ channel: 'C0INCIDENTS', ts: '1.000100', text: 'x' }))).toBe(
      'slack_webapi_http_error',
    );
  });

  it('are of a known kind', async () => {
    const { press } = await openSlack();
    expect(await press('faults', { mode: 'lunch' })).toEqual({ ok: false, why: 'malformed order' });
    expect(await press('faults', { mode: '500', count: 0 })).toEqual({ ok: false, why: 'malformed order' });
  });
});
