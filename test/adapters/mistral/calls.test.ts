import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMistralCalls } from '../../../lib/adapters/mistral/calls.ts';
import { startLimit } from '../../../lib/adapters/mistral/limit.ts';
import type { CallResult, MistralCalls } from '../../../lib/ports/probes.ts';
import { classify } from '../../../lib/triage/classify.ts';
import { KEY, partsOfKey, type Served, serve, serveTcp } from './serve.ts';

const callsTo = (serverUrl: string): MistralCalls => createMistralCalls({ serverUrl, clock: { nowMs: Date.now } });

const verdictOf = (result: CallResult): string => (result.ok ? 'ok' : classify(result.failure, result.evidence));

const results: CallResult[] = [];
const opened = async (server: Promise<Served>): Promise<Served> => {
  const served = await server;
  onTestFinished(served.close);
  return served;
};
const askModels = async (url: string, key = KEY, timeoutMs = 5000): Promise<CallResult> => {
  const result = await callsTo(url).listModels(key, timeoutMs);
  results.push(result);
  return result;
};
const askChat = async (url: string, timeoutMs = 5000): Promise<CallResult> => {
  const result = await callsTo(url).chatOnce(KEY, 'mistral-small-latest', timeoutMs);
  results.push(result);
  return result;
};

afterEach(() => {
  expect(results.flatMap((result) => partsOfKey(result))).toEqual([]);
});

const serveJson = (body: string, status = 200, headers: Record<string, string> = {}): Promise<Served> =>
  opened(
    serve((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body);
    }),
  );

it('tells a name that does not resolve', async () => {
  expect(['net.dns', 'net.refused']).toContain(verdictOf(await askModels('http://nothing.invalid')));
});

describe('what is asked', () => {
  it('sends one attempt with the key, one token, a usual user agent, and closes the connection', async () => {
    const seen: { readonly headers: NodeJS.Dict<string | string[]>; readonly body: string }[] = [];
    const server = await opened(
      serve((request, response) => {
        let body = '';
        request.on('data', (chunk) => {
          body += String(chunk);
        });
        request.on('end', () => {
          seen.push({ headers: request.headers, body });
          response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' }).end('{}');
        });
      }),
    );
    await askChat(server.url);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      connection: 'close',
    });
    expect(seen[0]?.headers['user-agent']).toMatch(/^mistral-client-typescript\/\d/);
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({
      model: 'mistral-small-latest',
      max_tokens: 1,
      stream: false,
    });
  });

  it('follows a redirect within the origin and none to another', async () => {
    const asked: string[] = [];
    const other = await opened(
      serve((request, response) => {
        asked.push(request.url ?? '');
        response.end('{}');
      }),
    );
    const server = await opened(
      serve((request, response) => {
        if (request.url === '/v1/models') response.writeHead(302, { location: '/moved' }).end();
        else response.writeHead(302, { location: `${other.url}/metadata` }).end();
      }),
    );
    expect(verdictOf(await askModels(server.url))).toBe('net.intercepted_200_html');
    expect(asked).toEqual([]);
  });

  it.each([301, 302, 303, 307])(
    'follows no redirect of a chat (%i), which would be another question',
    async (status) => {
      const asked: string[] = [];
      const server = await opened(
        serve((request, response) => {
          asked.push(`${request.method} ${request.url}`);
          response.writeHead(status, { location: '/v1/models' }).end();
        }),
      );
      expect(verdictOf(await askChat(server.url))).toBe('net.intercepted_200_html');
      expect(asked).toEqual(['POST /v1/chat/completions']);
    },
  );

  it('gives up a redirect that goes round', async () => {
    const server = await opened(serve((_request, response) => response.writeHead(301, { location: '/' }).end()));
    expect(verdictOf(await askModels(server.url))).toBe('net.intercepted_200_html');
  });

  it('stops reading an answer without end', async () => {
    const server = await opened(
      serve((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const chunk = ' '.repeat(1_000_000);
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on('drain', more);
        more();
      }),
    );
    expect(verdictOf(await askModels(server.url))).toBe('content.unexpected_type');
  });

  it('keeps the ids and limits of an answer, and nothing else of its headers', async () => {
    const headers = {
      'mistral-correlation-id': '0198c0de-aaaa-7bbb-8ccc-123456789abc',
      'x-kong-request-id': 'abc123',
      'x-ratelimit-limit-req-minute': '60',
      ratelimit: 'x y',
      'retry-after': '7',
      date: 'Fri, 20 Nov 2026 10:00:00 GMT',
      'set-cookie': 'session=1',
      'x-request-id': KEY,
    };
    const result = await askChat((await serveJson('{}', 429, headers)).url);
    expect(result.ok ? null : result.evidence).toEqual({
      status: 429,
      model: 'mistral-small-latest',
      correlationId: '0198c0de-aaaa-7bbb-8ccc-123456789abc',
      requestId: 'abc123',
      rateLimits: { 'x-ratelimit-limit-req-minute': '60' },
      retryAfterSeconds: 7,
      serverDate: '2026-11-20T10:00:00.000Z',
    });
  });
});

