import type { RateSample } from '../domain/ahead.ts';
import type { CallEvidence } from '../domain/diagnosis.ts';
import { readWindows } from './limits.ts';

/** One limit that an answer told of. */
export type RateWindow = {
  /** As people say it: `requests per minute`, `tokens per month`. */
  readonly name: string;
  readonly span: 'minute' | 'month';
  readonly limit: number;
  readonly remaining: number;
  /** What the call that asked has used of it. */
  readonly own: number;
};

const costOf = ({ rateLimits = {} }: CallEvidence): number => {
  const cost = Number(rateLimits['x-ratelimit-tokens-query-cost'] ?? rateLimits['ratelimitbysize-query-cost']);
  return Number.isFinite(cost) && cost >= 0 ? cost : 0;
};

/** The limits of a minute and of a month of which an answer tells both what is allowed and what is left. */
export const windowsIn = (evidence: CallEvidence): readonly RateWindow[] =>
  readWindows(evidence).flatMap(({ kind, window, limit, remaining }): readonly RateWindow[] => {
    if (window === 'day' || limit === null || limit === 0 || remaining === null || remaining > limit) return [];
    const own = kind === 'requests' ? 1 : costOf(evidence);
    return [{ name: `${kind} per ${window}`, span: window, limit, remaining, own }];
  });

const MOST_SAMPLES = 10;
const OLDEST_MS = 30 * 60_000;

/** The window of a minute that an answer looked into, by the clock of the server where it told it. */
export const sampleOf = (window: RateWindow, { serverDate }: CallEvidence, nowMs: number): RateSample => {
  const toldMs = serverDate === undefined ? Number.NaN : Date.parse(serverDate);
  const atMs = Number.isFinite(toldMs) ? toldMs : nowMs;
  const used = Math.max(0, window.limit - window.remaining - window.own);
  return { atMs: nowMs, used, seconds: Math.max(1, (atMs % 60_000) / 1_000), limit: window.limit };
};

export const addSample = (known: readonly RateSample[], sample: RateSample): readonly RateSample[] =>
  // Of one check that is looked at twice only one sample counts; another limit begins anew.
  [...known.filter(({ atMs, limit }) => atMs < sample.atMs && limit === sample.limit), sample]
    .filter(({ atMs }) => sample.atMs - atMs <= OLDEST_MS)
    .slice(-MOST_SAMPLES);

const perMinute = (samples: readonly RateSample[]): number => {
  const seconds = samples.reduce((sum, sample) => sum + sample.seconds, 0);
  return (samples.reduce((sum, sample) => sum + sample.used, 0) * 60) / seconds;
};

const middleMs = (samples: readonly RateSample[]): number =>
  samples.reduce((sum, { atMs }) => sum + atMs, 0) / samples.length;

const FEWEST_SAMPLES = 4;
/** Looks that each saw a moment of their minute say too little together. */
const FEWEST_SECONDS = 20;

/** How full the minute gets, and how long until it gets full if it goes on growing so; null: too little was seen. */
export const forecastMinute = (
  samples: readonly RateSample[],
): { readonly share: number; readonly minutesLeft: number } | null => {
  const seen = samples.reduce((sum, { seconds }) => sum + seconds, 0);
  const limit = samples.at(-1)?.limit;
  if (limit === undefined || samples.length < FEWEST_SAMPLES || seen < FEWEST_SECONDS) return null;
  const half = Math.floor(samples.length / 2);
  const [before, after] = [samples.slice(0, half), samples.slice(half)];
  const rate = perMinute(after);
  const growth = ((rate - perMinute(before)) * 60_000) / (middleMs(after) - middleMs(before));
  const minutesLeft = rate >= limit ? 0 : growth > 0 ? (limit - rate) / growth : Number.POSITIVE_INFINITY;
  return { share: rate / limit, minutesLeft };
};
