import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPrometheusTraffic } from '../../lib/adapters/prometheus/traffic.ts';
import { findFreePort } from '../free-port.ts';
import { type Running, startProcess, untilReady } from './processes.ts';

const run = promisify(execFile);

/** The real program, as `.ci/run` finds it, and its tool beside it. Where CI is true, its absence is a failure. */
const PROMETHEUS = process.env['PROMETHEUS_BIN'] ?? '';
const isSkipped = PROMETHEUS === '' && process.env['CI'] !== 'true';

const STEP_S = 15;
const NOW_S = Math.floor(Date.now() / 1_000 / STEP_S) * STEP_S;
const START_S = NOW_S - 2 * 3_600;

/** So many a minute, until an hour before the end of the data less ten minutes, and from then on. */
type Rate = { readonly earlier: number; readonly later: number };

/** Counters, made up sample by sample: the change is 30 minutes ago, between both windows. */
const CHANGE_S = NOW_S - 1_800;
const counter = (name: string, labels: string, { earlier, later }: Rate): readonly string[] =>
  Array.from({ length: (NOW_S - START_S) / STEP_S + 1 }, (_, index) => {
    const at = START_S + index * STEP_S;
    const early = (Math.min(at, CHANGE_S) - START_S) / 60;
    const late = Math.max(0, at - CHANGE_S) / 60;
    return `${name}{${labels}} ${1_000 + earlier * early + later * late} ${at}`;
  });

/** A tenth takes up to half a second, the rest up to two: of these the 95th percentile lies between, by proportion. */
const buckets = (name: string, labels: string, unit: number, rate: Rate): readonly string[] =>
  [
    [0.5, 0.1],
    [2, 1],
    [Number.POSITIVE_INFINITY, 1],
  ].flatMap(([le = 0, share = 0]) =>
    counter(`${name}_bucket`, `${labels},le="${le === Number.POSITIVE_INFINITY ? '+Inf' : le * unit}"`, {
      earlier: rate.earlier * share,
      later: rate.later * share,
    }),
  );

const P95_MS = 500 + 1_500 * ((0.95 - 0.1) / 0.9);

const family = (name: string, lines: readonly string[], type = 'counter'): readonly string[] => [
  `# TYPE ${name.replace(/_total$/, '')} ${type}`,
  ...lines,
];

const OPEN_METRICS = [
  ...family('mistral_requests_total', [
    ...counter('mistral_requests_total', 'service="native",status="200",model="a"', { earlier: 60, later: 90 }),
    ...counter('mistral_requests_total', 'service="native",status="429",model="a"', { earlier: 0, later: 20 }),
    ...counter('mistral_requests_total', 'service="native",status="timeout",model="b"', { earlier: 0, later: 10 }),
    ...counter('mistral_requests_total', 'service="well",status="200"', { earlier: 6, later: 6 }),
    ...counter('mistral_requests_total', 'service="plain"', { earlier: 60, later: 60 }),
    ...counter('mistral_requests_total', 'service="blind"', { earlier: 60, later: 60 }),
  ]),
  ...family(
    'mistral_errors_total',
    counter('mistral_errors_total', 'service="plain",code="x"', { earlier: 3, later: 15 }),
  ),
  ...family(
    'mistral_request_duration_seconds',
    [...buckets('mistral_request_duration_seconds', 'service="native"', 1, { earlier: 60, later: 120 })],
    'histogram',
  ),
  ...family(
    'mistral_request_duration_ms',
    buckets('mistral_request_duration_ms', 'service="plain"', 1_000, { earlier: 60, later: 60 }),
    'histogram',
  ),
  ...family(
    'gen_ai_client_operation_duration_seconds',
    [
      ...counter('gen_ai_client_operation_duration_seconds_count', 'service="otel"', { earlier: 30, later: 30 }),
      ...counter('gen_ai_client_operation_duration_seconds_count', 'service="otel",error_type="503"', {
        earlier: 0,
        later: 10,
      }),
      ...buckets('gen_ai_client_operation_duration_seconds', 'service="otel"', 1, { earlier: 30, later: 40 }),
    ],
    'histogram',
  ),
  ...family(
    'litellm_deployment_total_requests',
    counter('litellm_deployment_total_requests_total', 'service="litellm"', { earlier: 40, later: 40 }),
  ),
  ...family(
    'litellm_deployment_failure_responses',
    counter('litellm_deployment_failure_responses_total', 'service="litellm",exception_status="500"', {
      earlier: 4,
      later: 20,
    }),
  ),
  '# EOF',
  '',
].join('\n');

