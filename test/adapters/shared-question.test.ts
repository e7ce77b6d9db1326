import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMistralCalls } from '../../lib/adapters/mistral/calls.ts';
import { createNetworkCalls } from '../../lib/adapters/network.ts';
import { createShared } from '../../lib/adapters/shared-question.ts';
import { createStatusPage } from '../../lib/adapters/status-page.ts';
import { type Served, serve, serveTcp } from './mistral/serve.ts';

const opened = async (server: Promise<Served>): Promise<Served> => {
  const served = await server;
  onTestFinished(served.close);
  return served;
};

/** Answers with how many have asked, once it is told to. */
const createAsked = () => {
  const { promise: ready, resolve: answer } = Promise.withResolvers<void>();
  let count = 0;
  const ask = async (): Promise<number> => {
    count += 1;
    const nth = count;
    await ready;
    return nth;
  };
  return { ask, answer };
};

describe('a question that is being asked', () => {
  it('is not put again, and is once it was answered', async () => {
    const [share, { ask, answer }] = [createShared<number>(), createAsked()];
    const all = [share('a', 100, ask), share('a', 100, ask), share('b', 100, ask)];
    answer();
    expect(await Promise.all(all)).toEqual([1, 1, 2]);
    expect(await share('a', 100, ask)).toBe(3);
  });

  it('is put again by who would wait clearly longer, and whoever comes then shares that one', async () => {
    const [share, { ask, answer }] = [createShared<number>(), createAsked()];
    const all = [100, 110, 50, 1_000, 1_000].map((timeoutMs) => share('a', timeoutMs, ask));
    answer();
    expect(await Promise.all(all)).toEqual([1, 1, 1, 2, 2]);
  });

  it('fails for all who share it, and is then forgotten', async () => {
    const share = createShared<number>();
    const fail = () => Promise.reject(new Error('no'));
    const all = await Promise.allSettled([share('a', 100, fail), share('a', 100, fail)]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await share('a', 100, () => Promise.resolve(7))).toBe(7);
  });
});

const SERVICES = Array.from({ length: 30 }, (_, nth) => ({
  name: `service-${nth}`,
  environment: 'production',
  models: [],
  secretId: 's',
  healthUrl: null,
}));

describe('thirty services at once', () => {
  it('read the status page once', async () => {
    let asked = 0;
    const { url } = await opened(
      serve((_request, response) => {
        asked += 1;
        response.end('{"status":{"indicator":"minor"},"incidents":[]}');
      }),
    );
    const page = createStatusPage({ url, format: 'statuspage', allowPrivate: false });
    const told = await Promise.all(SERVICES.map((service) => page.read(service, 2_000)));
    expect(told).toEqual(SERVICES.map(() => ({ indicator: 'minor', incidents: 0 })));
    expect(asked).toBe(1);
  });

  it('resolve, connect and look at the certificate once each, and another port is another question', async () => {
    const sockets: Socket[] = [];
    const { port, url } = await opened(serveTcp((socket) => sockets.push(socket.once('data', () => socket.end()))));
    const names: string[] = [];
    const resolveName = (name: string) => {
      names.push(name);
      return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    };
    const network = createNetworkCalls({ apiUrl: url, variables: {}, allowPrivate: true, resolveName });
    await Promise.all(SERVICES.map(() => network.resolve('api.invalid', 2_000)));
    expect(names).toHaveLength(1);
    const told = await Promise.all([
      ...SERVICES.flatMap(() => [
        network.connect('api.invalid', port, 2_000),
        network.inspectTls('api.invalid', port, 2_000),
      ]),
      network.connect('api.invalid', 1, 2_000),
    ]);
    expect(sockets).toHaveLength(2);
    expect(told.at(-1)).toMatchObject({ ok: false, codes: ['ECONNREFUSED'] });
    expect(told.filter(({ ok }) => ok)).toHaveLength(SERVICES.length);
  });

  it('ask whether the path is open once, and each for itself with its key', async () => {
    const keys: (string | undefined)[] = [];
    const { url } = await opened(
      serve((request, response) => {
        keys.push(request.headers.authorization);
        response.writeHead(401, { 'content-type': 'application/json' }).end('{"detail":"Unauthorized"}');
      }),
    );
    const calls = createMistralCalls({ serverUrl: url, clock: { nowMs: () => Date.now() } });
    await Promise.all(SERVICES.map(() => calls.listWithoutKey(5_000)));
    expect(keys).toHaveLength(1);
    await Promise.all(SERVICES.slice(0, 3).map(({ name }) => calls.listModels(name, 5_000)));
    expect(keys.slice(1).sort()).toEqual(['Bearer service-0', 'Bearer service-1', 'Bearer service-2']);
  });
});
