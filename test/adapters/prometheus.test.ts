import { describe, expect, it, onTestFinished } from 'vitest';
import { createPrometheusTraffic, type PrometheusSource } from '../../lib/adapters/prometheus/traffic.ts';
import type { ServiceTarget } from '../../lib/ports/probes.ts';
import { serve } from './mistral/serve.ts';

const NOW_MS = Date.parse('2026-11-20T12:00:00.000Z');
const target: ServiceTarget = {
  name: 'chat-api',
  environment: 'production',
  models: ['a'],
  secretId: 's',
  healthUrl: null,
};

/** Queries of one word each, so that the server below knows what is asked. */
const QUERIES = { requestsPerMinute: 'rate', failingShare: 'share', p95Ms: 'p95' };

type Reply = { readonly status?: number; readonly body: unknown };
const vector = (...values: readonly string[]): Reply => ({
  body: {
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, value] })) },
  },
});

/** Speaks the query API by a script of ours; what Prometheus itself does is asked of the real one, in test/conformance. */
const open = async (
  reply: (query: string, isNow: boolean) => Reply,
  change: Partial<PrometheusSource> = {},
  authorization: string | null = null,
) => {
  const asked: { readonly path: string; readonly authorization: string | undefined }[] = [];
  const server = await serve((request, response) => {
    const url = new URL(request.url ?? '', 'http://peer.invalid');
    asked.push({ path: url.pathname, authorization: request.headers.authorization });
    const isNow = url.searchParams.get('time') === String(NOW_MS / 1_000);
    const { status = 200, body } = reply(url.searchParams.get('query') ?? '', isNow);
    response.writeHead(status).end(JSON.stringify(body));
  });
  onTestFinished(server.close);
  const source = {
    url: `${server.url}/`,
    allowPrivate: false,
    selector: null,
    windowMinutes: 5,
    queries: QUERIES,
    ...change,
  };
  const traffic = createPrometheusTraffic({
    clock: { nowMs: () => NOW_MS },
    sourceOf: () => source,
    authorizationOf: () => authorization,
  });
  return { read: () => traffic.read(target, 2_000), asked };
};

const VALUES: Readonly<Record<string, readonly [string, string]>> = {
  rate: ['120.04', '60'],
  share: ['0.25004', '0'],
  p95: ['812.4', '300'],
};

describe('the traffic that Prometheus tells of', () => {
  it('is that of now and that of an hour ago', async () => {
    const { read } = await open((query, isNow) => vector(VALUES[query]?.[isNow ? 0 : 1] ?? ''));
    expect(await read()).toEqual({
      requestsPerMinute: 120,
      failingShare: 0.25,
      p95Ms: 812,
      requestsPerMinuteBefore: 60,
      failingShareBefore: 0,
      p95MsBefore: 300,
      windowMinutes: 5,
    });
  });

  it('has no member for what is not known: no series, a share of no requests, an hour ago that is not kept', async () => {
    const { read } = await open((query, isNow) => {
      if (!isNow) return { status: 503, body: {} };
      return query === 'rate' ? vector('0') : query === 'share' ? vector('NaN') : vector();
    });
    expect(await read()).toEqual({ requestsPerMinute: 0, windowMinutes: 5 });
  });

  it('is not zero where there is no series of the service at all', async () => {
    const { read } = await open(() => vector());
    await expect(read()).rejects.toMatchObject({
      name: 'SourceError',
      message: 'it answers, and has no requests of this service',
    });
  });

  it.each<readonly [string, Reply, string]>([
    ['a query that is none', { status: 400, body: { status: 'error' } }, 'it does not take a query (400)'],
    ['a server in trouble', { status: 503, body: {} }, 'it answers 503'],
    [
      'something else that listens there',
      { body: { status: 'up' } },
      'its answer is not that of the HTTP API of Prometheus',
    ],
    ['a query without a sum', vector('1', '2'), 'a query has more than one series for an answer: put sum(…) around it'],
    ['a number that is none', vector(''), 'its answer holds no number'],
    ['a number beyond all', vector('1e999'), 'its answer holds no number'],
  ])('is not there for %s', async (_what, reply, message) => {
    const { read } = await open(() => reply);
    await expect(read()).rejects.toMatchObject({ name: 'SourceError', message });
  });

  it.each([
    ['share', '3', 'its failing share is 3: a share lies between 0 and 1'],
    ['share', '1.01', 'its failing share is 1.01: a share lies between 0 and 1'],
    ['share', '-0.4', 'its failing share is -0.4: a share lies between 0 and 1'],
    ['rate', '-5', 'its number of requests a minute is -5: it lies between 0 and 1000000000'],
    ['rate', '1e300', 'its number of requests a minute is 1e+300: it lies between 0 and 1000000000'],
    ['p95', '-1', 'its latency in milliseconds is -1: it lies between 0 and 86400000'],
    ['p95', '1e12', 'its latency in milliseconds is 1000000000000: it lies between 0 and 86400000'],
  ])('is not known where the query of the %s answers %s', async (query, value, message) => {
    const { read } = await open((asked) => vector(asked === query ? value : '0.5'));
    await expect(read()).rejects.toMatchObject({ name: 'SourceError', message });
  });

  it.each([
    ['1.0000001', 1],
    ['-1e-09', 0],
    ['1', 1],
  ])('takes a share of %s, off by rounding at most, for %d', async (value, share) => {
    const { read } = await open((asked) => vector(asked === 'share' ? value : '20'));
    expect(await read()).toMatchObject({ failingShare: share });
  });

  it('has no past where the number of an hour ago cannot be what it is called', async () => {
    const { read } = await open((asked, isNow) => vector(asked === 'share' && !isNow ? '7' : '0.5'));
    expect(await read()).toEqual({ requestsPerMinute: 0.5, failingShare: 0.5, p95Ms: 1, windowMinutes: 5 });
  });

  it('is asked at its place, with the configured authorization', async () => {
    const { read, asked } = await open(() => vector('1'), {}, 'Bearer of-metrics');
    await read();
    expect(asked).toHaveLength(6);
    expect(new Set(asked.map((one) => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify({ path: '/api/v1/query', authorization: 'Bearer of-metrics' })]),
    );
  });

  it('is that of the service by its label, or of what the configuration selects', async () => {
    const queries: string[] = [];
    const note = (query: string): Reply => {
      queries.push(query);
      return vector('1');
    };
    await (await open(note, { queries: {} })).read();
    expect(queries.every((query) => query.includes('service="chat-api"'))).toBe(true);
    queries.length = 0;
    await (await open(note, { queries: {}, selector: 'job="chat"' })).read();
    expect(queries.every((query) => query.includes('job="chat"') && !query.includes('service='))).toBe(true);
  });
});

it('nothing is asked where nothing is configured', async () => {
  const traffic = createPrometheusTraffic({
    clock: { nowMs: () => NOW_MS },
    sourceOf: () => null,
    authorizationOf: () => null,
  });
  expect(await traffic.read(target, 1_000)).toBe(null);
});