describe('the limit of a call', () => {
  it('holds while memory is collected, which makes the signal of the SDK itself forget', async () => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    const sweep = setInterval(() => (typeof collect === 'function' ? Reflect.apply(collect, null, []) : undefined), 20);
    const server = await opened(serveTcp(() => undefined));
    const result = await askModels(server.url, KEY, 300);
    clearInterval(sweep);
    expect(verdictOf(result)).toBe('timeout.headers');
    expect(result.latencyMs).toBeLessThan(3000);
  });
});

it('a call that does not notice that it was given up is answered for a tenth of a second later', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const seen: string[] = [];
  const { signal, passed } = startLimit(1_000);
  void passed.then((word) => seen.push(word));
  await vi.advanceTimersByTimeAsync(999);
  expect([signal.aborted, seen]).toEqual([false, []]);
  await vi.advanceTimersByTimeAsync(1);
  expect([signal.aborted, seen]).toEqual([true, []]);
  await vi.advanceTimersByTimeAsync(100);
  expect(seen).toEqual(['passed']);
});

describe('the key', () => {
  it.each([
    ['a line break inside', 'fake-zqxj\nkvbwpf-9'],
    ['a character that headers cannot carry', 'fake-zqxj–kvbwpf-9'],
  ])('with %s is a finding and stands in no text', async (_name, key) => {
    const server = await serveJson('{}');
    const result = await askModels(server.url, key);
    expect(verdictOf(result)).toBe('config.api_key_malformed');
    expect(partsOfKey(result, key)).toEqual([]);
  });

  it('that is empty does not become the one of the environment', async () => {
    vi.stubEnv('MISTRAL_API_KEY', KEY);
    onTestFinished(() => void vi.unstubAllEnvs());
    const sent: unknown[] = [];
    const server = await opened(
      serve((request, response) => {
        sent.push(request.headers.authorization);
        response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
      }),
    );
    expect(verdictOf(await askModels(server.url, ''))).toBe('auth.invalid_key');
    expect(sent).toEqual([undefined]);
  });

  it.each([
    ['in the wording', `{"object":"error","message":"bad key ${KEY}","code":"1"}`],
    ['in part', `{"message":"bad key ${KEY.slice(0, 9)}..."}`],
    ['as a code', `{"message":"no","code":"${KEY}","type":"${KEY}"}`],
    ['in text', `bad key ${KEY}`],
    ['at the cut', `{"message":"${'x'.repeat(292)}${KEY}"}`],
  ])('that a server sends back %s is taken out', async (_name, body) => {
    const result = await askModels((await serveJson(body, 401)).url);
    expect(partsOfKey(result)).toEqual([]);
    expect(verdictOf(result)).toBe('auth.invalid_key');
  });
});
