import { describe, expect, it } from 'vitest';
import { hasRoom, isNearlySpent, isSpentPeriod, isZero, readWindows, spentMinute } from '../../lib/triage/limits.ts';

const read = (rateLimits: Readonly<Record<string, string>>) => readWindows({ rateLimits });

describe('the headers of limits', () => {
  it.each([
    [
      'those of 2026',
      {
        'x-ratelimit-limit-req-minute': '60',
        'x-ratelimit-remaining-req-minute': '3',
        'x-ratelimit-limit-tokens-minute': '50000',
        'x-ratelimit-remaining-tokens-minute': '0',
        'x-ratelimit-tokens-query-cost': '12',
      },
      [
        { kind: 'requests', window: 'minute', limit: 60, remaining: 3 },
        { kind: 'tokens', window: 'minute', limit: 50_000, remaining: 0 },
      ],
    ],
    [
      'those until 2025',
      {
        'x-ratelimitbysize-limit-minute': '500000',
        'x-ratelimitbysize-remaining-minute': '499000',
        'x-ratelimitbysize-limit-month': '1000000000',
        'x-ratelimitbysize-remaining-month': '0',
        'ratelimitbysize-reset': '40',
      },
      [
        { kind: 'tokens', window: 'minute', limit: 500_000, remaining: 499_000 },
        { kind: 'tokens', window: 'month', limit: 1_000_000_000, remaining: 0 },
      ],
    ],
    [
      'the shortest',
      { 'ratelimitbysize-limit': '7' },
      [{ kind: 'tokens', window: 'minute', limit: 7, remaining: null }],
    ],
    [
      'those of the month that only parsers know',
      { 'x-ratelimit-remaining-tokens-month': '12' },
      [{ kind: 'tokens', window: 'month', limit: null, remaining: 12 }],
    ],
    ['no numbers', { 'x-ratelimit-limit-req-minute': 'many', 'x-ratelimit-remaining-req-minute': '-1' }, []],
    ['names of somebody else', { 'x-ratelimit-limit-cookies-minute': '1', 'x-other': '0' }, []],
  ])('%s', (_name, headers, windows) => {
    expect(read(headers)).toEqual(windows);
  });

  it('tell a limit of zero, a spent month, a spent minute and room from each other', () => {
    const zero = read({ 'x-ratelimit-limit-req-minute': '0', 'x-ratelimit-remaining-req-minute': '0' });
    expect(zero.some(isZero)).toBe(true);
    const month = read({ 'x-ratelimitbysize-remaining-month': '0', 'x-ratelimitbysize-remaining-minute': '5' });
    expect([month.some(isZero), month.some(isSpentPeriod), hasRoom(month)]).toEqual([false, true, true]);
    const minute = read({ 'x-ratelimit-limit-req-minute': '4', 'x-ratelimit-remaining-req-minute': '0' });
    expect([minute.some(isZero), minute.some(isSpentPeriod), hasRoom(minute)]).toEqual([false, false, false]);
    expect(spentMinute(minute)?.limit).toBe(4);
    expect(hasRoom(read({ 'x-ratelimit-limit-req-minute': '4' }))).toBe(false);
    expect(readWindows(undefined)).toEqual([]);
  });

  it.each([
    ['x-ratelimitbysize-limit-month', true],
    ['x-ratelimit-limit-req-day', true],
    ['x-ratelimit-limit-req-minute', false],
  ])('of zero in %s are a period without any: %s', (name, isPeriod) => {
    expect(read({ [name]: '0' }).some(isSpentPeriod)).toBe(isPeriod);
    expect(read({ [name]: '0' }).some(isZero)).toBe(true);
  });

  it.each([
    ['60', '3', true],
    ['60', '4', false],
    ['1000', '0', true],
    ['0', '0', false],
  ])('of %s with %s left are nearly spent: %s', (limit, left, isSpent) => {
    const windows = read({ 'x-ratelimit-limit-req-minute': limit, 'x-ratelimit-remaining-req-minute': left });
    expect(windows.some(isNearlySpent)).toBe(isSpent);
  });

  it('of which only the rest is told are nearly spent when nothing is left', () => {
    const rest = (left: string) => read({ 'x-ratelimit-remaining-req-minute': left }).some(isNearlySpent);
    expect([rest('0'), rest('1')]).toEqual([true, false]);
  });
});
