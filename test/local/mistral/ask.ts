import { onTestFinished } from 'vitest';
import { z } from 'zod/mini';
import { openEmbeddedMistral } from '../../../lib/local/mistral/server.ts';

export const CURRENT = 'fake-zqxjkvbwpf-9';
export const STANDBY = 'fake-wvkjqzhgyd-7';

export const open = async (nowMs: () => number = Date.now): Promise<string> => {
  const keys = [
    { name: 'current', value: CURRENT },
    { name: 'standby', value: STANDBY },
  ];
  const mistral = await openEmbeddedMistral({ keys, clock: { nowMs } });
  onTestFinished(mistral.close);
  return mistral.url;
};

const members = z.record(z.string(), z.unknown());

export type Heard = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
};

const hear = async (response: Response): Promise<Heard> => ({
  status: response.status,
  headers: response.headers,
  body: members.parse(await response.json()),
});

export const get = async (url: string, key: string | null = CURRENT): Promise<Heard> =>
  hear(await fetch(url, key === null ? {} : { headers: { authorization: `Bearer ${key}` } }));

export const chat = async (url: string, body: unknown, key = CURRENT): Promise<Heard> =>
  hear(
    await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );

export const ask = (model = 'mistral-small-latest') => ({
  model,
  max_tokens: 1,
  messages: [{ role: 'user', content: 'ping' }],
});

export const breakWith = async (url: string, fault: Readonly<Record<string, unknown>>): Promise<Heard> =>
  hear(
    await fetch(`${url}/control/fault`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    }),
  );
