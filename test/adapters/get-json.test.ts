import { describe, expect, it, onTestFinished } from 'vitest';
import { getJson } from '../../lib/adapters/get-json.ts';
import { type Served, serve, serveTcp } from './mistral/serve.ts';

const opened = async (server: Promise<Served>): Promise<Served> => {
  const served = await server;
  onTestFinished(served.close);
  return served;
};

const HERE = [{ address: '127.0.0.1', family: 4 }];
const named = (port: number): string => `http://metrics.invalid:${port}/secret-path`;

const get = (url: string, options: Partial<Parameters<typeof getJson>[1]> = {}): Promise<unknown> =>
  getJson(url, { limitMs: 2_000, allowPrivate: true, resolveName: () => Promise.resolve(HERE), ...options });

describe('a GET for JSON', () => {
  it('sends the given headers and gives what was answered', async () => {
    const server = await opened(
      serve((request, response) => response.end(JSON.stringify({ told: request.headers['x-api-key'] }))),
    );
    expect(await get(server.url, { headers: { 'x-api-key': 'k' } })).toEqual({ told: 'k' });
  });

  it.each([
    [401, 'it answers 401'],
    [500, 'it answers 500'],
    [204, 'its answer is not JSON'],
  ])('says that it is answered %i', async (status, message) => {
    const server = await opened(serve((_request, response) => response.writeHead(status).end()));
    await expect(get(server.url)).rejects.toMatchObject({ name: 'NoAnswer', message });
  });

  it('does not follow a redirect', async () => {
    let asked = 0;
    const server = await opened(
      serve((_request, response) => {
        asked += 1;
        response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end('{}');
      }),
    );
    await expect(get(server.url)).rejects.toMatchObject({ status: 302 });
    expect(asked).toBe(1);
  });

  it('reads no more than the limit of an answer without end', async () => {
    let written = 0;
    const server = await opened(
      serve((_request, response) => {
        const chunk = 'x'.repeat(65_536);
        const more = (): void => {
          while (!response.destroyed && response.write(chunk)) written += chunk.length;
        };
        response.on('drain', more);
        more();
      }),
    );
    await expect(get(server.url, { mostBytes: 1_024 })).rejects.toMatchObject({
      message: 'its answer is larger than 1 kB',
    });
    expect(written).toBeLessThan(20_000_000);
  });

  it('gives up at its limit, whether nothing comes or it drips', async () => {
    const silent = await opened(serveTcp(() => undefined));
    const dripping = await opened(
      serve((_request, response) => {
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      }),
    );
    for (const { url } of [silent, dripping])
      await expect(get(url, { limitMs: 150 })).rejects.toMatchObject({ message: 'no whole answer within 0.15 s' });
  });

  it('does not take half an answer for one', async () => {
    const cut = await opened(
      serveTcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{}'))),
    );
    await expect(get(cut.url)).rejects.toMatchObject({ message: 'it begins to answer 200 and breaks off' });
  });
});

describe('an address', () => {
  it('that a name leads to is asked only where that is allowed, if it is private', async () => {
    const server = await opened(serve((_request, response) => response.end('{}')));
    expect(await get(named(server.port))).toEqual({});
    await expect(get(named(server.port), { allowPrivate: false })).rejects.toThrow(/private address.*allowPrivate/);
  });

  it('of metadata is asked never', async () => {
    for (const url of ['http://169.254.169.254/', 'http://[fd00:ec2::254]/'])
      await expect(get(url)).rejects.toThrow('its address is a link-local or metadata address');
    const resolveName = () => Promise.resolve([...HERE, { address: '169.254.169.254', family: 4 }]);
    await expect(get('http://metrics.invalid/', { resolveName })).rejects.toThrow(/metadata address/);
  });

  it('that is none, or of a name that does not resolve, is said, and never quoted', async () => {
    await expect(get('file:///etc/passwd')).rejects.toThrow('its address is not an http address');
    const nobody = () => Promise.reject(new Error('nobody'));
    const asked = get('http://user:hush@metrics.invalid/', { resolveName: nobody });
    await expect(asked).rejects.toThrow('the name of its address does not resolve here');
    await expect(asked).rejects.not.toThrow(/hush|metrics/);
  });
});
