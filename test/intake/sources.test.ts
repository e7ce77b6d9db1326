import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findSource, SOURCES } from '../../lib/intake/sources.ts';
import { listFixtures, readFixture } from './fixtures.ts';

/** Where the fixtures of a source lie, if not in a folder of its name alone. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  grafana: ['grafana', 'grafana-legacy'],
  sns: ['aws-sns'],
};

describe('the list of sources', () => {
  for (const { name } of SOURCES) {
    it(`has fixtures of its own and a test row for each fixture: ${name}`, () => {
      const folders = FOLDERS[name] ?? [name];
      const own = folders.map((folder) => new URL(`../fixtures/alerts/${folder}/`, import.meta.url));
      expect(own.every((url) => existsSync(url))).toBe(true);
      const test = readFileSync(new URL(`${name}.test.ts`, import.meta.url), 'utf8');
      const fixtures = folders.flatMap(listFixtures);
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

  it('lets at the generic door each source take its own', () => {
    const taken = (folder: string, name: string): string | null => {
      const bytes = readFixture(folder, name);
      const reading = { source: 'generic', integration: 'i', acceptedAtMs: 0, cuts: new Map<string, number>() };
      const body: unknown = JSON.parse(Buffer.from(bytes ?? Buffer.of()).toString());
      return SOURCES.find((source) => source.read(body, reading) !== null)?.name ?? null;
    };
    expect(taken('grafana', 'synthetic-nan-value-string.json')).toBe('grafana');
    expect(taken('grafana-legacy', 'synthetic-ok.json')).toBe('grafana');
    expect(taken('alertmanager', 'real-0.25-first-firing.json')).toBe('alertmanager');
    expect(taken('aws-sns', 'synthetic-alarm.json')).toBe('sns');
    expect(taken('datadog', 'synthetic-default-triggered.json')).toBe('datadog');
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
      { id: '1', title: 'a', date: '1790504100000', tags: { env: 'x' } },
      { alert_id: '1', title: 'a', state: 'ok' },
      { Message: 'a' },
      { Records: [{ s3: {} }] },
      { state: 'alerting', ruleName: 'a' },
    ];
    for (const source of SOURCES.filter(({ name }) => name !== 'generic')) {
      for (const body of bodies)
        expect([source.name, body, source.read(body, reading)]).toEqual([source.name, body, null]);
    }
  });
});
