import { SourceError } from './source-error.ts';

/** What each number of a source is called, and the most that it can be: 16 million requests a second, a day of waiting. */
const NUMBERS = {
  requestsPerMinute: { words: 'its number of requests a minute', most: 1_000_000_000 },
  failingShare: { words: 'its failing share', most: 1 },
  p95Ms: { words: 'its latency in milliseconds', most: 86_400_000 },
} as const;

export const TRAFFIC_KEYS = ['requestsPerMinute', 'failingShare', 'p95Ms'] as const;
export type TrafficKey = (typeof TRAFFIC_KEYS)[number];

/** Sums of floating numbers miss what they should be by so much. */
const ROUNDING = 0.000_001;

const readable: Readonly<Record<TrafficKey, (value: number) => number>> = {
  requestsPerMinute: (value) => Math.round(value * 10) / 10,
  failingShare: (value) => Math.round(value * 10_000) / 10_000,
  p95Ms: Math.round,
};

/**
 * A number of a source as it is told. Throws where it cannot be what it is called: a query in percent, or of something else, would make an
 * outage of a healthy service, or hide one.
 */
export const readTrafficNumber = (key: TrafficKey, value: number): number => {
  const { words, most } = NUMBERS[key];
  if (value < -ROUNDING || value > most + ROUNDING) {
    const rule = key === 'failingShare' ? 'a share lies between 0 and 1' : `it lies between 0 and ${most}`;
    throw new SourceError(`${words} is ${value}: ${rule}`);
  }
  return readable[key](Math.min(most, Math.max(0, value)));
};
