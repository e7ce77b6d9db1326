import {
  createServer as createHttp,
  type IncomingHttpHeaders,
  request as requestHttp,
  setGlobalProxyFromEnv,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { getJson } from '../../lib/adapters/get-json.ts';
import { createHealthCalls } from '../../lib/adapters/http.ts';
import { createPlainCalls } from '../../lib/adapters/mistral/plain-calls.ts';
import { createNetworkCalls } from '../../lib/adapters/network.ts';
import { systemClock } from '../../lib/adapters/system.ts';
import type { Branch } from '../../lib/domain/branch.ts';
import { proxyInWay } from '../../lib/probes/proxy-in-way.ts';
import { classify } from '../../lib/triage/classify.ts';
import { makeCertificate } from './certificates.ts';
import { listen, type Served, serve, serveTcp } from './mistral/serve.ts';

const opened = async (server: Promise<Served>): Promise<Served> => {
  const served = await server;
  onTestFinished(served.close);
  return served;
};

const certificate = makeCertificate({ host: 'status.invalid' });

/** Answers with what it was sent. */
const serveSecret = async (): Promise<Served> => {
  const server = createHttps(certificate, (request, response) => response.end(JSON.stringify(request.headers)));
  return opened(listen(server, () => server.closeAllConnections()));
};

type Seen = { readonly target: string | undefined; readonly headers: IncomingHttpHeaders };

/** A proxy that knows every name, and leads each to this machine. `closed`: the first connection to it has ended. */
const serveProxy = async () => {
  const seen: Seen[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const server = createHttp((request, response) => {
    seen.push({ target: request.url, headers: request.headers });
    const { port, pathname } = new URL(request.url ?? '');
    requestHttp({ port, host: '127.0.0.1', path: pathname }, (answer) => answer.pipe(response)).end();
  });
  server.on('connection', (socket: Socket) => socket.on('close', () => resolve()));
  server.on('connect', (request, socket: Socket) => {
    seen.push({ target: request.url, headers: request.headers });
    const behind = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(behind).pipe(socket);
    });
    behind.on('close', () => socket.resume());
    for (const one of [behind, socket]) one.on('error', () => one.destroy());
  });
  const { port } = await opened(listen(server, () => server.closeAllConnections()));
  return { port, seen, closed };
};

const through = (port: number, more: Readonly<Record<string, string>> = {}) => ({
  NODE_USE_ENV_PROXY: '1',
  HTTPS_PROXY: `http://me:hush@127.0.0.1:${port}`,
  HTTP_PROXY: `http://me:hush@127.0.0.1:${port}`,
  ...more,
});

const nobody = (): Promise<never> => Promise.reject(new Error('no name resolves here'));

type Options = Partial<Parameters<typeof getJson>[1]>;
const get = (url: string, options: Options): Promise<unknown> =>
  getJson(url, { limitMs: 2_000, allowPrivate: false, resolveName: nobody, ca: certificate.cert, ...options });

