import * as z from 'zod/mini';
import type { ProbeFacts } from '../../domain/diagnosis.ts';
import type { FactSource } from '../../ports/probe-sources.ts';
import type { ServiceTarget } from '../../ports/probes.ts';
import type { Clock } from '../../ports/world.ts';
import { getJson, NoAnswer } from '../get-json.ts';
import { SourceError } from '../source-error.ts';
import { readTrafficNumber, TRAFFIC_KEYS, type TrafficKey } from '../traffic-numbers.ts';
import { defaultQueries, type TrafficQueries } from './queries.ts';

/** Where the metrics of a service are, as `triage.config.ts` says. */
export type PrometheusSource = {
  /** Up to and without `/api/v1`. */
  readonly url: string;
  readonly allowPrivate: boolean;
  /** Label matchers without braces; null: `service="<name>"`. */
  readonly selector: string | null;
  readonly windowMinutes: number;
  /** Each in place of the one that we would ask. */
  readonly queries: { readonly [K in keyof TrafficQueries]?: TrafficQueries[K] | undefined };
};

export type PrometheusWorld = {
  readonly clock: Clock;
  /** null: nothing is configured there for the service. */
  readonly sourceOf: (target: ServiceTarget) => PrometheusSource | null;
  /** Sent as `Authorization`; null: nothing. */
  readonly authorizationOf: (target: ServiceTarget) => string | null;
};

const HOUR_MS = 3_600_000;
/** A number each. */
const MOST_BYTES = 64 * 1024;

const SAMPLE = z.tuple([z.number(), z.string()]);
const ANSWER = z.object({
  status: z.literal('success'),
  data: z.union([
    z.object({ resultType: z.literal('vector'), result: z.array(z.object({ value: SAMPLE })) }),
    z.object({ resultType: z.literal('scalar'), result: SAMPLE }),
  ]),
});

/** null: no series, more than one, or no number (a share of no requests is none). */
const readNumber = (body: unknown): number | null => {
  const answer = z.safeParse(ANSWER, body);
  if (!answer.success) throw new SourceError('its answer is not that of the HTTP API of Prometheus');
  const { data } = answer.data;
  if (data.resultType === 'vector' && data.result.length > 1)
    throw new SourceError('a query has more than one series for an answer: put sum(…) around it');
  const text = data.resultType === 'scalar' ? data.result[1] : data.result[0]?.value[1];
  if (text === undefined || /^(?:NaN|[+-]Inf)$/.test(text)) return null;
  const value = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new SourceError('its answer holds no number');
  return value;
};

type Ask = (expression: string, atMs: number) => Promise<number | null>;

const createAsk =
  (source: PrometheusSource, authorization: string | null, limitMs: number): Ask =>
  async (expression, atMs) => {
    const query = new URLSearchParams({ query: expression, time: String(atMs / 1_000), timeout: `${limitMs}ms` });
    const body = await getJson(`${source.url.replace(/\/$/, '')}/api/v1/query?${query}`, {
      limitMs,
      mostBytes: MOST_BYTES,
      allowPrivate: source.allowPrivate,
      headers: authorization === null ? {} : { authorization },
    });
    return readNumber(body);
  };

const describe = (error: unknown): SourceError => {
  if (error instanceof NoAnswer && (error.status === 400 || error.status === 422))
    return new SourceError(`it does not take a query (${error.status})`);
  return error instanceof NoAnswer || error instanceof SourceError
    ? new SourceError(error.message)
    : new SourceError('it cannot be read');
};

/** One moment; what cannot be asked is not there. Throws when nothing can, and where a number cannot be what it is called. */
const askMoment = async (ask: Ask, queries: TrafficQueries, atMs: number): Promise<ReadonlyMap<TrafficKey, number>> => {
  const asked = await Promise.allSettled(TRAFFIC_KEYS.map((key) => ask(queries[key], atMs)));
  const numbers = new Map<TrafficKey, number>();
  for (const [index, one] of asked.entries()) {
    const key = TRAFFIC_KEYS[index];
    if (key !== undefined && one.status === 'fulfilled' && one.value !== null)
      numbers.set(key, readTrafficNumber(key, one.value));
  }
  const refused = asked.find((one) => one.status === 'rejected');
  if (refused !== undefined && numbers.size === 0) throw describe(refused.reason);
  return numbers;
};

const choose = (ours: TrafficQueries, { queries }: Pick<PrometheusSource, 'queries'>): TrafficQueries => ({
  requestsPerMinute: queries.requestsPerMinute ?? ours.requestsPerMinute,
  failingShare: queries.failingShare ?? ours.failingShare,
  p95Ms: queries.p95Ms ?? ours.p95Ms,
});

/** Metrics of a Prometheus, or of what speaks like one: instant queries for now and for an hour ago. */
export const createPrometheusTraffic = ({ clock, sourceOf, authorizationOf }: PrometheusWorld): FactSource => ({
  name: 'Prometheus',
  isFor: (target) => sourceOf(target) !== null,
  read: async (target, timeoutMs): Promise<ProbeFacts | null> => {
    const source = sourceOf(target);
    if (source === null) return null;
    const { windowMinutes } = source;
    const selector = source.selector ?? `service=${JSON.stringify(target.name)}`;
    const queries = choose(defaultQueries(selector, windowMinutes), source);
    const ask = createAsk(source, authorizationOf(target), timeoutMs);
    const nowMs = clock.nowMs();
    const [now, before] = await Promise.all([
      askMoment(ask, queries, nowMs),
      askMoment(ask, queries, nowMs - HOUR_MS).catch((): ReadonlyMap<TrafficKey, number> => new Map()),
    ]);
    if (!now.has('requestsPerMinute') && !now.has('failingShare'))
      throw new SourceError('it answers, and has no requests of this service');
    const told = [...now, ...[...before].map(([key, value]) => [`${key}Before`, value] as const)];
    return { ...Object.fromEntries(told), windowMinutes };
  },
});
