import { expect, it } from 'vitest';
import { createIds } from '../lib/adapters/system.ts';
import { createLog } from '../lib/log.ts';

it('writes one JSON line per event, however the texts are made', () => {
  const lines: string[] = [];
  const log = createLog(
    (line) => lines.push(line),
    () => 0,
  );
  log('alert.placed', { incident: null, why: 'two\nlines "and" more', count: 2, ok: true });
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('\n');
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    at: '1970-01-01T00:00:00.000Z',
    event: 'alert.placed',
    incident: null,
    why: 'two\nlines "and" more',
    count: 2,
    ok: true,
  });
});

it('cuts long fields', () => {
  const lines: string[] = [];
  createLog(
    (line) => lines.push(line),
    () => 0,
  )('x', { why: 'y'.repeat(5_000) });
  expect((lines[0] ?? '').length).toBeLessThan(400);
});

it('makes ids that sort by time, also within a millisecond and when the clock goes back', () => {
  const ids = createIds();
  const made = [1_000, 1_000, 1_001, 999, 2_000_000_000_000].map((ms) => ids.ordered(ms));
  expect([...made].sort()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
});

it('names an incident by its day and eight characters that can be read aloud', () => {
  const made = Array.from({ length: 2_000 }, () => createIds().incident(Date.parse('2026-11-20T23:59:59Z')));
  for (const id of made) expect(id).toMatch(/^INC-261120-[0-9A-HJKMNP-TV-Z]{8}$/);
  expect(new Set(made).size).toBe(2_000);
});
