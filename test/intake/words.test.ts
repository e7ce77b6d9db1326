import { describe, expect, it } from 'vitest';
import { readSeverity } from '../../lib/intake/severity.ts';
import { readTime } from '../../lib/intake/time.ts';

describe('a severity', () => {
  const rows: Readonly<Record<string, readonly string[]>> = {
    P1: ['critical', 'P1', 'p1', 'Sev0', 'fatal', 'SEV1', 'emergency', '1', ' Critical '],
    P2: ['error', 'high', 'P2', 'Sev1', 'major', 'page'],
    P3: ['warning', 'P3', 'Sev2', 'minor', 'medium', '3'],
    P4: ['info', 'low', 'P4', 'P5', 'Sev3', 'Sev4', 'debug', 'none'],
    none: ['', 'purple', 'P0', 'P6', 'constructor'],
  };
  for (const [severity, words] of Object.entries(rows)) {
    for (const word of words) {
      it(`of "${word}" is ${severity}`, () => {
        expect(readSeverity([word]) ?? 'none').toBe(severity);
      });
    }
  }

  it('given as a level wins over a word, and the first word over the second', () => {
    expect(readSeverity(['warning', 'P1'])).toBe('P1');
    expect(readSeverity(['critical', 'P3'])).toBe('P3');
    expect(readSeverity(['warning', 'critical'])).toBe('P3');
    expect(readSeverity([undefined, 'purple', 'critical'])).toBe('P1');
    expect(readSeverity([])).toBe(null);
  });
});

describe('an event time', () => {
  const ACCEPTED_MS = Date.parse('2026-11-20T09:30:00Z');
  const rows: readonly (readonly [unknown, string | null])[] = [
    ['2026-11-20T08:50:34.12802934Z', '2026-11-20T08:50:34.128Z'],
    ['2026-11-20T08:50:34Z', '2026-11-20T08:50:34.000Z'],
    ['2026-11-20 08:50:34 +0100', '2026-11-20T07:50:34.000Z'],
    ['2026-11-20T05:50-02:30', '2026-11-20T08:20:00.000Z'],
    ['2026-11-20T09:40:00Z', '2026-11-20T09:40:00.000Z'],
    [1_795_161_600, '2026-11-20T08:00:00.000Z'],
    [1_795_161_600.5, '2026-11-20T08:00:00.500Z'],
    [1_795_161_600_123, '2026-11-20T08:00:00.123Z'],
    ['1795161600123456', '2026-11-20T08:00:00.123Z'],
    ['1795161600123456789', '2026-11-20T08:00:00.123Z'],
    ['2026-11-20T09:40:01Z', null],
    ['2030-01-01T00:00:00Z', null],
    ['0001-01-01T00:00:00Z', null],
    ['1970-01-01T00:00:00Z', null],
    ['1999-12-31T23:59:59Z', null],
    ['2026-11-20T08:50:34', null],
    ['2026-11-20', null],
    ['2026-13-40T08:50:34Z', null],
    ['yesterday', null],
    ['', null],
    [0, null],
    [Number.NaN, null],
    [1e300, null],
    [-1, null],
    [null, null],
    [{}, null],
  ];
  for (const [value, expected] of rows) {
    it(`of ${JSON.stringify(value)} is ${expected}`, () => {
      expect(readTime(value, ACCEPTED_MS)).toBe(expected);
    });
  }
});
