import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHealthCalls } from '../../lib/adapters/http.ts';
import { type Served, serve, serveTcp } from './mistral/serve.ts';

const { get } = createHealthCalls();

const opened = async (server: Promise<Served>): Promise<Served> => {
  const served = await server;
  onTestFinished(served.close);
  return served;
};

describe('a health check', () => {
  it.each([200, 204, 404, 503])('reports the status %i', async (status) => {
    const server = await opened(serve((_request, response) => response.writeHead(status).end()));
    expect(await get(server.url, 2000)).toMatchObject({ status });
  });

  it('does not follow a redirect', async () => {
    let asked = 0;
    const server = await opened(
      serve((_request, response) => {
        asked += 1;
        response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
      }),
    );
    expect(await get(server.url, 2000)).toMatchObject({ status: 302 });
    expect(asked).toBe(1);
  });

  it('stops at the size limit and keeps the status', async () => {
    let written = 0;
    const server = await opened(
      serve((_request, response) => {
        response.writeHead(200);
        const chunk = 'x'.repeat(16_384);
        const more = (): void => {
          while (!response.destroyed && response.write(chunk)) written += chunk.length;
        };
        response.on('drain', more);
        more();
      }),
    );
    expect(await get(server.url, 2000)).toMatchObject({ status: 200 });
    expect(written).toBeLessThan(20_000_000);
  });

  it('is given up at its limit although the answer drips on', async () => {
    const server = await opened(
      serve((_request, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(drip));
      }),
    );
    const answer = await get(server.url, 200);
    expect(answer).toMatchObject({ why: 'no whole answer within 0.2 s' });
    expect(answer).not.toHaveProperty('isBlind');
  });

  it('is given up at its limit when nothing comes', async () => {
    const server = await opened(serveTcp(() => undefined));
    expect(await get(server.url, 150)).toMatchObject({ why: 'no whole answer within 0.15 s' });
  });

  it('says that a connection is refused, reset or cut', async () => {
    const closed = await serveTcp(() => undefined);
    await closed.close();
    expect(await get(closed.url, 2000)).toMatchObject({ why: 'the connection is refused' });
    const reset = await opened(serveTcp((socket) => socket.resetAndDestroy()));
    expect(await get(reset.url, 2000)).toMatchObject({ why: 'the connection is reset before an answer' });
    const cut = await opened(
      serveTcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{'))),
    );
    expect(await get(cut.url, 2000)).toMatchObject({ why: 'it begins to answer 200 and breaks off' });
  });

  it('asks loopback by name, with the addresses it checked', async () => {
    const server = await opened(serve((_request, response) => response.end('ok')));
    expect(await get(`http://localhost:${server.port}`, 2000)).toMatchObject({ status: 200 });
  });

  it('carries the credentials of the address and never shows them', async () => {
    let sent: string | undefined;
    const server = createServer((request, response) => {
      sent = request.headers.authorization;
      response.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const answer = await get(`http://watcher:hush@127.0.0.1:${port}/health`, 2000);
    expect(sent).toBe(`Basic ${Buffer.from('watcher:hush').toString('base64')}`);
    expect(JSON.stringify(answer)).not.toContain('hush');
  });
});

describe('addresses that are never asked', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://169.254.170.2/v2/credentials',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://[::ffff:169.254.169.254]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://[fd00:ec2::253]/',
    'http://[fd00:ec2:1::23]/',
    'http://[::169.254.169.254]/',
    'http://[64:ff9b:1::a9fe:a9fe]/',
    'http://100.100.100.200/',
  ])('%s is refused without a connection', async (url) => {
    expect(await get(url, 2000)).toMatchObject({
      why: 'its health address is a link-local or metadata address',
      isBlind: true,
    });
  });

  it.each(['', 'nonsense', 'file:///etc/passwd', 'ftp://127.0.0.1/', 'javascript:1'])(
    '"%s" is no http address',
    async (url) => {
      expect(await get(url, 2000)).toMatchObject({
        why: 'its configured health address is not an http address',
        isBlind: true,
      });
    },
  );

  it('a name that leads there is refused, too, also beside a good address', async () => {
    const resolveName = () =>
      Promise.resolve([
        { address: '127.0.0.1', family: 4 },
        { address: '169.254.169.254', family: 4 },
      ]);
    expect(await createHealthCalls({ resolveName }).get('http://service.invalid/', 2000)).toMatchObject({
      isBlind: true,
    });
  });

  it('the connection goes to the address that was checked, not to a second answer of DNS', async () => {
    const server = await opened(serve((_request, response) => response.end('ok')));
    const resolveName = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    const { get: getPinned } = createHealthCalls({ resolveName });
    const url = `http://service.invalid:${server.port}/`;
    expect(await getPinned(url, 2000, { allowPrivate: true })).toMatchObject({ status: 200 });
  });

  it.each([
    ['10.1.2.3', 4],
    ['172.31.255.1', 4],
    ['192.168.1.1', 4],
    ['100.64.0.1', 4],
    ['127.0.0.1', 4],
    ['0.0.0.0', 4],
    ['::1', 6],
    ['fd12::1', 6],
    ['::ffff:10.0.0.1', 6],
    ['64:ff9b::c0a8:101', 6],
    ['64:ff9b:1::808:808', 6],
    ['::10.0.0.1', 6],
    ['::8.8.8.8', 6],
  ])('a name that leads to the private %s is refused where that is not configured', async (address, family) => {
    const resolveName = () => Promise.resolve([{ address, family }]);
    expect(await createHealthCalls({ resolveName }).get('http://service.invalid/', 2000)).toMatchObject({
      why: 'its health address leads to a private address, which is not configured as allowed',
      isBlind: true,
    });
  });

  it('allowing private addresses allows no metadata address', async () => {
    const resolveName = () => Promise.resolve([{ address: '169.254.169.254', family: 4 }]);
    const calls = createHealthCalls({ resolveName });
    expect(await calls.get('http://service.invalid/', 2000, { allowPrivate: true })).toMatchObject({ isBlind: true });
  });

  it('a name that does not resolve here says nothing about the service', async () => {
    expect(await get('http://nothing.invalid/', 5000)).toMatchObject({ isBlind: true });
  });
});
