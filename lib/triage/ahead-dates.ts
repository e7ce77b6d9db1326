import type { Foresight } from '../domain/ahead.ts';

const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `31 Dec 2026`: days that are far away need their year. */
export const formatDay = (ms: number): string => {
  const date = new Date(ms);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
};

/** How near an end is: the nearest step alone is told, each once. */
const STEPS: readonly {
  readonly days: number;
  readonly step: string;
  readonly severity: Foresight['severity'];
  readonly words: string;
}[] = [
  { days: 0, step: 'over', severity: 'P3', words: 'Overdue' },
  { days: 1, step: '1d', severity: 'P3', words: 'Last day' },
  { days: 7, step: '7d', severity: 'P3', words: 'Within 7 days' },
  { days: 30, step: '30d', severity: 'P4', words: 'Within 30 days' },
];

/** Which warning an end that lies there deserves now; null: it is far away. */
export const stepBefore = (endMs: number, nowMs: number): (typeof STEPS)[number] | null => {
  const left = (endMs - nowMs) / DAY_MS;
  return STEPS.find(({ days }) => left <= days) ?? null;
};

/** The part of the calendar month (UTC) that has passed, from 0 to 1, and its days. */
export const monthSoFar = (nowMs: number): { readonly passed: number; readonly days: number } => {
  const now = new Date(nowMs);
  const startMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  const endMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  return { passed: (nowMs - startMs) / (endMs - startMs), days: (endMs - startMs) / DAY_MS };
};
