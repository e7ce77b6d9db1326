import { request } from 'node:http';
import { MistralCore } from '@mistralai/mistralai/core.js';
import { chatStream } from '@mistralai/mistralai/funcs/chatStream.js';
import { describe, expect, it } from 'vitest';
import { openEmbeddedMistral } from '../../../lib/local/mistral/server.ts';
import { ask, breakWith, CURRENT, chat, get, open, STANDBY } from './ask.ts';

describe('the embedded Mistral', () => {
  it('lists its models with cards and the ids of an answer, and no limits', async () => {
    const url = await open();
    const { status, body, headers } = await get(`${url}/v1/models`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ object: 'list' });
    expect(JSON.stringify(body['data'])).toContain('"type":"base"');
    expect(headers.get('mistral-correlation-id')).toMatch(/^[\da-f-]{36}$/);
    expect(headers.get('x-kong-request-id')).toBe(headers.get('mistral-correlation-id'));
    expect([...headers.keys()].filter((name) => name.includes('ratelimit'))).toEqual([]);
  });

  it('shows one model, and says which it does not know', async () => {
    const url = await open();
    expect(await get(`${url}/v1/models/mistral-small-latest`)).toMatchObject({
      status: 200,
      body: { id: 'mistral-small-latest' },
    });
    expect(await get(`${url}/v1/models/nope`)).toMatchObject({
      status: 404,
      body: { message: 'Model nope was not found.' },
    });
    expect(await get(`${url}/v1/models/%E0%A4%A`)).toMatchObject({ status: 404 });
  });

  it('answers a chat of one token, and counts', async () => {
    const url = await open();
    const { status, body, headers } = await chat(url, ask());
    expect(status).toBe(200);
    expect(body).toMatchObject({
      object: 'chat.completion',
      model: 'mistral-small-latest',
      usage: { completion_tokens: 1 },
      choices: [{ finish_reason: 'length', message: { role: 'assistant', content: 'This' } }],
    });
    expect(headers.get('x-ratelimit-limit-req-minute')).toBe('600');
    expect(headers.get('x-ratelimit-remaining-req-minute')).toBe('599');
    const again = await chat(url, ask());
    expect(again.headers.get('x-ratelimit-remaining-req-minute')).toBe('598');
    const other = await chat(url, ask('mistral-large-latest'));
    expect(other.headers.get('x-ratelimit-remaining-req-minute')).toBe('599');
  });

  it('refuses at its own limit, for that model and that minute', async () => {
    let nowMs = 60_000;
    const url = await open(() => nowMs);
    for (let sent = 0; sent < 600; sent += 50) await Promise.all(Array.from({ length: 50 }, () => chat(url, ask())));
    const refused = await chat(url, ask());
    expect(refused).toMatchObject({ status: 429, body: { code: '1300' } });
    expect(refused.headers.get('x-ratelimit-limit-req-minute')).toBe('600');
    expect(refused.headers.has('retry-after')).toBe(false);
    expect((await chat(url, ask('mistral-large-latest'))).status).toBe(200);
    nowMs = 120_000;
    expect((await chat(url, ask())).status).toBe(200);
  });

  it('streams events to an end, with usage in the last', async () => {
    const url = await open();
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CURRENT}` },
      body: JSON.stringify({ ...ask(), max_tokens: 3, stream: true }),
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = (await response.text()).trim().split('\n\n');
    expect(events.at(-1)).toBe('data: [DONE]');
    expect(events.at(-2)).toContain('"finish_reason":"length"');
    expect(events.at(-2)).toContain('"completion_tokens":3');
  });

  it.each([null, 'wrong', ''])('does not know the key %j', async (key) => {
    const url = await open();
    expect(await get(`${url}/v1/models`, key)).toMatchObject({ status: 401, body: { detail: 'Unauthorized' } });
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['no messages', { model: 'mistral-small-latest', messages: [] }],
    ['no model', { messages: [{ role: 'user', content: 'x' }] }],
    ['a strange role', { model: 'm', messages: [{ role: 'king', content: 'x' }] }],
    ['a negative count', { ...ask(), max_tokens: -1 }],
  ])('refuses a chat of %s as FastAPI does', async (_name, body) => {
    const url = await open();
    const refused = await chat(url, body);
    expect(refused.status).toBe(422);
    expect(refused.body['detail']).toHaveLength(1);
  });

  it('refuses a model that it does not serve, a body too large, another method, another path', async () => {
    const url = await open();
    expect(await chat(url, ask('mistral-nope'))).toMatchObject({
      status: 400,
      body: { code: '1500', object: 'error' },
    });
    expect(await chat(url, 'x'.repeat(1_000_001))).toMatchObject({ status: 413 });
    expect(await get(`${url}/v1/chat/completions`)).toMatchObject({ status: 405 });
    expect(await get(`${url}/v1/users/me`)).toMatchObject({
      status: 404,
      body: { message: 'no Route matched with those values' },
    });
  });
});

describe('its faults', () => {
  it('revoke the key that chats, whichever was asked for the models since, and leave the others', async () => {
    const url = await open();
    await chat(url, ask(), CURRENT);
    await get(`${url}/v1/models`, STANDBY);
    expect(await breakWith(url, { fault: 'revoked-key' })).toMatchObject({
      body: { fault: 'revoked-key', revoked: ['current'] },
    });
    await breakWith(url, { fault: 'revoked-key' });
    expect((await get(`${url}/v1/models`, CURRENT)).status).toBe(401);
    expect((await get(`${url}/v1/models`, STANDBY)).status).toBe(200);
    await breakWith(url, { fault: 'none' });
    expect((await get(`${url}/v1/models`, CURRENT)).status).toBe(200);
  });

  it('revoke the key that took over, once it chats', async () => {
    const url = await open();
    await chat(url, ask(), CURRENT);
    await breakWith(url, { fault: 'revoked-key' });
    await chat(url, ask(), STANDBY);
    expect((await breakWith(url, { fault: 'revoked-key' })).body['revoked']).toEqual(['current', 'standby']);
  });

  it('revoke the first key where none was used, or the one that is named', async () => {
    const url = await open();
    expect((await breakWith(url, { fault: 'revoked-key' })).body['revoked']).toEqual(['current']);
    await breakWith(url, { fault: 'none' });
    expect((await breakWith(url, { fault: 'revoked-key', key: 'standby' })).body['revoked']).toEqual(['standby']);
  });

  it('retire the model that was asked last, everywhere', async () => {
    const url = await open();
    await chat(url, ask('codestral-latest'));
    await breakWith(url, { fault: 'model-retired' });
    expect(await chat(url, ask('codestral-latest'))).toMatchObject({ status: 400, body: { code: '1500' } });
    expect(await get(`${url}/v1/models/codestral-latest`)).toMatchObject({
      status: 404,
      body: { message: 'Model codestral-latest is deprecated.' },
    });
    expect(JSON.stringify((await get(`${url}/v1/models`)).body)).not.toContain('codestral');
    expect((await chat(url, ask())).status).toBe(200);
  });

  it('cut a stream without a finish reason, as if all were well', async () => {
    const url = await open();
    await breakWith(url, { fault: 'cut-stream' });
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CURRENT}` },
      body: JSON.stringify({ ...ask(), max_tokens: 9, stream: true }),
    });
    const text = await response.text();
    expect(text).toContain('data: ');
    expect(text).not.toMatch(/"finish_reason":"|DONE/);
  });

  it('are refused when they are not known, or not said in JSON, and then nothing changes', async () => {
    const url = await open();
    for (const wrong of [
      { fault: 'nope' },
      { fault: 'toString' },
      {},
      { fault: 'slow', seconds: 1e9 },
      { fault: 'none', x: 1 },
    ]) {
      expect((await breakWith(url, wrong)).status).toBe(400);
    }
    const form = await fetch(`${url}/control/fault`, { method: 'POST', body: '{"fault":"hang"}' });
    expect(form.status).toBe(415);
    expect((await get(`${url}/control/fault`, null)).body['fault']).toBe('none');
  });

  it('are not switched by a page of another site or a name that merely resolves here', async () => {
    const url = await open();
    const send = (headers: Readonly<Record<string, string>>): Promise<number> =>
      new Promise((resolve, reject) => {
        const sent = request(`${url}/control/fault`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
        });
        sent.on('response', (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        sent.on('error', reject);
        sent.end('{"fault":"hang"}');
      });
    expect(await send({ host: 'evil.example' })).toBe(403);
    expect(await send({ origin: 'https://evil.example' })).toBe(403);
    expect(await send({ origin: url })).toBe(200);
  });

  it('that hold connections do not keep it from closing', async () => {
    const mistral = await openEmbeddedMistral({
      keys: [{ name: 'current', value: CURRENT }],
      clock: { nowMs: Date.now },
    });
    await breakWith(mistral.url, { fault: 'slow', seconds: 600 });
    const held = [1, 2, 3].map(() => get(`${mistral.url}/v1/models`).then(String, () => 'cut'));
    await breakWith(mistral.url, { fault: 'hang' });
    held.push(get(`${mistral.url}/v1/models`).then(String, () => 'cut'));
    await get(`${mistral.url}/control/fault`, null);
    await mistral.close();
    expect(await Promise.all(held)).toEqual(['cut', 'cut', 'cut', 'cut']);
  });

  it('and its streams are read by the real client', async () => {
    const url = await open();
    const client = new MistralCore({ apiKey: CURRENT, serverURL: url });
    const stream = await chatStream(client, {
      model: 'mistral-small-latest',
      messages: [{ role: 'user', content: 'x' }],
    });
    if (!stream.ok) throw new Error('no stream');
    let text = '';
    const reasons: unknown[] = [];
    for await (const { data } of stream.value) {
      text += String(data.choices[0]?.delta.content);
      reasons.push(data.choices[0]?.finishReason);
    }
    expect(text).toBe('This is the embedded Mistral: it answers, always the same.');
    expect(reasons.at(-1)).toBe('stop');
  });
});
