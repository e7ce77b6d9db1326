import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findSource, SOURCES } from '../../lib/intake/sources.ts';
import { listFixtures } from './fixtures.ts';

describe('the list of sources', () => {
  for (const { name } of SOURCES) {
    it(`has a fixture of its own and a test row for each fixture: ${name}`, () => {
      const own = new URL(`../fixtures/alerts/${name}/`, import.meta.url);
      expect(existsSync(own)).toBe(true);
      const test = readFileSync(new URL(`${name}.test.ts`, import.meta.url), 'utf8');
      const fixtures = listFixtures(name);
      expect(fixtures.length).toBeGreaterThan(0);
      expect(fixtures.filter((fixture) => !test.includes(`'${fixture}'`))).toEqual([]);
    });
  }

  it('has each name once, in the letters that a path may have, and generic last', () => {
    const names = SOURCES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z-]{1,32}$/.test(name))).toEqual([]);
    expect(names.at(-1)).toBe('generic');
    expect(findSource('unknown')).toBe(null);
  });

  it('lets no source take for its own what is only generic', () => {
    const reading = { source: 's', integration: 'i', acceptedAtMs: 0, cuts: new Map<string, number>() };
    const bodies: readonly unknown[] = [
      null,
      'x',
      7,
      [],
      {},
      { title: 'a' },
      { text: 'a' },
      [{ title: 'a' }],
      { alerts: [{ title: 'a', labels: {} }] },
    ];
    for (const source of SOURCES.filter(({ name }) => name !== 'generic')) {
      for (const body of bodies)
        expect([source.name, body, source.read(body, reading)]).toEqual([source.name, body, null]);
    }
  });
});
