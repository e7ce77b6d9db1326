import type { ServerResponse } from 'node:http';
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
import { runProbes } from '../../lib/probes/probe.ts';
import { judge } from '../../lib/triage/judge.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { KEY, partsOfKey, type Served, serve } from '../adapters/mistral/serve.ts';
import { type Answer, HOSTILE, LETTER, written } from './hostile.ts';

const LIMIT_MS = 300;
const limitsMs = { models: LIMIT_MS, chat: LIMIT_MS, health: LIMIT_MS, network: LIMIT_MS, source: LIMIT_MS };

const sendJson = (response: ServerResponse, body: unknown): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const CARD = {
  id: 'small',
  object: 'model',
  type: 'base',
  capabilities: {
    completion_chat: true,
    completion_fim: false,
    function_calling: true,
    fine_tuning: false,
    vision: false,
  },
};
const SPEND = { limits: { completion: { monthly_limit_reached: false, total_usage: 1, usage_limit: 9 } } };

/** What each path answers while all is well. */
const GOOD: readonly (readonly [RegExp, unknown])[] = [
  [/^\/v1\/models/, { object: 'list', data: [CARD] }],
  [
    /^\/v1\/chat/,
    {
      id: 'cmpl',
      object: 'chat.completion',
      model: 'small',
      created: 1,
      usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 },
      choices: [{ index: 0, message: { role: 'assistant', content: 'p' }, finish_reason: 'length' }],
    },
  ],
  [/^\/status/, { status: { indicator: 'none', description: 'well' }, incidents: [] }],
  [/^\/prometheus/, { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [1, '3'] }] } }],
  [/^\/v1\/admin\/spend-limit/, SPEND],
  [/^\/v1\/admin\/api-keys/, { data: [{ name: 'ours', expiration_date: '2031-01-01T00:00:00Z' }] }],
];

/** Each kind of probe that speaks HTTP, by the paths that it asks for, and the findings that may suffer. */
const KINDS = {
  models: [/^\/v1\/models/, ['models']],
  chat: [/^\/v1\/chat/, ['chat:small']],
  health: [/^\/health/, ['health']],
  traffic: [/^\/prometheus/, ['traffic']],
  'the status page': [/^\/status/, ['status-page']],
  'the account': [/^\/v1\/admin/, ['spend', 'keys']],
} as const;

/** What answers now instead of what is good, on which paths. */
let hostile: { readonly path: RegExp; readonly answer: Answer } | null = null;
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
    const path = request.url ?? '';
    if (hostile?.path.test(path) === true) return hostile.answer(request, response);
    const [, body] = GOOD.find(([pattern]) => pattern.test(path)) ?? [];
    return sendJson(response, body ?? {});
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
  regions: [],
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

const ask = (): Promise<readonly ProbeAnswer[]> =>
  runProbes({
    target: {
      name: 'checkout',
      environment: 'production',
      models: ['small'],
      secretId: 'mistral/checkout',
      healthUrl: `${world.url}/health`,
    },
    key: KEY,
    mistral: mistralOf(world.url),
    health: createHealthCalls(),
    sources: sourcesOf(world.url),
    clock: systemClock,
    wait: systemWait,
    deadlineMs: 20_000,
    limitsMs,
    waitFor: 'everything',
  });

const outcomes = (findings: readonly Finding[], without: readonly string[] = []): readonly string[] =>
  findings.flatMap(({ name, outcome }) => (without.includes(name) ? [] : [`${name} ${outcome}`]));

const cases = Object.entries(KINDS).flatMap(([kind, [path, names]]) =>
  Object.entries(HOSTILE).map(([what, make]) => ({ kind, what, path, names, make })),
);

describe('an answer to a probe', () => {
  it('is good for all of them while all is well', () => {
    expect(outcomes(well)).toEqual([
      'models ok',
      'chat:small ok',
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
    'that $what costs $kind at most its limit, and nobody else anything',
    async ({ path, names, make }) => {
      hostile = { path, answer: make(canary.url) };
      onTestFinished(() => {
        hostile = null;
      });
      const bytesBefore = written.bytes;
      const answers = await ask();
      const findings = answers.map(judge);
      expect(outcomes(findings, names)).toEqual(outcomes(well, names));
      // Half a second of room for a machine that is busy; the deadline is twenty.
      for (const { latencyMs } of findings) expect(latencyMs).toBeLessThan(LIMIT_MS + 500);
      const diagnosis = diagnose(findings, {
        at: new Date().toISOString(),
        service: 'checkout',
        models: ['small'],
        standby: 'unknown',
      });
      const printed = JSON.stringify([findings, diagnosis]);
      expect(printed).not.toContain(LETTER.slice(0, 20));
      expect(partsOfKey(printed)).toEqual([]);
      expect(comers).toBe(0);
      expect(written.bytes - bytesBefore).toBeLessThan(100_000_000);
    },
  );
});
