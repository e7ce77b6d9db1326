import { describe, expect, it } from 'vitest';
import { firstAlert, listFixtures, parseBytes, parseJson, readFixture, tellAlerts } from './fixtures.ts';

const ROWS: Readonly<Record<string, readonly string[]>> = {
  'oncall-formatted-webhook.json': ['firing | - | TestAlert: The whole system is down | - | - | - | -'],
  // The later entry of one key decides where neither has a time.
  'synthetic-array-of-alerts.json': ['resolved | - | 5xx | - | - | - | -'],
  'synthetic-bom.json': ['firing | - | bom | - | - | - | -'],
  'synthetic-scalar.json': ['unreadable'],
};

describe('a generic body', () => {
  for (const [name, expected] of Object.entries(ROWS)) {
    const bytes = readFixture('generic', name);
    it.skipIf(bytes === null)(`is understood: ${name}`, () => {
      expect(tellAlerts(parseBytes('generic', bytes ?? Buffer.of()))).toEqual(expected);
    });
  }

  it('has a row for every fixture', () => {
    expect(listFixtures('generic').filter((name) => !(name in ROWS))).toEqual([]);
  });

  const shapes: readonly { readonly says: string; readonly body: unknown; readonly expected: readonly string[] }[] = [
    {
      says: 'a Slack message',
      body: { text: 'Outage: `mistral` slow\nmore' },
      expected: ['firing | - | Outage: `mistral` slow | - | - | - | -'],
    },
    { says: 'a name alone', body: { name: 'disk' }, expected: ['firing | - | disk | - | - | - | -'] },
    {
      says: 'a list under alerts',
      body: { alerts: [{ title: 'a' }, { title: 'b' }] },
      expected: ['firing | - | a | - | - | - | -', 'firing | - | b | - | - | - | -'],
    },
    {
      says: 'labels alone',
      body: { labels: { alertname: 'A', severity: 'high', service: 's' } },
      expected: ['firing | P2 | A | s | - | - | -'],
    },
    {
      says: 'an id and what became of it',
      body: { dedup_key: 'k', state: 'resolved' },
      expected: ['resolved | - | Alert k | - | - | - | -'],
    },
    { says: 'an id and nothing else', body: { id: 'k' }, expected: ['unreadable'] },
    {
      says: 'when it was over, by its only time',
      body: { title: 't', state: 'ok', timestamp: 1795161660 },
      expected: ['resolved | - | t | - | - | - | 2026-11-20T08:01:00.000Z'],
    },
    { says: 'nothing', body: {}, expected: ['unreadable'] },
    { says: 'no words', body: { state: 'firing', value: 7 }, expected: ['unreadable'] },
    { says: 'an empty list', body: [], expected: ['empty'] },
    { says: 'an empty list under alerts', body: { alerts: null }, expected: ['empty'] },
    { says: 'null', body: null, expected: ['unreadable'] },
    { says: 'a number', body: 7, expected: ['unreadable'] },
    {
      says: "Alertmanager's words at the generic door",
      body: { groupKey: 'k', alerts: [{ status: 'resolved', labels: { alertname: 'A', severity: 'critical' } }] },
      expected: ['resolved | P1 | A | - | - | - | -'],
    },
    {
      says: 'times as seconds, milliseconds and ISO',
      body: [
        { title: 'a', startsAt: 1795161600 },
        { title: 'b', timestamp: '1795161600000' },
        { title: 'c', state: 'ok', started_at: '2026-11-20T08:00:00+02:00', timestamp: 1795161660 },
      ],
      expected: [
        'firing | - | a | - | - | 2026-11-20T08:00:00.000Z | -',
        'firing | - | b | - | - | 2026-11-20T08:00:00.000Z | -',
        'resolved | - | c | - | - | 2026-11-20T06:00:00.000Z | 2026-11-20T08:01:00.000Z',
      ],
    },
  ];
  for (const { says, body, expected } of shapes) {
    it(`may say ${says}`, () => {
      expect(tellAlerts(parseJson('generic', body))).toEqual(expected);
    });
  }

  const states: Readonly<Record<string, string>> = {
    firing: 'firing',
    Alerting: 'firing',
    triggered: 'firing',
    PROBLEM: 'firing',
    'something new': 'firing',
    resolved: 'resolved',
    OK: 'resolved',
    recovered: 'resolved',
    no_data: 'nodata',
    'No Data': 'nodata',
  };
  for (const [said, state] of Object.entries(states)) {
    it(`says ${state} with "${said}"`, () => {
      expect(firstAlert(parseJson('generic', { title: 't', state: said })).state).toBe(state);
      expect(firstAlert(parseJson('generic', { title: 't', status: said })).state).toBe(state);
    });
  }

  it('is the same alert by its key, whatever else it says and however the key is spelled', () => {
    const key = (body: object) => firstAlert(parseJson('generic', body)).key;
    const base = key({ title: 'CPU 93 %', dedup_key: 'k', service: 's' });
    expect(key({ title: 'CPU 99 %', dedupKey: 'k', severity: 'low' })).toBe(base);
    expect(key({ title: 'CPU 93 %', dedup_key: 'other', service: 's' })).not.toBe(base);
  });

  it('without a key is told by title, service, environment and labels', () => {
    const key = (body: object) => firstAlert(parseJson('generic', { title: 't', ...body })).key;
    expect(key({ message: 'x', severity: 'P1', timestamp: 1795161600 })).toBe(key({ message: 'y' }));
    expect(key({ service: 'a' })).not.toBe(key({ service: 'b' }));
    expect(key({ environment: 'a' })).not.toBe(key({ environment: 'b' }));
    expect(key({ labels: { a: '1', b: '2', pod: 'x' } })).toBe(key({ labels: { b: '2', a: '1' } }));
    expect(key({ labels: { a: '1' } })).not.toBe(key({ labels: { a: '2' } }));
  });

  it('groups by what the sender says, else by service and title', () => {
    const group = (body: object) => firstAlert(parseJson('generic', { title: 't', ...body })).group;
    expect(group({ dedup_key: 'a', service: 's' })).toBe(group({ dedup_key: 'b', service: 's' }));
    expect(group({ service: 's' })).not.toBe(group({ service: 'other' }));
    expect(group({ group_key: 'g', service: 's' })).toBe(group({ group_key: 'g', service: 'other' }));
  });

  it('reads names, message and link', () => {
    const body = {
      title: 't',
      message: 'm',
      service: 's',
      env: 'prod',
      model: 'mistral-small',
      url: 'https://example.invalid/a b',
    };
    expect(firstAlert(parseJson('generic', body))).toMatchObject({
      summary: 'm',
      service: 's',
      environment: 'prod',
      model: 'mistral-small',
      link: 'https://example.invalid/a%20b',
    });
  });

  const noLinks = [
    'javascript:alert(1)',
    'https://user:pass@example.invalid/',
    'https://user@example.invalid/',
    'ftp://example.invalid',
    '/relative',
    'x'.repeat(3000),
  ];
  for (const link of noLinks) {
    it(`takes no link from ${link.slice(0, 40)}`, () => {
      expect(firstAlert(parseJson('generic', { title: 't', link })).link).toBe(null);
    });
  }
});
