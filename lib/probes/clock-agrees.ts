import type { Answered, Probe } from './probe-answer.ts';

/** Certificates and signatures of five minutes from elsewhere are where most of the world stops to believe a clock. */
const MOST_SKEW_MS = 300_000;

/** When an answer of the API came by our clock, and when it was made by the server's. */
export type ServerTime = { readonly ourMs: number; readonly serverMs: number };

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

/** Beyond ten years somebody made the date up. */
const MOST_BELIEVED_MS = 3_650 * DAY_MS;

const describeLength = (ms: number): string => {
  if (ms < DAY_MS) return `${Math.round(ms / MINUTE_MS)} minutes`;
  const days = Math.round(ms / DAY_MS);
  return days === 1 ? 'a day' : `${days} days`;
};

const describeSkew = (skewMs: number): string =>
  `our clock is ${describeLength(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} Mistral's`;

const judgeSkew = ({ ourMs, serverMs }: ServerTime, latencyMs: number): Answered => {
  const clockSkewMs = Math.round(ourMs - serverMs);
  if (Math.abs(clockSkewMs) > MOST_BELIEVED_MS)
    return { outcome: 'unknown', latencyMs, why: 'the Date header of the answer is not a time to trust' };
  const facts = { clockSkewMs };
  if (Math.abs(clockSkewMs) <= MOST_SKEW_MS) return { outcome: 'ok', latencyMs, facts };
  const why = describeSkew(clockSkewMs);
  return { outcome: 'failed', branch: 'net.tls_dates_clock_skew', why, latencyMs, facts };
};

/**
 * Our clock against the `Date` of the first answer that any other question gets, well or ill: it costs no call of its own. `serverTime`
 * resolves with null when all of them ended without one.
 */
export const clockAgrees = (serverTime: () => Promise<ServerTime | null>): Probe => ({
  name: 'clock',
  question: 'Does our clock agree with that of the API?',
  ask: async () => {
    const startedMs = performance.now();
    const time = await serverTime();
    const latencyMs = Math.round(performance.now() - startedMs);
    if (time === null) return { outcome: 'unknown', latencyMs, why: 'no answer of the API came that carries its time' };
    return judgeSkew(time, latencyMs);
  },
});
