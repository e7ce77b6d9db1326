import { describe, expect, it } from 'vitest';
import { firstAlert, listFixtures, parseBytes, parseJson, readFixture, tellAlerts } from './fixtures.ts';

const TRIGGERED = 'firing | P1 | API 5xx rate above 2% | api | - | 2026-09-27T10:15:00.000Z | -';
const RECOVERED = 'resolved | P1 | API 5xx rate above 2% | api | - | - | 2026-09-27T10:35:00.000Z';

const ROWS: Readonly<Record<string, readonly string[]>> = {
  'keep-high-cpu-usage.json': ['firing | P3 | High CPU Usage | - | - | - | -'],
  'keep-low-disk-space.json': ['firing | P4 | Low Disk Space | - | - | - | -'],
  'keep-mq-consumer-struggling.json': ['firing | P4 | MQ Consumer Is Struggling | - | - | - | -'],
  'synthetic-default-recovered.json': [RECOVERED],
  'synthetic-default-triggered.json': [TRIGGERED],
  'synthetic-no-data.json': ['nodata | P2 | p99 latency | - | - | - | -'],
  'synthetic-triggered.json': [TRIGGERED],
  'template-recovered.json': [RECOVERED],
};

const parseFixture = (name: string) => parseBytes('datadog', readFixture('datadog', name) ?? Buffer.of());

describe('a body of Datadog', () => {
  for (const [name, expected] of Object.entries(ROWS)) {
    it.skipIf(readFixture('datadog', name) === null)(`is understood: ${name}`, () => {
      expect(tellAlerts(parseFixture(name))).toEqual(expected);
    });
  }

  it('has a row for every fixture', () => {
    expect(listFixtures('datadog').filter((name) => !(name in ROWS))).toEqual([]);
  });

  const pairs: readonly (readonly [string, string])[] = [
    ['synthetic-triggered.json', 'template-recovered.json'],
    ['synthetic-default-triggered.json', 'synthetic-default-recovered.json'],
  ];
  for (const [triggered, recovered] of pairs) {
    it(`keeps key and group when it recovers: ${recovered}`, () => {
      const [one, other] = [triggered, recovered].map((name) => firstAlert(parseFixture(name)));
      expect(other).toMatchObject({ key: one?.key, group: one?.group });
    });
  }

  it('gives its tags as labels, its text without markers, and nothing that was not filled in', () => {
    expect(firstAlert(parseFixture('synthetic-triggered.json'))).toMatchObject({
      environment: 'prod',
      summary: 'Mistral answers 503',
      labels: { env: 'prod', service: 'api', team: 'payments' },
      link: 'https://app.datadoghq.com/monitors/148275309?group=env%3Aprod%2Cservice%3Aapi',
    });
  });
});

const alert = { alert_id: '7', transition: 'Triggered', scope: 'service:s,host:h', title: 'T', date: '1790504100000' };
const read = (change: object) => firstAlert(parseJson('datadog', { ...alert, ...change }));

describe('an alert of Datadog', () => {
  const transitions: readonly (readonly [string, string])[] = [
    ['Triggered', 'firing'],
    ['Re-Triggered', 'firing'],
    ['Warn', 'firing'],
    ['Re-Warn', 'firing'],
    ['Renotify', 'firing'],
    ['Recovered', 'resolved'],
    ['Warn Recovered', 'resolved'],
    ['No Data', 'nodata'],
    ['Re-No Data', 'nodata'],
    ['Muted', 'nodata'],
    ['something new', 'firing'],
  ];
  for (const [transition, state] of transitions) {
    it(`that is told as ${transition} is ${state}, and the same alert`, () => {
      expect(read({ transition })).toMatchObject({ state, key: read({}).key, group: read({}).group });
    });
  }

  it('began when it was triggered, not when it was told again', () => {
    expect(read({}).startedAt).toBe('2026-09-27T10:15:00.000Z');
    for (const transition of ['Re-Triggered', 'Re-Warn', 'Renotify']) expect(read({ transition }).startedAt).toBe(null);
  });

  it('is told by its monitor and its scope, whatever the order', () => {
    expect(read({ scope: 'host:h, service:s', title: 'U', tags: 'x:y' }).key).toBe(read({}).key);
    expect(read({ scope: 'host:i,service:s' }).key).not.toBe(read({}).key);
    expect(read({ alert_id: '8' }).key).not.toBe(read({}).key);
  });

  it('belongs to its monitor and service', () => {
    expect(read({ scope: 'host:i,service:s' }).group).toBe(read({}).group);
    expect(read({ scope: 'service:t' }).group).not.toBe(read({}).group);
  });

  it('is told from no words at all by the id of its monitor', () => {
    expect(read({ title: '' })).toMatchObject({ title: 'Monitor 7', key: read({}).key });
  });

  const titles: readonly (readonly [string, object])[] = [
    ['[Recovered] Disk', { title: 'Disk', state: 'resolved', severity: null }],
    ['[No Data on {host:h}] Disk', { title: 'Disk', state: 'nodata', labels: { host: 'h' } }],
    ['[Triggered] [P2] [eu] Disk', { title: '[eu] Disk', state: 'firing', severity: 'P2' }],
    ['Disk', { title: 'Disk', state: 'firing', severity: null }],
  ];
  for (const [title, expected] of titles) {
    it(`says all in its title where the body is Datadog's own: ${title}`, () => {
      const parsed = parseJson('datadog', { title, event_type: 'e', last_updated: '1790504100000' });
      expect(firstAlert(parsed)).toMatchObject(expected);
    });
  }

  it('believes its own transition before the title', () => {
    expect(read({ title: '[Triggered on {host:x}] T', transition: 'Recovered' })).toMatchObject({
      state: 'resolved',
      title: 'T',
      key: read({}).key,
    });
  });

  it('takes what was not filled in for absent', () => {
    const unfilled = { priority: '$ALERT_PRIORITY', link: '$LINK', tags: '$TAGS', host: '$HOSTNAME', body: '' };
    expect(read(unfilled)).toMatchObject({ severity: null, link: null, labels: { service: 's', host: 'h' } });
  });

  it('is as severe as its priority says, else its type', () => {
    expect(read({ priority: 'P4', type: 'error' }).severity).toBe('P4');
    expect(read({ type: 'error' }).severity).toBe('P2');
    expect(read({ priority: '', type: 'warning' }).severity).toBe('P3');
  });

  it('takes of two tags of one name the first, and the scope before both', () => {
    const tags = 'env:a,env:b,service:x,team:t,:none,alone';
    expect(read({ tags }).labels).toEqual({ env: 'a', service: 's', team: 't', host: 'h' });
  });
});