describe('where the environment sends calls through a proxy', () => {
  it('an https address is asked through a tunnel, by its name, and each side sees its own credentials alone', async () => {
    const [server, proxy] = await Promise.all([serveSecret(), serveProxy()]);
    const headers = { 'x-api-key': 'k' };
    const told = await get(`https://status.invalid:${server.port}/v1`, { headers, variables: through(proxy.port) });
    expect(told).toMatchObject({ 'x-api-key': 'k', host: `status.invalid:${server.port}` });
    expect(told).not.toHaveProperty('proxy-authorization');
    expect(proxy.seen).toMatchObject([{ target: `status.invalid:${server.port}` }]);
    expect(proxy.seen[0]?.headers['proxy-authorization']).toBe(`Basic ${Buffer.from('me:hush').toString('base64')}`);
    expect(proxy.seen[0]?.headers).not.toHaveProperty('x-api-key');
    await proxy.closed;
  });

  it('a certificate is looked at as without one', async () => {
    const [server, proxy] = await Promise.all([serveSecret(), serveProxy()]);
    const variables = through(proxy.port);
    await expect(get(`https://other.invalid:${server.port}`, { variables })).rejects.toThrow(
      'its certificate is for another host',
    );
    await expect(
      get(`https://status.invalid:${server.port}`, { variables, ca: makeCertificate().cert }),
    ).rejects.toThrow('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  it('an http address is asked of the proxy itself', async () => {
    const [server, proxy] = await Promise.all([
      opened(serve((request, response) => response.end(JSON.stringify({ path: request.url })))),
      serveProxy(),
    ]);
    const health = createHealthCalls({ resolveName: nobody, variables: through(proxy.port) });
    const url = `http://app.invalid:${server.port}/health`;
    expect(await health.get(url, 2_000)).toMatchObject({ status: 200 });
    expect(await get(url, { variables: through(proxy.port) })).toEqual({ path: '/health' });
    expect(proxy.seen.map(({ target }) => target)).toEqual([url, url]);
    await proxy.closed;
  });

  it.each([
    ['is not to be taken by Node', (port: number) => ({ HTTP_PROXY: `http://127.0.0.1:${port}` })],
    ['excepts the name', (port: number) => through(port, { NO_PROXY: 'corp.example,.invalid' })],
    ['names none', () => ({ NODE_USE_ENV_PROXY: '1' })],
  ])('it goes straight where the environment %s', async (_name, variablesOf) => {
    const [server, proxy] = await Promise.all([opened(serve((_, response) => response.end('{}'))), serveProxy()]);
    const options = {
      variables: variablesOf(proxy.port),
      resolveName: () => Promise.resolve([HERE]),
      allowPrivate: true,
    };
    expect(await get(`http://app.invalid:${server.port}`, options)).toEqual({});
    expect(proxy.seen).toEqual([]);
  });

  it('this machine is not asked through it', async () => {
    const [server, proxy] = await Promise.all([opened(serve((_, response) => response.end('{}'))), serveProxy()]);
    expect(await get(server.url, { variables: through(proxy.port) })).toEqual({});
    expect(proxy.seen).toEqual([]);
  });

  it.each([
    'http://169.254.169.254/latest',
    'http://0xa9fea9fe/',
    'https://[fd00:ec2::254]/',
    'http://metadata.google.internal/',
    'http://METADATA.google.internal./',
  ])('%s is asked through it no more than without', async (url) => {
    const proxy = await serveProxy();
    await expect(get(url, { variables: through(proxy.port) })).rejects.toThrow(/metadata address/);
    expect(proxy.seen).toEqual([]);
  });
});

const HERE = { address: '127.0.0.1', family: 4 };

const answering = (text: string) => (socket: Socket) => socket.once('data', () => socket.end(text));

const keepingTheLine = (text: string) => (socket: Socket) => socket.once('data', () => socket.write(text));

const drip = (socket: Socket): void => {
  socket.write('HTTP/1.1 200 OK\r\n');
  const timer = setInterval(() => socket.write('x: y\r\n'), 10);
  socket.on('close', () => clearInterval(timer));
};

/** Never a header that ends. */
const flood = (socket: Socket): void => {
  const more = (): void => {
    while (!socket.destroyed && socket.write('x'.repeat(65_536)));
  };
  socket.write('HTTP/1.1 200 OK\r\nx: ');
  socket.on('drain', more);
  more();
};

const LED = 'the proxy that the environment names ';

describe('a proxy that', () => {
  it.each<readonly [string, string, (socket: Socket) => void, number]>([
    [
      'wants a login',
      'wants other credentials (407)',
      answering('HTTP/1.1 407 No\r\n\r\n<html>Log in, me:hush'),
      2_000,
    ],
    ['forbids', 'opens no way to it (403)', answering('HTTP/1.1 403 No\r\n\r\n'), 2_000],
    ['is broken itself', 'opens no way to it (502)', answering('HTTP/1.1 502 No\r\n\r\n'), 2_000],
    [
      'wants a login and keeps the line',
      'wants other credentials (407)',
      keepingTheLine('HTTP/1.1 407 No\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n'),
      2_000,
    ],
    [
      'answers a page and no HTTP',
      'opens no way: the call fails with HPE_INVALID_CONSTANT',
      answering('<html>Hello'),
      2_000,
    ],
    ['hangs up', 'opens no way: the connection is reset before an answer', answering(''), 2_000],
    ['floods', 'opens no way: the call fails with HPE_HEADER_OVERFLOW', flood, 2_000],
    ['says nothing', 'opens no way in time', () => undefined, 200],
    ['drips', 'opens no way in time', drip, 200],
  ])('%s is told as that, says nothing about the service, and is let go of', async (_name, words, behave, limitMs) => {
    const closed: Promise<void>[] = [];
    const proxy = await opened(
      serveTcp((socket) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        closed.push(promise);
        socket.on('close', () => resolve()).resume();
        behave(socket);
      }),
    );
    const variables = through(proxy.port);
    const health = createHealthCalls({ variables }).get('https://app.invalid/', limitMs);
    await expect(get('https://status.invalid/', { variables, limitMs })).rejects.toMatchObject({
      name: 'NoAnswer',
      message: LED + words,
    });
    expect(await health).toMatchObject({ why: LED + words, isBlind: true });
    expect(closed).toHaveLength(2);
    await Promise.all(closed);
  });

  it('is not there says nothing about the service, with TLS and without', async () => {
    const gone = await serveTcp(() => undefined);
    await gone.close();
    const health = createHealthCalls({ variables: through(gone.port) });
    for (const url of ['http://app.invalid/', 'https://app.invalid/'])
      expect(await health.get(url, 1_000)).toMatchObject({
        why: `${LED}opens no way: the connection is refused`,
        isBlind: true,
      });
  });

  it('says 200 and then a page gives no answer', async () => {
    const proxy = await opened(serveTcp(answering('HTTP/1.1 200 OK\r\n\r\n<html>Welcome')));
    await expect(get('https://status.invalid/', { variables: through(proxy.port) })).rejects.toMatchObject({
      name: 'NoAnswer',
    });
  });
});

