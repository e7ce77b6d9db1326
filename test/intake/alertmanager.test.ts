import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertsOf, firstAlert, listFixtures, parseBytes, parseJson, readFixture, tellAlerts } from './fixtures.ts';

const CODESTRAL = 'P1 | MistralHigh5xx | mistral-api | codestral-latest | 2026-11-20T08:47:27.775Z';
const LARGE = 'P1 | MistralHigh5xx | mistral-api | mistral-large-latest | 2026-11-20T08:47:18.775Z';

/** Every fixture and what becomes of it. `storm` is told by its number alone. */
const ROWS: Readonly<Record<string, readonly string[]>> = {
  'oncall-numfiring.json': [
    'firing | P1 | InstanceDown | - | - | 2023-06-12T08:24:38.326Z | -',
    'firing | P1 | InstanceDown | - | - | 2023-06-12T08:24:38.326Z | -',
  ],
  'real-0.25-all-resolved.json': [
    `resolved | ${CODESTRAL} | 2026-11-20T08:48:07.775Z`,
    `resolved | ${LARGE} | 2026-11-20T08:47:55.775Z`,
  ],
  'real-0.25-duplicate-in-one-post.json': ['firing | P1 | Dup | mistral-api | - | 2026-11-20T08:50:34.128Z | -'],
  'real-0.25-empty-label-dropped.json': ['firing | P1 | EmptyLabel | mistral-api | - | 2026-11-20T08:50:34.102Z | -'],
  'real-0.25-epoch-start.json': ['firing | P1 | EpochStart | mistral-api | - | - | -'],
  'real-0.25-false-resolved-prometheus-dead.json': [
    'resolved | P1 | MistralHigh5xx | mistral-api | mistral-large-latest | 2026-11-20T08:57:18.775Z | 2026-11-20T08:57:26.775Z',
  ],
  'real-0.25-first-firing.json': [`firing | ${LARGE} | -`],
  'real-0.25-future-start.json': ['firing | P1 | FutureStart | mistral-api | - | - | -'],
  'real-0.25-group-by-all.json': ['firing | P1 | All | mistral-api | - | 2026-11-20T08:50:34.135Z | -'],
  'real-0.25-group-two-firing.json': [`firing | ${CODESTRAL} | -`, `firing | ${LARGE} | -`],
  'real-0.25-invalid-utf8-replaced.json': ['firing | - | InvUtf8 | - | - | 2026-11-20T08:50:34.113Z | -'],
  'real-0.25-mixed-firing-resolved.json': [
    `firing | ${CODESTRAL} | -`,
    `resolved | ${LARGE} | 2026-11-20T08:47:55.775Z`,
  ],
  'real-0.25-no-alertname.json': ['firing | - | foo=bar | - | - | 2026-11-20T08:50:34.103Z | -'],
  'real-0.25-nul-and-control-chars.json': ['firing | P1 | NulByte | mistral-api | - | 2026-11-20T08:50:34.069Z | -'],
  'real-0.25-quotes-newline-in-alertname.json': [
    'firing | P1 | Quotes"\\{}=, | mistral-api | - | 2026-11-20T08:50:34.142Z | -',
  ],
  'real-0.25-refire-new-startsat.json': [
    'firing | P1 | Mixed | mistral-api | - | 2026-11-20T08:50:45.152Z | -',
    'firing | P1 | Mixed | mistral-api | - | 2026-11-20T00:00:00.000Z | -',
    'firing | P1 | Mixed | mistral-api | - | 2026-11-20T08:50:34.129Z | -',
  ],
  'real-0.25-repeat.json': [`firing | ${CODESTRAL} | -`, `firing | ${LARGE} | -`],
  'real-0.25-truncated-7.json': Array.from(
    { length: 3 },
    () => 'firing | P1 | Trunc | mistral-api | - | 2026-11-20T08:50:34.131Z | -',
  ),
  'real-0.25-unicode-slack-markup.json': [
    'firing | P1 | Unicode | mistral-api | мистраль-大-🚀 | 2026-11-20T08:50:34.058Z | -',
  ],
  'synthetic-alerts-null.json': ['empty'],
  'synthetic-notification-reason-0.34.json': ['firing | P1 | A | - | - | 2026-11-20T08:00:00.000Z | -'],
  'synthetic-proto-keys.json': ['firing | - | P | - | - | 2026-11-20T08:00:00.000Z | -'],
  'synthetic-same-fingerprint-both-states.json': [
    'resolved | P1 | A | - | - | 2026-11-20T08:00:00.000Z | 2026-11-20T08:01:00.000Z',
  ],
  'synthetic-storm-500.json': Array.from(
    { length: 500 },
    () => 'firing | P1 | A | - | - | 2026-11-20T08:00:00.000Z | -',
  ),
  'zulip-two-alerts-same-labels.json': Array.from(
    { length: 2 },
    () => 'firing | P1 | High CPU Temperature | - | - | 2020-02-06T00:17:58.432Z | -',
  ),
};

