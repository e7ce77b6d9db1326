import type { ProbeFacts } from '../../domain/diagnosis.ts';
import type { MetricSeries } from '../../domain/telemetry.ts';
import type { FactSource } from '../../ports/probe-sources.ts';
import type { ServiceTarget } from '../../ports/probes.ts';
import type { Clock } from '../../ports/world.ts';
import { readTrafficNumber, type TrafficKey } from '../traffic-numbers.ts';
import { AwsError } from './failure.ts';
import { readMetrics } from './read-metrics.ts';
import type { SignedCall } from './signed-request.ts';

/** Where a service writes the metrics that templates/aws/application-alarms.yml lists. */
export type CloudwatchTraffic = {
  readonly namespace: string;
  /** null: `service` and `environment`, as the alarms read them. */
  readonly dimensions: Readonly<Record<string, string>> | null;
  readonly windowMinutes: number;
};

type TrafficWorld = {
  readonly call: SignedCall;
  readonly clock: Clock;
  /** null: nothing is configured there for the service. */
  readonly sourceOf: (target: ServiceTarget) => CloudwatchTraffic | null;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const METRICS = [
  ['Requests', 'Sum'],
  ['Failed', 'Sum'],
  ['Unauthorized', 'Sum'],
  ['RateLimited', 'Sum'],
  ['LatencyMs', 'p95'],
] as const;

type Span = { readonly fromMs: number; readonly toMs: number };
type ByMinute = ReadonlyMap<string, number>;

const pointsIn = (series: readonly MetricSeries[], name: string, { fromMs, toMs }: Span): ByMinute => {
  const points = series.find((one) => one.name === name)?.points ?? [];
  return new Map(
    points.flatMap(({ at, value }) => {
      const atMs = Date.parse(at);
      return atMs >= fromMs && atMs < toMs ? [[at, value] as const] : [];
    }),
  );
};

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** The mean of the minutes' percentiles, each by its requests: CloudWatch has none of five minutes that begin when we ask. */
const latencyOf = (latency: ByMinute, requests: ByMinute): number | null => {
  const weighed = [...latency].map(([at, value]) => ({ value, weight: requests.get(at) ?? 0 }));
  const weight = sum(weighed.map((one) => one.weight));
  return weight === 0 ? null : sum(weighed.map((one) => one.value * one.weight)) / weight;
};

/**
 * What users saw: `Failed` are calls that ended in 5xx, a timeout or the network, and a 401 fails its call as well. 429 are counted per
 * answer and not per call, so tries again count too: the share may be too high, and never more than all.
 */
const failingOf = (series: readonly MetricSeries[], span: Span, requests: number): number | null => {
  if (requests === 0) return null;
  const failed = ['Failed', 'Unauthorized', 'RateLimited'].map((name) => sum(pointsIn(series, name, span).values()));
  return Math.min(1, sum(failed) / requests);
};

/** null: nobody wrote anything in that time. Minutes that are not there yet count neither way. Throws where a number cannot be what it is called. */
const readSpan = (series: readonly MetricSeries[], span: Span): ReadonlyMap<TrafficKey, number> | null => {
  const requests = pointsIn(series, 'Requests', span);
  if (requests.size === 0) return null;
  const total = sum(requests.values());
  const known: readonly (readonly [TrafficKey, number | null])[] = [
    ['requestsPerMinute', total / requests.size],
    ['failingShare', failingOf(series, span, total)],
    ['p95Ms', latencyOf(pointsIn(series, 'LatencyMs', span), requests)],
  ];
  return new Map(
    known.flatMap(([key, value]) => (value === null ? [] : [[key, readTrafficNumber(key, value)] as const])),
  );
};

/** What is told beside the present, where it can be read. */
const readPast = (series: readonly MetricSeries[], span: Span): ReadonlyMap<TrafficKey, number> => {
  try {
    return readSpan(series, span) ?? new Map();
  } catch {
    return new Map();
  }
};

const readTraffic = async (
  { call, clock }: TrafficWorld,
  target: ServiceTarget,
  source: CloudwatchTraffic,
): Promise<ProbeFacts> => {
  const nowMs = clock.nowMs();
  const { windowMinutes } = source;
  const toMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const now: Span = { fromMs: toMs - windowMinutes * MINUTE_MS, toMs };
  const before: Span = { fromMs: now.fromMs - HOUR_MS, toMs: now.toMs - HOUR_MS };
  const { environment, name: service } = target;
  const dimensions = source.dimensions ?? { service, environment };
  const metrics = METRICS.map(([name, statistic]) => ({
    label: name,
    namespace: source.namespace,
    name,
    dimensions,
    statistic,
    periodSeconds: 60,
  }));
  const question = { environment, service, fromMs: before.fromMs, toMs };
  const series = await readMetrics(call, metrics, { question, nowMs });
  const [present, past] = [readSpan(series, now), readPast(series, before)];
  if (present === null)
    throw new AwsError('monitoring.GetMetricData', 'not-found', { code: 'NoRequestsOfThisService' });
  const told = [...present, ...[...past].map(([name, value]) => [`${name}Before`, value] as const)];
  return { ...Object.fromEntries(told), windowMinutes };
};

/** Metrics of the application in CloudWatch, in one question for the present and an hour ago. Needs GetMetricData. */
export const createCloudwatchTraffic = (world: TrafficWorld): FactSource => ({
  name: 'CloudWatch',
  isFor: (target) => world.sourceOf(target) !== null,
  read: async (target) => {
    const source = world.sourceOf(target);
    return source === null ? null : readTraffic(world, target, source);
  },
});