describe("fetch behind the environment's proxy", () => {
  const behind = (port: number, apiUrl = 'https://api.invalid') => {
    onTestFinished(setGlobalProxyFromEnv({ HTTPS_PROXY: `http://127.0.0.1:${port}` }));
    const variables = { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: `http://127.0.0.1:${port}` };
    return {
      calls: createPlainCalls({ serverUrl: apiUrl, clock: systemClock, variables }),
      proxy: proxyInWay(createNetworkCalls({ apiUrl, variables })),
    };
  };

  it.each<readonly [number, Branch]>([
    [407, 'net.proxy_auth'],
    [403, 'net.egress_blocked'],
    [502, 'net.unknown'],
  ])('fails on the way where the proxy says %i, and the proxy itself says why: %s', async (status, branch) => {
    const { port } = await opened(serveTcp(answering(`HTTP/1.1 ${status} No\r\n\r\n`)));
    const { calls, proxy } = behind(port);
    const [called, asked] = [await calls.listModels('none', 2_000), await proxy.ask(2_000)];
    expect(called.ok ? 'ok' : classify(called.failure)).toBe('net.unknown');
    expect(asked).toMatchObject({ outcome: 'failed', branch, facts: { proxy: `127.0.0.1:${port}` } });
  });

  it.each<readonly [string, (socket: Socket) => void, Branch, number]>([
    ['hangs up', answering(''), 'net.reset', 2_000],
    ['says nothing', () => undefined, 'net.connect_timeout', 300],
    ['answers a page and no HTTP', answering('<html>Hello'), 'net.protocol', 2_000],
  ])(
    'a proxy that %s is connected to once, for it is asked before fetch is',
    async (_name, behave, branch, limitMs) => {
      const sockets: Socket[] = [];
      const { port } = await opened(
        serveTcp((socket) => {
          sockets.push(socket);
          behave(socket);
        }),
      );
      const called = await behind(port).calls.listModels('none', limitMs);
      expect(called.ok ? 'ok' : classify(called.failure)).toBe(branch);
      expect(sockets).toHaveLength(1);
    },
  );

  it('goes on where the proxy opens a way, and calls of one moment share the look at it', async () => {
    const [server, proxy] = await Promise.all([serveSecret(), serveProxy()]);
    const { calls } = behind(proxy.port, `https://api.invalid:${server.port}`);
    const called = await Promise.all([calls.listModels('a', 2_000), calls.listModels('b', 2_000)]);
    for (const { failure } of called.filter((one) => !one.ok))
      expect(classify(failure)).toBe('net.tls_untrusted_interception');
    expect(proxy.seen).toHaveLength(1 + called.length);
  });

  it.each(['https://169.254.169.254', 'https://metadata.google.internal'])(
    'never asks the proxy for %s',
    async (apiUrl) => {
      const proxy = await serveProxy();
      const called = await behind(proxy.port, apiUrl).calls.listModels('none', 2_000);
      expect(called).toMatchObject({ ok: false, failure: { codes: ['ADDRESS_REFUSED'] } });
      expect(proxy.seen).toEqual([]);
    },
  );
});