const parseFixture = (name: string) => parseBytes('alertmanager', readFixture('alertmanager', name) ?? Buffer.of());

describe('a body of Alertmanager', () => {
  for (const [name, expected] of Object.entries(ROWS)) {
    it.skipIf(readFixture('alertmanager', name) === null)(`is understood: ${name}`, () => {
      const parsed = parseFixture(name);
      expect(tellAlerts(parsed)).toEqual(expected);
      if (parsed.kind === 'alerts') expect(new Set(parsed.alerts.map(({ key }) => key)).size).toBe(expected.length);
    });
  }

  it('has a row for every fixture', () => {
    expect(listFixtures('alertmanager').filter((name) => !(name in ROWS))).toEqual([]);
  });

  it('keeps its key and group when it repeats, resolves and comes from the other replica', () => {
    const first = firstAlert(parseFixture('real-0.25-first-firing.json'));
    const later = ['real-0.25-repeat.json', 'real-0.25-mixed-firing-resolved.json', 'real-0.25-all-resolved.json'];
    for (const name of later) {
      const [, again] = alertsOf(parseFixture(name));
      expect(again).toMatchObject({ key: first.key, group: first.group });
    }
  });

  it('says how many alerts the sender left out', () => {
    expect(parseFixture('real-0.25-truncated-7.json')).toMatchObject({ truncated: 'alerts left out by the sender: 7' });
  });

  it('keeps words that are safe to store and a link without tricks', () => {
    expect(firstAlert(parseFixture('real-0.25-nul-and-control-chars.json'))).toMatchObject({
      summary: 'xy[31mred',
      labels: { path: 'ab' },
    });
    expect(firstAlert(parseFixture('real-0.25-first-firing.json')).link).toBe(
      'http://vm:19090/graph?g0.expr=mistral_demo_5xx_per_min+%3E+10&g0.tab=1',
    );
  });

  it('takes labels named like parts of an object for nothing but names', () => {
    const alert = firstAlert(parseFixture('synthetic-proto-keys.json'));
    expect(Object.entries(alert.labels)).toEqual([
      ['alertname', 'P'],
      ['toString', 'z'],
    ]);
    expect(Object.hasOwn({}, 'polluted') || 'polluted' in {}).toBe(false);
  });
});

const oneAlert = (entry: object, body: object = {}) =>
  parseJson('alertmanager', { receiver: 'r', alerts: [entry], ...body });

