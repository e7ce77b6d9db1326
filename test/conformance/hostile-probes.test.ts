import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createHealthCalls } from '../../lib/adapters/http.ts';
import { createMistralCalls } from '../../lib/adapters/mistral/calls.ts';
import { createAdminSources } from '../../lib/adapters/mistral-admin/account.ts';
import { createNetworkCalls } from '../../lib/adapters/network.ts';
import { createPrometheusTraffic } from '../../lib/adapters/prometheus/traffic.ts';
import { createStatusPage } from '../../lib/adapters/status-page.ts';
import { systemClock, systemWait } from '../../lib/adapters/system.ts';
import type { Finding, ProbeAnswer } from '../../lib/domain/diagnosis.ts';
import type { ProbeSources } from '../../lib/ports/probe-sources.ts';
import type { Limits } from '../../lib/probes/plan-probes.ts';
import { runProbes } from '../../lib/probes/probe.ts';
import { judge } from '../../lib/triage/judge.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { KEY, partsOfKey, type Served, serve } from '../adapters/mistral/serve.ts';
import { type Answer, HOSTILE, LETTER, written } from '../probes/hostile.ts';
import { chatAnswer, MODELS_ANSWER, STREAM_ANSWER } from '../probes/mistral-answers.ts';

/** For what is asked of who is hostile; the others have all the time that a busy machine may need. */
const LIMIT_MS = 1_500;
const PLENTY_MS = 8_000;
const AMPLE: Limits = {
  models: PLENTY_MS,
  chat: PLENTY_MS,
  health: PLENTY_MS,
  network: PLENTY_MS,
  source: PLENTY_MS,
};

const sendJson = (response: ServerResponse, body: unknown): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const SPEND = { limits: { completion: { monthly_limit_reached: false, total_usage: 1, usage_limit: 9 } } };

const prometheus = (value: string) => ({
  status: 'success',
  data: { resultType: 'vector', result: [{ metric: {}, value: [1, value] }] },
});

/** What each path answers while all is well. */
const GOOD: readonly (readonly [RegExp, unknown])[] = [
  [/^\/v1\/models\/./, MODELS_ANSWER.data[0]],
  [/\/v1\/models/, MODELS_ANSWER],
  [/^\/v1\/chat/, chatAnswer('small')],
  [/^\/status/, { status: { indicator: 'none', description: 'well' }, incidents: [] }],
  [/^\/prometheus.*histogram_quantile/, prometheus('300')],
  // The one query with a division.
  [/^\/prometheus.*%2F/, prometheus('0.001')],
  [/^\/prometheus/, prometheus('60')],
  [/^\/v1\/admin\/spend-limit/, SPEND],
  [/^\/v1\/admin\/api-keys/, { data: [{ name: 'ours', expiration_date: '2031-01-01T00:00:00Z' }] }],
];

const STANDBY = 'fake-hgwmyrkdtc-7';

const isStream = ({ headers }: IncomingMessage): boolean => headers.accept?.includes('event-stream') === true;
const isFrom = ({ headers }: IncomingMessage, key: string): boolean => headers.authorization === `Bearer ${key}`;

const answerWell: Answer = (request, response) => {
  const path = request.url ?? '';
  if (/^\/v1\/models/.test(path) && request.headers.authorization === undefined) {
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"detail":"Unauthorized"}');
  } else if (isStream(request)) {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM_ANSWER);
  } else {
    sendJson(response, GOOD.find(([pattern]) => pattern.test(path))?.[1] ?? {});
  }
};

type Kind = {
  /** Whether a request is one of this kind of probe. */
  readonly asks: (request: IncomingMessage, path: string) => boolean;
  /** The findings that may suffer. */
  readonly names: readonly string[];
  readonly limit: keyof Limits;
};

const isList = (path: string): boolean => path === '/v1/models';

/** Each kind of probe that speaks HTTP. */
const KINDS: Readonly<Record<string, Kind>> = {
  'the list': { asks: (request, path) => isList(path) && isFrom(request, KEY), names: ['models'], limit: 'models' },
  'the list with the standby key': {
    asks: (request, path) => isList(path) && isFrom(request, STANDBY),
    names: ['standby'],
    limit: 'models',
  },
  'the list without a key': {
    asks: ({ headers }, path) => isList(path) && headers.authorization === undefined,
    names: ['path'],
    limit: 'models',
  },
  'a region': { asks: (_request, path) => path.startsWith('/eu/'), names: ['region:eu'], limit: 'models' },
  'a model card': { asks: (_request, path) => /^\/v1\/models\/./.test(path), names: ['model:small'], limit: 'models' },
  'a chat': {
    asks: (request, path) => path.startsWith('/v1/chat') && !isStream(request),
    names: ['chat:small'],
    limit: 'chat',
  },
  'a stream': {
    asks: (request, path) => path.startsWith('/v1/chat') && isStream(request),
    names: ['stream:small'],
    limit: 'chat',
  },
  'the health check': { asks: (_request, path) => path === '/health', names: ['health'], limit: 'health' },
  'the metrics': { asks: (_request, path) => path.startsWith('/prometheus'), names: ['traffic'], limit: 'source' },
  'the status page': { asks: (_request, path) => path === '/status', names: ['status-page'], limit: 'source' },
  'the account': { asks: (_request, path) => path.startsWith('/v1/admin'), names: ['spend', 'keys'], limit: 'source' },
};

