const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Epoch milliseconds of an ISO time; null for what is none or lies beyond the calendar. */
export const parseUtc = (iso: string | null | undefined): number | null => {
  if (iso === null || iso === undefined) return null;
  const ms = Date.parse(iso);
  return Number.isFinite(ms) ? ms : null;
};

/** `2026-11-20 10:07:31 UTC`, for records; `unknown` where there is no time. */
export const formatUtc = (iso: string | null | undefined): string => {
  const ms = parseUtc(iso);
  return ms === null ? 'unknown' : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
};

/** `10:07 UTC`, or `21 Nov 10:07 UTC` when it is not the day of `near`; for people. */
export const formatClock = (iso: string | null | undefined, near: string | null): string => {
  const ms = parseUtc(iso);
  if (ms === null) return 'unknown';
  const date = new Date(ms);
  const clock = `${date.toISOString().slice(11, 16)} UTC`;
  const nearMs = parseUtc(near);
  const sameDay = nearMs !== null && new Date(nearMs).toISOString().slice(0, 10) === date.toISOString().slice(0, 10);
  return sameDay ? clock : `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${clock}`;
};

/** `42 s`, `1 min 4 s`, `1 h 5 min`, `2 d 3 h`; `unknown` for a span that cannot be. */
export const formatDuration = (ms: number | null): string => {
  if (ms === null || !Number.isFinite(ms) || ms < 0) return 'unknown';
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
};

/** Time from one moment to another; null when one of them is not known. */
export const spanMs = (from: string | null | undefined, to: string | null | undefined): number | null => {
  const fromMs = parseUtc(from);
  const toMs = parseUtc(to);
  return fromMs === null || toMs === null ? null : toMs - fromMs;
};