describe('an alert of Alertmanager', () => {
  it('takes its own status, not that of the body', () => {
    const parsed = oneAlert({ status: 'resolved', labels: { alertname: 'A' } }, { status: 'firing' });
    expect(firstAlert(parsed).state).toBe('resolved');
  });

  const withoutStatus = [
    { why: 'its end has passed', entry: { endsAt: '2026-11-20T09:00:00Z' }, body: 'firing', state: 'resolved' },
    { why: 'its end is open', entry: { endsAt: '0001-01-01T00:00:00Z' }, body: 'firing', state: 'firing' },
    { why: 'its end is to come', entry: { endsAt: '2026-11-20T09:34:00Z' }, body: 'firing', state: 'firing' },
    { why: 'the body is resolved', entry: {}, body: 'resolved', state: 'resolved' },
  ];
  for (const { why, entry, body, state } of withoutStatus) {
    it(`without a status is ${state} when ${why}`, () => {
      expect(firstAlert(oneAlert({ labels: { alertname: 'A' }, ...entry }, { status: body })).state).toBe(state);
    });
  }

  it('without a fingerprint is told by its labels but the volatile ones', () => {
    const key = (labels: object) => firstAlert(oneAlert({ labels })).key;
    const base = key({ alertname: 'A', service: 's' });
    expect(key({ service: 's', pod: 'p-1', replica: 'b', prometheus: 'x', alertname: 'A' })).toBe(base);
    expect(key({ alertname: 'A', service: 't' })).not.toBe(base);
    expect(key({ alertname: 'A', service: 's', instance: 'i' })).not.toBe(base);
  });

  it('is told by its fingerprint alone where there is one: equal labels may be two alerts', () => {
    const key = (fingerprint: string, labels: object) => firstAlert(oneAlert({ fingerprint, labels })).key;
    expect(key('f1', { alertname: 'A' })).not.toBe(key('f2', { alertname: 'A' }));
    expect(key('f1', { alertname: 'A' })).toBe(key('f1', { alertname: 'A', extra: 'x' }));
  });

  it('takes an empty label for an absent one', () => {
    const [one, other] = [{ alertname: 'A', service: '' }, { alertname: 'A' }].map((labels) =>
      firstAlert(oneAlert({ labels })),
    );
    expect(one).toEqual(other);
  });

  it('is as severe as its priority says, whatever the word', () => {
    const severity = (labels: object) => firstAlert(oneAlert({ labels: { alertname: 'A', ...labels } })).severity;
    expect(severity({ severity: 'warning', priority: 'P2' })).toBe('P2');
    expect(severity({ priority: 'high' })).toBe('P2');
    expect(severity({ severity: 'info' })).toBe('P4');
  });

  it('without a group key belongs to its service and name', () => {
    const group = (labels: object) => firstAlert(oneAlert({ labels })).group;
    expect(group({ alertname: 'A', service: 's', i: '1' })).toBe(group({ alertname: 'A', service: 's', i: '2' }));
    expect(group({ alertname: 'A', service: 't' })).not.toBe(group({ alertname: 'A', service: 's' }));
  });

  it('without any name and identity is no alert', () => {
    expect(oneAlert({ labels: {}, annotations: {} }).kind).toBe('unreadable');
    expect(oneAlert({ fingerprint: 'f' }).kind).toBe('alerts');
  });

  it('counts entries that are none beside those that are', () => {
    const parsed = parseJson('alertmanager', {
      groupKey: 'k',
      alerts: [null, 7, 'x', [], { labels: { alertname: 'A' } }],
    });
    expect(parsed).toMatchObject({ kind: 'alerts', unreadable: 4, alerts: [{ title: 'A' }] });
  });

  it('is understood at this door when it comes in a templated shape', () => {
    expect(firstAlert(parseJson('alertmanager', { text: 'Mistral API down' })).title).toBe('Mistral API down');
  });

  const stable = fc.record({
    labels: fc.dictionary(fc.string(), fc.string(), { minKeys: 1, noNullPrototype: true }),
    fingerprint: fc.option(fc.string(), { nil: undefined }),
  });
  const passing = fc.record({
    startsAt: fc.string(),
    annotations: fc.dictionary(fc.string(), fc.string()),
    generatorURL: fc.webUrl(),
    status: fc.constantFrom('firing', 'resolved'),
  });
  const envelope = fc.record({ externalURL: fc.webUrl(), receiver: fc.string(), groupKey: fc.constant('g') });

  it('has a key that nothing passing changes: order of labels, times, annotations, addresses', () => {
    fc.assert(
      fc.property(stable, passing, passing, envelope, envelope, (identity, one, other, here, there) => {
        const labels = { ...identity.labels, alertname: 'A' };
        const turned = Object.fromEntries(Object.entries(labels).reverse());
        const first = firstAlert(oneAlert({ ...identity, ...one, labels }, here));
        const second = firstAlert(oneAlert({ ...identity, ...other, labels: turned }, there));
        expect(second.key).toBe(first.key);
        expect(second.group).toBe(first.group);
      }),
    );
  });
});
