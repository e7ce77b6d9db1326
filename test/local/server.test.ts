import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listen, type Routes, type Server } from '../../lib/local/server.ts';

const MIB = 1024 * 1024;

const seen: number[] = [];
const routes: Routes = {
  alerts: async (event) => {
    seen.push(Buffer.from(event.body ?? '', 'base64').length);
    return { statusCode: 202, headers: {}, body: 'taken' };
  },
  deployments: async () => ({ statusCode: 202, headers: {}, body: 'told' }),
  slack: () => Promise.reject(new Error('broken')),
  health: async () => ({ statusCode: 200, headers: {}, body: 'well' }),
  mount: null,
  isLocalOnly: true,
};

let server: Server;
beforeEach(async () => {
  seen.length = 0;
  server = await listen('127.0.0.1', 0, { headersMs: 200, requestMs: 400, lookMs: 50 });
  server.serve(routes);
});
afterEach(() => server.close());

/** Sends raw bytes and returns all that comes back until the connection ends, and how it ended. */
const speak = (pieces: Iterable<string | Buffer>): Promise<string> =>
  new Promise((resolve) => {
    let heard = '';
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => {
      for (const piece of pieces) socket.write(piece);
    });
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
    socket.on('error', (error) => resolve(`${error.message} after "${heard}"`));
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(heard));
  });

const chunked = function* (megabytes: number): Generator<string | Buffer> {
  yield 'POST /alerts/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n';
  for (let index = 0; index < megabytes; index += 1) {
    yield `${MIB.toString(16)}\r\n`;
    yield Buffer.alloc(MIB, 32);
    yield '\r\n';
  }
  yield '0\r\n\r\n';
};

const announced = function* (megabytes: number): Generator<string | Buffer> {
  yield `POST /alerts/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${megabytes * MIB}\r\n\r\n`;
  for (let index = 0; index < megabytes; index += 1) yield Buffer.alloc(MIB, 32);
};

describe('a body over the limit', () => {
  it.each([
    ['of an announced length', announced(20)],
    ['that comes in pieces', chunked(20)],
  ])('%s is answered 413 whole and never by a reset, however long it goes on', async (_name, pieces) => {
    const heard = await speak(pieces);
    expect(heard).toMatch(/^HTTP\/1\.1 413 /);
    expect(heard).toMatch(/connection: close/i);
    expect(heard.endsWith('{"error":"body over 4 MiB"}')).toBe(true);
    expect(seen).toEqual([]);
  });

  it('is known by its announced length before a byte of it came', async () => {
    const heard = await speak([`POST /alerts/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${5 * MIB}\r\n\r\n`]);
    expect(heard).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('begins one byte after 4 MiB', async () => {
    const post = (bytes: number): Promise<Response> =>
      fetch(`${server.url}/alerts/x`, { method: 'POST', body: Buffer.alloc(bytes, 32) });
    expect([(await post(4 * MIB)).status, (await post(4 * MIB + 1)).status]).toEqual([202, 413]);
    expect(seen).toEqual([4 * MIB]);
  });
});

describe('a slow sender', () => {
  it.each([
    ['its headers', ['POST /alerts/x HTTP/1.1\r\nHost: localhost\r\n']],
    ['its body', ['POST /alerts/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf']],
  ])('that never ends %s is sent away, and nothing reaches the door', async (_name, pieces) => {
    expect(await speak(pieces)).toMatch(/^HTTP\/1\.1 408 /);
    expect(seen).toEqual([]);
  });
});

describe('a handler that breaks down', () => {
  it('is 503 with Retry-After for a monitor', async () => {
    server.serve({ ...routes, alerts: () => Promise.reject(new Error('broken')) });
    const answer = await fetch(`${server.url}/alerts/x`, { method: 'POST', body: '{}' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  });

  it('is 500 for everybody else', async () => {
    expect((await fetch(`${server.url}/slack/events`, { method: 'POST', body: '{}' })).status).toBe(500);
  });
});

it.each([
  ['a page of another port of this machine', { origin: 'http://localhost:9' }, 403],
  ['its own page', {}, 200],
])('answers %s rightly', async (_name, headers, status) => {
  const origin = 'origin' in headers ? headers.origin : server.url;
  expect((await fetch(`${server.url}/health`, { headers: { origin } })).status).toBe(status);
});
