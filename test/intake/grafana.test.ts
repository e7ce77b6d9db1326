import { describe, expect, it } from 'vitest';
import { alertsOf, firstAlert, listFixtures, parseBytes, parseJson, readFixture, tellAlerts } from './fixtures.ts';

const ROWS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  grafana: {
    'keep-v12-test-relative-generatorurl.json': ['firing | - | TestAlert | - | - | 2026-05-05T13:04:57.622Z | -'],
    'synthetic-datasource-error.json': [
      'nodata | - | Mistral p99: the query fails | - | - | 2026-11-20T08:40:10.000Z | -',
    ],
    'synthetic-datasource-nodata.json': ['nodata | P2 | Mistral p99: no data | - | - | 2026-11-20T08:40:10.000Z | -'],
    'synthetic-nan-value-string.json': [
      'firing | P2 | Mistral p99 | - | mistral-large-latest | 2026-11-20T08:40:10.000Z | -',
    ],
    'zulip-v8-missing-status-go-timestamps.json': ['firing | - | TestAlert | - | - | 2026-05-27T15:36:00.112Z | -'],
    'zulip-v9-mixed-firing-resolved.json': [
      'resolved | - | Test alert | - | - | 2022-06-17T01:04:00.782Z | 2022-06-17T01:08:28.652Z',
      'resolved | - | Test alert | - | - | 2022-06-17T01:04:00.782Z | 2022-06-17T01:08:28.652Z',
      'firing | - | Second webhook test | - | - | 2022-06-17T01:03:00.782Z | -',
    ],
  },
  'grafana-legacy': {
    'alerta-example.json': ['firing | - | Load peaking! | - | - | - | -'],
    'alerta-ok.json': ['resolved | - | Zeta CPU alert | - | - | - | -'],
    'alerta-v6-duplicate-matches.json': ['firing | P3 | Testing -> Battery Voltage alert | Physical | - | - | -'],
    'synthetic-alerting.json': ['firing | P2 | Mistral p99 | chat-api | - | - | -'],
    'synthetic-no-data.json': ['nodata | P2 | Mistral p99 | - | - | - | -'],
    'synthetic-ok.json': ['resolved | P2 | Mistral p99 | - | - | - | -'],
  },
};

const parseFixture = (folder: string, name: string) => parseBytes('grafana', readFixture(folder, name) ?? Buffer.of());

describe('a body of Grafana', () => {
  for (const [folder, rows] of Object.entries(ROWS)) {
    for (const [name, expected] of Object.entries(rows)) {
      it.skipIf(readFixture(folder, name) === null)(`is understood: ${folder}/${name}`, () => {
        const parsed = parseFixture(folder, name);
        expect(tellAlerts(parsed)).toEqual(expected);
        expect(new Set(alertsOf(parsed).map(({ key }) => key)).size).toBe(expected.length);
        expect(parsed).toMatchObject({ unreadable: 0 });
      });
    }

    it(`has a row for every fixture in ${folder}`, () => {
      expect(listFixtures(folder).filter((name) => !(name in rows))).toEqual([]);
    });
  }

  it('keeps the identity of a rule of the old alerting whatever became of it', () => {
    const [fired, blind, over] = ['alerting', 'no-data', 'ok'].map((state) =>
      firstAlert(parseFixture('grafana-legacy', `synthetic-${state}.json`)),
    );
    expect(blind).toMatchObject({ key: fired?.key, group: fired?.group });
    expect(over).toMatchObject({ key: fired?.key, group: fired?.group });
  });
});

const alert = { status: 'firing', fingerprint: 'f1', labels: { alertname: 'A', service: 's' } };
const body = { receiver: 'bot', groupKey: '{}:{alertname="A"}', version: '1', orgId: 1, alerts: [alert] };
const read = (change: object, entry: object = {}) =>
  firstAlert(parseJson('grafana', { ...body, alerts: [{ ...alert, ...entry }], ...change }));

