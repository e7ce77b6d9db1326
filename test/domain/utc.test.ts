import { describe, expect, it } from 'vitest';
import { formatClock, formatDuration, formatUtc, parseUtc, spanMs } from '../../lib/domain/utc.ts';

describe('times for people', () => {
  it.each([
    [0, '0 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [64_000, '1 min 4 s'],
    [59 * 60_000, '59 min'],
    [3_599_000, '59 min 59 s'],
    [60 * 60_000, '1 h'],
    [65 * 60_000, '1 h 5 min'],
    [24 * 3_600_000, '1 d'],
    [27 * 3_600_000, '1 d 3 h'],
    [-1, 'unknown'],
    [Number.NaN, 'unknown'],
    [null, 'unknown'],
  ])('%d ms is %s', (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected);
  });

  it('are UTC, whatever zone the time came in', () => {
    expect(formatUtc('2026-11-20T05:12:07.500+02:00')).toBe('2026-11-20 03:12:07 UTC');
  });

  it('name the day only when it is another one', () => {
    expect(formatClock('2026-11-20T23:59:00Z', '2026-11-20T00:00:00Z')).toBe('23:59 UTC');
    expect(formatClock('2026-11-21T00:00:00Z', '2026-11-20T23:59:00Z')).toBe('21 Nov 00:00 UTC');
    expect(formatClock('2026-11-21T00:00:00Z', null)).toBe('21 Nov 00:00 UTC');
  });

  it.each([[null], [undefined], [''], ['soon'], ['2026-13-01T00:00:00Z'], ['+999999-01-01T00:00:00Z']])(
    '%j is unknown',
    (iso) => {
      expect(parseUtc(iso)).toBeNull();
      expect(formatUtc(iso)).toBe('unknown');
      expect(formatClock(iso, null)).toBe('unknown');
      expect(spanMs(iso, '2026-11-20T00:00:00Z')).toBeNull();
    },
  );
});
