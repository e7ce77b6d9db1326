import type { Finding } from '../domain/diagnosis.ts';
import { hasRisen, type Traffic } from './impact.ts';
import { percent } from './say.ts';

/** Calls per minute against an hour ago. Traffic itself seldom doubles within the hour; retries do it within a minute. */
const STORM_GROWTH = 2;
/** Below this the doubling of a handful is chance. */
const LEAST_PER_MINUTE = 10;

const hasGrown = (traffic: Traffic | null): boolean => {
  const { perMinute, perMinuteBefore } = traffic ?? { perMinute: null, perMinuteBefore: null };
  if (perMinute === null || perMinuteBefore === null || perMinuteBefore === 0) return false;
  return perMinute >= LEAST_PER_MINUTE && perMinute >= STORM_GROWTH * perMinuteBefore;
};

const round = (perMinute: number | null): number => Math.round(perMinute ?? 0);

/** More calls than an hour ago while fewer of them succeed: a finding of its own, read from the metrics alone. */
export const findStorm = (traffic: Traffic | null): Finding | null => {
  if (traffic?.state !== 'failing' || !hasGrown(traffic) || hasRisen(traffic) !== true) return null;
  const { perMinute, perMinuteBefore, share, shareBefore } = traffic;
  return {
    name: 'retries',
    question: 'Do our own retries make it worse?',
    outcome: 'failed',
    branch: 'app.retry_storm',
    latencyMs: 0,
    why: `calls rose from ${round(perMinuteBefore)} to ${round(perMinute)} a minute within the hour, failing ones from ${percent(shareBefore ?? 0)} to ${percent(share ?? 0)}`,
  };
};
