import type { Finding } from '../domain/diagnosis.ts';
import { percent } from '../domain/percent.ts';
import { hasRisen, type Traffic } from './impact.ts';

/** Calls per minute against an hour ago. Retries double them within a minute; a launch or a batch job does, too. */
const STORM_GROWTH = 2;
/** Below this the doubling of a handful is chance. */
const LEAST_PER_MINUTE = 10;

/** What fewer calls ease; elsewhere every call fails however few there are, and the fix comes first. */
export const EASED = /^(?:rate|capacity|provider|timeout|app)\./;

const round = (perMinute: number | null): number => Math.round(perMinute ?? 0);

/** How many times as many calls a minute as an hour ago; null: nobody counted, or too few to tell. */
export const growthOf = (traffic: Traffic | null): number | null => {
  const { perMinute, perMinuteBefore } = traffic ?? { perMinute: null, perMinuteBefore: null };
  if (perMinute === null || perMinuteBefore === null || perMinuteBefore === 0) return null;
  return perMinute < LEAST_PER_MINUTE ? null : perMinute / perMinuteBefore;
};

const wordGrowth = (growth: number): string => {
  const times = Math.round(growth);
  if (times <= 2) return 'doubled';
  return times === 3 ? 'tripled' : `grew to ${times > 20 ? 'more than 20' : times} times as many`;
};

/** `our calls tripled while fewer succeed`; coarse, since what stands in a cause changes the message. */
export const tellGrowth = (traffic: Traffic | null): string =>
  `our calls ${wordGrowth(growthOf(traffic) ?? STORM_GROWTH)} within the hour while fewer succeed`;

/** More calls than an hour ago while fewer of them succeed: a finding of its own, read from the metrics alone. */
export const findStorm = (traffic: Traffic | null): Finding | null => {
  if (traffic?.state !== 'failing' || (growthOf(traffic) ?? 0) < STORM_GROWTH || hasRisen(traffic) !== true)
    return null;
  const { perMinute, perMinuteBefore, share, shareBefore } = traffic;
  return {
    name: 'retries',
    question: 'Are our calls about as many as an hour ago?',
    outcome: 'failed',
    branch: 'app.retry_storm',
    latencyMs: 0,
    why: `calls rose from ${round(perMinuteBefore)} to ${round(perMinute)} a minute within the hour, failing ones from ${percent(shareBefore ?? 0)} to ${percent(share ?? 0)}`,
  };
};
