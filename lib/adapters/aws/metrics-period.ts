/** A day of minutes: enough to see anything, and far below the 100,800 points that one answer may hold. */
const MAX_POINTS = 1_440;

const DAY_MS = 86_400_000;

/** How long CloudWatch keeps which grain (its documentation of GetMetricData): minutes 15 days, five of them 63, hours 455. */
const GRAINS = [
  { olderThanMs: 63 * DAY_MS, seconds: 3_600 },
  { olderThanMs: 15 * DAY_MS, seconds: 300 },
  { olderThanMs: 0, seconds: 60 },
] as const;

/** The configured period, or as much more as the length and the age of the time need. */
export const periodFor = (
  configuredSeconds: number,
  { fromMs, toMs, nowMs }: { readonly fromMs: number; readonly toMs: number; readonly nowMs: number },
): number => {
  const grain = GRAINS.find(({ olderThanMs }) => nowMs - fromMs > olderThanMs)?.seconds ?? 60;
  const needed = Math.max(configuredSeconds, (toMs - fromMs) / 1_000 / MAX_POINTS);
  return Math.ceil(needed / grain) * grain;
};
