import type { CallEvidence } from '../domain/diagnosis.ts';

type Kind = 'requests' | 'tokens';
type Window = 'minute' | 'day' | 'month';

/** One limit of one model as the headers of an answer tell it. */
export type RateWindow = {
  readonly kind: Kind;
  readonly window: Window;
  readonly limit: number | null;
  readonly remaining: number | null;
};

/**
 * Both families: `x-ratelimit-limit-req-minute` (2026), `x-ratelimitbysize-remaining-month` and `ratelimitbysize-limit` (until mid 2025).
 * The older one counts tokens unless it says otherwise, in the minute unless it says otherwise.
 */
const HEADER =
  /^(?:x-)?ratelimit(?:bysize)?-(?<what>limit|remaining)(?:-(?<kind>req|requests|tokens))?(?:-(?<window>minute|day|month))?$/;

/** A number as these headers write it, without sign, fraction or exponent; null: it is none. */
export const readCount = (text: string): number | null => {
  const value = /^\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isNaN(value) ? null : value;
};

const isWindow = (text: string): text is Window => text === 'minute' || text === 'day' || text === 'month';

type Named = { readonly what: string; readonly kind: Kind; readonly window: Window; readonly value: number };

const readHeader = ([name, text]: readonly [string, string]): readonly Named[] => {
  const { what, kind, window = '' } = HEADER.exec(name)?.groups ?? {};
  const value = readCount(text);
  if (what === undefined || value === null) return [];
  const counted = kind?.startsWith('req') === true ? 'requests' : 'tokens';
  return [{ what, kind: counted, window: isWindow(window) ? window : 'minute', value }];
};

const KINDS: readonly Kind[] = ['requests', 'tokens'];
const WINDOWS: readonly Window[] = ['minute', 'day', 'month'];

/** The windows that the headers tell of, requests before tokens, the shortest first. */
export const readWindows = (evidence: CallEvidence | undefined): readonly RateWindow[] => {
  const named = Object.entries(evidence?.rateLimits ?? {}).flatMap(readHeader);
  return KINDS.flatMap((kind) =>
    WINDOWS.flatMap((window) => {
      const of = (what: string): number | null =>
        named.find((one) => one.what === what && one.kind === kind && one.window === window)?.value ?? null;
      const read = { kind, window, limit: of('limit'), remaining: of('remaining') };
      return read.limit === null && read.remaining === null ? [] : [read];
    }),
  );
};

/** Never allowed, however long one waits. */
export const isZero = ({ limit }: RateWindow): boolean => limit === 0;

/** Used up, and not back with the next minute. */
export const isSpentPeriod = ({ window, limit, remaining }: RateWindow): boolean =>
  window !== 'minute' && (remaining === 0 || limit === 0);

/** The minute window that refused: nothing of it is left. */
export const spentMinute = (windows: readonly RateWindow[]): RateWindow | null =>
  windows.find(({ window, remaining }) => window === 'minute' && remaining === 0) ?? null;

/** What is left is this small a share of the limit: the next burst is refused. */
const NEARLY = 0.05;

/** A window with a limit above zero of which nothing or next to nothing is left. */
export const isNearlySpent = ({ limit, remaining }: RateWindow): boolean =>
  limit !== 0 && remaining !== null && (remaining === 0 || (limit !== null && remaining <= NEARLY * limit));

/** A refusal although every minute window has room: then it was not (only) our limit. */
export const hasRoom = (windows: readonly RateWindow[]): boolean => {
  const minutes = windows.filter(({ window, remaining }) => window === 'minute' && remaining !== null);
  return minutes.length > 0 && minutes.every(({ remaining }) => (remaining ?? 0) > 0);
};