describe('an alert of Grafana', () => {
  it('keeps key and group when it resolves', () => {
    const over = read({ status: 'resolved' }, { status: 'resolved', endsAt: '2026-11-20T09:00:00Z' });
    expect(over).toMatchObject({ key: read({}).key, group: read({}).group, state: 'resolved' });
  });

  it('is another one in another organisation, which may number as it likes', () => {
    expect(read({ orgId: 2 }).key).not.toBe(read({}).key);
    expect(read({ orgId: 2 }).group).not.toBe(read({}).group);
    expect(read({ orgId: 2 }, { orgId: 1 }).key).toBe(read({}).key);
  });

  it('of a test has the same group each time, though its group key holds the time', () => {
    const [one, other] = ['webhook-f1-1777986297', 'webhook-f1-1777986399'].map((groupKey) => read({ groupKey }));
    expect(other?.group).toBe(one?.group);
    expect(read({ groupKey: '{}:{alertname="B"}' }).group).not.toBe(read({}).group);
  });

  it('is over when the rule can be evaluated again', () => {
    const labels = { alertname: 'DatasourceNoData', rulename: 'R' };
    expect(read({}, { labels, status: 'firing' })).toMatchObject({ state: 'nodata', title: 'R: no data' });
    expect(read({}, { labels, status: 'resolved' }).state).toBe('resolved');
  });

  const links: readonly (readonly [object, string | null])[] = [
    [{ generatorURL: 'https://g.example/rule', panelURL: 'https://g.example/panel' }, 'https://g.example/rule'],
    [{ generatorURL: '?orgId=1', panelURL: 'https://g.example/panel' }, 'https://g.example/panel'],
    [{ generatorURL: '', panelURL: '', dashboardURL: 'https://g.example/d' }, 'https://g.example/d'],
    [{ generatorURL: '/alerting', dashboardURL: 'javascript:alert(1)' }, null],
  ];
  for (const [entry, link] of links) {
    it(`links to ${String(link)}: ${JSON.stringify(entry)}`, () => {
      expect(read({}, entry).link).toBe(link);
    });
  }

  const times: readonly (readonly [string, string | null])[] = [
    ['2026-11-20 08:00:00.112013015 +0000 UTC m=+8560.285724134', '2026-11-20T08:00:00.112Z'],
    ['2026-11-20 10:00:00.5 +0200 CEST', '2026-11-20T08:00:00.500Z'],
    ['2026-11-20 05:00:00 -0300 -03', '2026-11-20T08:00:00.000Z'],
    ['0001-01-01 00:00:00 +0000 UTC', null],
    ['2026-11-20 08:00:00 UTC', null],
  ];
  for (const [startsAt, expected] of times) {
    it(`began at ${String(expected)}: ${startsAt}`, () => {
      expect(read({}, { startsAt }).startedAt).toBe(expected);
    });
  }

  const marks: readonly object[] = [
    { orgId: 1 },
    { appVersion: '12.4.2' },
    { version: '1' },
    { alerts: [{ ...alert, silenceURL: '' }] },
  ];
  for (const mark of marks) {
    it(`is told from one of Alertmanager at the generic door by ${Object.keys(mark)[0]}`, () => {
      const { receiver, groupKey, alerts } = body;
      const send = (more: object) => firstAlert(parseJson('generic', { receiver, groupKey, alerts, ...more }));
      expect(send(mark).key).not.toBe(send({ version: '4' }).key);
    });
  }
});

const legacy = { ruleId: 7, ruleName: 'R', state: 'alerting', evalMatches: null, tags: { severity: 'P2' } };

describe('a rule of the old alerting', () => {
  const states: readonly (readonly [string, string])[] = [
    ['alerting', 'firing'],
    ['ok', 'resolved'],
    ['no_data', 'nodata'],
    ['pending', 'nodata'],
    ['paused', 'nodata'],
    ['unknown', 'nodata'],
    ['something new', 'firing'],
  ];
  for (const [said, state] of states) {
    it(`that is ${said} is ${state}`, () => {
      expect(firstAlert(parseJson('grafana', { ...legacy, state: said })).state).toBe(state);
    });
  }

  it('takes from its series only what they say alike, and its own tags before theirs', () => {
    const series = [
      { tags: { service: 's', model: 'm1', severity: 'P1' } },
      { tags: { service: 's', model: 'm2', severity: 'P1' } },
    ];
    const { labels } = firstAlert(parseJson('grafana', { ...legacy, evalMatches: series }));
    expect(labels).toEqual({ service: 's', severity: 'P2' });
  });

  it('is told by its number, within its organisation', () => {
    const key = (change: object) => firstAlert(parseJson('grafana', { ...legacy, ...change })).key;
    expect(key({ ruleName: 'renamed' })).toBe(key({}));
    expect(key({ ruleId: 8 })).not.toBe(key({}));
    expect(key({ orgId: 2 })).not.toBe(key({}));
  });
});