/** What answers now instead of what is good, on which paths. */
let hostile: { readonly asks: Kind['asks']; readonly answer: Answer } | null = null;
let world: Served;
let canary: Served;
let comers = 0;
let well: readonly Finding[] = [];

beforeAll(async () => {
  canary = await serve((_request, response) => {
    comers += 1;
    response.end('welcome');
  });
  world = await serve((request, response) => {
    const isHostile = hostile?.asks(request, request.url ?? '') === true;
    return isHostile ? hostile?.answer(request, response) : answerWell(request, response);
  });
  await mistralOf(world.url).warmUp();
  well = (await ask()).map(judge);
});

afterAll(async () => {
  await world.close();
  await canary.close();
});

const mistralOf = (serverUrl: string) => createMistralCalls({ serverUrl, clock: systemClock });

const sourcesOf = (url: string): ProbeSources => ({
  network: createNetworkCalls({ apiUrl: url, variables: {} }),
  regions: [{ name: 'eu', calls: mistralOf(`${url}/eu`) }],
  traffic: [
    createPrometheusTraffic({
      clock: systemClock,
      sourceOf: () => ({ url: `${url}/prometheus`, allowPrivate: true, selector: null, windowMinutes: 5, queries: {} }),
      authorizationOf: () => null,
    }),
  ],
  deployments: [],
  statusPage: createStatusPage({ url: `${url}/status`, format: 'statuspage', allowPrivate: true }),
  admin: createAdminSources({
    serverUrl: url,
    adminKey: () => Promise.resolve('admin-key'),
    header: 'x-api-key',
    allowPrivate: true,
    keyNameOf: () => 'ours',
  }),
});

const ask = (limitsMs: Limits = AMPLE): Promise<readonly ProbeAnswer[]> =>
  runProbes({
    target: {
      name: 'checkout',
      environment: 'production',
      models: ['small'],
      streams: true,
      secretId: 'mistral/checkout',
      healthUrl: `${world.url}/health`,
    },
    key: KEY,
    mistral: mistralOf(world.url),
    health: createHealthCalls(),
    sources: sourcesOf(world.url),
    readStandby: () => Promise.resolve(STANDBY),
    clock: systemClock,
    wait: systemWait,
    deadlineMs: 20_000,
    limitsMs,
    waitFor: 'everything',
  });

const outcomes = (findings: readonly Finding[], without: readonly string[] = []): readonly string[] =>
  findings.flatMap(({ name, outcome }) => (without.includes(name) ? [] : [`${name} ${outcome}`]));

const cases = Object.entries(KINDS).flatMap(([name, kind]) =>
  Object.entries(HOSTILE).map(([what, make]) => ({ name, what, kind, make })),
);

describe('an answer to a probe', () => {
  it('is good for all of them while all is well', () => {
    expect(well.find(({ name }) => name === 'traffic')?.facts).toMatchObject({ failingShare: 0.001, p95Ms: 300 });
    expect(outcomes(well)).toEqual([
      'models ok',
      'chat:small ok',
      'stream:small ok',
      'model:small ok',
      'region:eu ok',
      'standby ok',
      'path ok',
      'connect ok',
      'proxy ok',
      'clock ok',
      'health ok',
      'traffic ok',
      'status-page ok',
      'spend ok',
      'keys ok',
    ]);
  });

  it.each(cases)(
    'that $what costs $name at most its limit, and nobody else anything',
    async ({ kind: { asks, names, limit }, make }) => {
      hostile = { asks, answer: make(canary.url) };
      onTestFinished(() => {
        hostile = null;
      });
      const named = new Set(names);
      const bytesBefore = written.bytes;
      const findings = (await ask({ ...AMPLE, [limit]: LIMIT_MS })).map(judge);
      expect(outcomes(findings, names)).toEqual(outcomes(well, names));
      const spentMs = findings.flatMap(({ name, latencyMs }) => (named.has(name) ? [latencyMs] : []));
      expect(Math.max(...spentMs)).toBeLessThan(PLENTY_MS / 2);
      const diagnosis = diagnose(findings, {
        at: new Date().toISOString(),
        service: 'checkout',
        models: ['small'],
        standby: 'unknown',
      });
      const printed = JSON.stringify([findings, diagnosis]);
      expect(printed).not.toContain(LETTER.slice(0, 20));
      expect([...partsOfKey(printed), ...partsOfKey(printed, STANDBY)]).toEqual([]);
      expect(comers).toBe(0);
      expect(written.bytes - bytesBefore).toBeLessThan(100_000_000);
    },
  );
});
