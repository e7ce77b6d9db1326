import type { CallEvidence } from '../../domain/diagnosis.ts';
import { readWord } from './scrub.ts';

/** Both families of rate headers together have eleven names; more is somebody else's doing. */
const MOST_LIMITS = 16;

const readLimits = (headers: Headers, key: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...headers]
      .filter(([name]) => /^(?:x-)?ratelimit[\w-]{0,60}$/.test(name))
      .flatMap(([name, value]) => {
        const word = readWord(value, key);
        return word === undefined || readWord(name, key) === undefined ? [] : [[name, word]];
      })
      .slice(0, MOST_LIMITS),
  );

const readDate = (headers: Headers): number => Date.parse(headers.get('date') ?? '');

/** Seconds or an HTTP date, the latter against the server's own clock. */
const readRetryAfter = (headers: Headers): number | undefined => {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const seconds = /^\d{1,6}$/.test(text.trim()) ? Number(text) : (Date.parse(text) - readDate(headers)) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 && seconds < 1_000_000 ? Math.ceil(seconds) : undefined;
};

type Ids = Pick<CallEvidence, 'correlationId' | 'requestId' | 'rateLimits'>;

/** Asked without a key nobody's limits are told, and what a word in it is made of cannot be said: it may be the key of a call before. */
const readIds = (headers: Headers, key: string): Ids => {
  if (key === '') return {};
  const correlationId = readWord(headers.get('mistral-correlation-id'), key);
  const requestId = readWord(
    headers.get('x-kong-request-id') ?? headers.get('x-request-id') ?? headers.get('cf-ray'),
    key,
  );
  const rateLimits = readLimits(headers, key);
  return {
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(Object.keys(rateLimits).length === 0 ? {} : { rateLimits }),
  };
};

/** Numbers and ids of an answer's headers that may be shown and kept; nothing else leaves the headers. */
export const readEvidence = (status: number, headers: Headers, key: string): CallEvidence => {
  const retryAfterSeconds = readRetryAfter(headers);
  const dateMs = readDate(headers);
  return {
    status,
    ...readIds(headers, key),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(Number.isNaN(dateMs) ? {} : { serverDate: new Date(dateMs).toISOString() }),
  };
};
