/** After the zone, as Go prints a time: `+0000 UTC m=+8560.28`. */
const GO_TAIL = /(?<=[+-]\d{4}) (?:[A-Z]{1,5}|[+-]\d{2,4})(?: m=[+-][\d.]+)?$/;

const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))? ?(Z|[+-]\d{2}:?\d{2})$/i;

/** Nothing we are told about began before. Also tells "absent" as Go writes it (year 1) and the epoch from a time. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);

/** A sender's clock may be ahead; a start further ahead than this is no time at which something began. */
const MAX_AHEAD_MS = 10 * 60_000;

const fromIso = (text: string): number => {
  const [, date, time, fraction = '0', zone = ''] = ISO.exec(text.trim().replace(GO_TAIL, '')) ?? [];
  if (date === undefined || time === undefined) return Number.NaN;
  const seconds = time.length === 5 ? `${time}:00` : time;
  const offset =
    zone.toUpperCase() === 'Z' || zone.includes(':') ? zone.toUpperCase() : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  return Date.parse(`${date}T${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
};

/** Epoch seconds, milliseconds, microseconds or nanoseconds, told apart by size; the ranges do not meet before the year 5000. */
const fromEpoch = (value: number): number => {
  if (value < 1e11) return value * 1000;
  if (value < 1e14) return value;
  return value < 1e17 ? value / 1000 : value / 1e6;
};

const toEpochMs = (value: unknown): number => {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string') return Number.NaN;
  return /^\d{9,20}(\.\d{1,9})?$/.test(value.trim()) ? fromEpoch(Number(value)) : fromIso(value);
};

/**
 * ISO 8601 UTC of an event time, or null: absent, unreadable, without a zone (its meaning would depend on our machine), before 2000, or in the future.
 */
export const readTime = (value: unknown, acceptedAtMs: number): string | null => {
  const ms = Math.trunc(toEpochMs(value));
  return ms >= EARLIEST_MS && ms <= acceptedAtMs + MAX_AHEAD_MS ? new Date(ms).toISOString() : null;
};
