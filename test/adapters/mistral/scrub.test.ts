import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { readEvidence } from '../../../lib/adapters/mistral/read-evidence.ts';
import { readWord, scrubKey } from '../../../lib/adapters/mistral/scrub.ts';

/** In two pieces, so that nobody takes it for a real one. */
const KEY = ['H3n6+Yd5c', '/Jp2Ga7Ue4Xo9Lk'].join('');

const base64After = (before: number): string =>
  Buffer.from(`${'x'.repeat(before)}${KEY}yz`)
    .toString('base64url')
    .slice(before === 0 ? 0 : before + 1, -4);

const WRITTEN: readonly (readonly [string, string])[] = [
  ['as it is', KEY],
  ['six characters of it', KEY.slice(10, 16)],
  ['without its capitals, as in the name of a header', KEY.toLowerCase()],
  ['without its capitals, a part', 'a7ue4xo9lk'],
  ['in an address', encodeURIComponent(KEY)],
  ['in an address, in lower case', encodeURIComponent(KEY).toLowerCase()],
  ['in base64', Buffer.from(KEY).toString('base64')],
  ['in base64 for addresses', base64After(0)],
  ['in base64, behind one byte', base64After(1)],
  ['in base64, behind two bytes', base64After(2)],
  ['eight characters of its base64', base64After(0).slice(11, 19)],
  ['in hexadecimal', Buffer.from(KEY).toString('hex')],
  ['in hexadecimal capitals', Buffer.from(KEY).toString('hex').toUpperCase()],
];

it.each([
  ['7', 7],
  [' 7 ', 7],
  ['0', 0],
  ['999999', 999_999],
  ['Fri, 20 Nov 2026 12:00:30 GMT', 30],
  ['Fri, 20 Nov 2026 11:59:59 GMT', undefined],
  ['Fri, 31 Dec 9999 23:59:59 GMT', undefined],
  ['1000000', undefined],
  ['1e9', undefined],
  ['-1', undefined],
  ['soon', undefined],
])('a server that says to wait "%s" says %s s', (text, seconds) => {
  const headers = new Headers({ 'retry-after': text, date: 'Fri, 20 Nov 2026 12:00:00 GMT' });
  expect(readEvidence(429, headers, KEY).retryAfterSeconds).toBe(seconds);
});

describe('a key in what a server says', () => {
  it.each(WRITTEN)('is taken out %s', (_how, written) => {
    expect(scrubKey(`for (${written}) only`, KEY)).toMatch(/^for \(\[key\]\S{0,2}\) only$/);
    expect(readWord(`a:${written.replaceAll(/[^\w.:-]/g, '-')}`, KEY)).toBeUndefined();
  });

  it('does not make away with what is none of it', () => {
    const text = 'Rate limit exceeded; İstanbul H3n6 7f3c9a1e-44d0-4b11-9c55-0a1b2c3d4e5f';
    expect(scrubKey(text, KEY)).toBe(text);
    expect(readWord('7f3c9a1e-44d0-4b11-9c55-0a1b2c3d4e5f', KEY)).toBe('7f3c9a1e-44d0-4b11-9c55-0a1b2c3d4e5f');
    expect(readWord(1300, KEY)).toBe('1300');
  });

  it('is taken out where letters stand before it that have no lower case of their length', () => {
    expect(scrubKey(`İİİ ${KEY} end`, KEY)).toBe('İİİ [key] end');
  });

  it('is taken out of the name of a header, too', () => {
    const name = `x-ratelimit-${'Up4Tz9Wq'.toLowerCase()}`;
    const headers = new Headers({ [name]: '1', 'x-ratelimit-limit-req-minute': '60' });
    expect(readEvidence(429, headers, 'Up4Tz9Wq').rateLimits).toEqual({ 'x-ratelimit-limit-req-minute': '60' });
    expect(Object.keys(readEvidence(429, headers, KEY).rateLimits ?? {})).toHaveLength(2);
  });

  it('may be the key of a call before where none was sent: then no word of the answer is kept', () => {
    const headers = new Headers({
      'x-request-id': 'H3n6Yd5cJp2G',
      'mistral-correlation-id': 'abc',
      'x-ratelimit-limit-req-minute': '60',
      date: 'Fri, 20 Nov 2026 12:00:00 GMT',
    });
    expect(readEvidence(401, headers, '')).toEqual({ status: 401, serverDate: '2026-11-20T12:00:00.000Z' });
    expect(readEvidence(401, headers, KEY)).toMatchObject({ correlationId: 'abc', requestId: 'H3n6Yd5cJp2G' });
  });
});