describe.skipIf(isSkipped)('a real Prometheus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-traffic-'));
  let prometheus: Running | null = null;
  let url = '';

  beforeAll(async () => {
    expect(PROMETHEUS).not.toBe('');
    const [metrics, data, config] = ['metrics.txt', 'data', 'prometheus.yml'].map((name) => join(folder, name));
    writeFileSync(metrics ?? '', OPEN_METRICS);
    writeFileSync(config ?? '', 'scrape_configs: []\n');
    const promtool = join(dirname(PROMETHEUS), 'promtool');
    await run(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', metrics ?? '', data ?? '']);
    const port = await findFreePort();
    url = `http://127.0.0.1:${port}`;
    const started = startProcess(PROMETHEUS, [
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=30d',
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    prometheus = started;
    await untilReady('Prometheus', started, async () => ((await fetch(`${url}/-/ready`)).ok ? true : null));
  });
  afterAll(async () => {
    await prometheus?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const read = (name: string, queries = {}) =>
    createPrometheusTraffic({
      clock: { nowMs: () => NOW_S * 1_000 },
      sourceOf: () => ({ url, allowPrivate: false, selector: null, windowMinutes: 5, queries }),
      authorizationOf: () => null,
    }).read({ name, environment: 'production', models: [], secretId: 's', healthUrl: null }, 10_000);

  it('says of our own metrics what failed, now and an hour ago', async () => {
    const facts = await read('native');
    expect(facts).toMatchObject({ requestsPerMinute: 120, requestsPerMinuteBefore: 60, failingShareBefore: 0 });
    expect(facts?.['failingShare']).toBeCloseTo(0.25, 3);
    expect(facts?.['p95Ms']).toBeCloseTo(P95_MS, -1);
    expect(facts?.['p95MsBefore']).toBeCloseTo(P95_MS, -1);
  });

  it('counts nothing as failed where every request has a status and none is bad', async () => {
    expect(await read('well')).toEqual({
      requestsPerMinute: 6,
      requestsPerMinuteBefore: 6,
      failingShare: 0,
      failingShareBefore: 0,
      windowMinutes: 5,
    });
  });

  it('takes failures that are counted apart, and milliseconds', async () => {
    const facts = await read('plain');
    expect(facts).toMatchObject({ requestsPerMinute: 60, failingShare: 0.25, failingShareBefore: 0.05 });
    expect(facts?.['p95Ms']).toBeCloseTo(P95_MS, -1);
  });

  it('does not say that nothing fails where nobody counts what fails', async () => {
    const facts = await read('blind');
    expect(facts).toMatchObject({ requestsPerMinute: 60 });
    expect(facts).not.toHaveProperty('failingShare');
  });

  it('takes the names of OpenTelemetry and of LiteLLM', async () => {
    expect(await read('otel')).toMatchObject({ requestsPerMinute: 40, failingShare: 0.25, failingShareBefore: 0 });
    expect(await read('litellm')).toMatchObject({ requestsPerMinute: 40, failingShare: 0.5, failingShareBefore: 0.1 });
  });

  it('has nothing of a service that it does not know, and takes no query that is none', async () => {
    await expect(read('nobody')).rejects.toThrow('it answers, and has no requests of this service');
    const broken = { requestsPerMinute: 'sum(', failingShare: 'sum(', p95Ms: 'sum(' };
    await expect(read('native', broken)).rejects.toThrow('it does not take a query (400)');
  });
});
