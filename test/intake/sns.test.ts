import { describe, expect, it } from 'vitest';
import { firstAlert, listFixtures, parseBytes, parseJson, readFixture, tellAlerts } from './fixtures.ts';

const API_DOWN = 'mistral-api-down-chat-api-production | chat-api';

const ROWS: Readonly<Record<string, readonly string[]>> = {
  'alerta-alarm.json': ['firing | - | bucketbytesAlarm | - | - | 2019-02-15T23:53:45.093Z | -'],
  // Its subject names another alarm than its message; the message counts.
  'alerta-insufficient-data.json': ['nodata | - | notificationCountAlarm | - | - | - | -'],
  'keep-high-error-rate.json': ['firing | - | APIErrorRate | - | - | - | -'],
  'lambda-go-metric-math.json': ['firing | - | EXAMPLE | - | - | 2015-06-03T17:43:27.123Z | -'],
  'notify-slack-guardduty.json': ['firing | - | GuardDuty Finding | - | - | - | -'],
  'notify-slack-ok.json': ['resolved | - | DBMigrationRequired | - | - | - | 2019-02-12T15:45:24.006Z'],
  'notify-slack-plain-text.json': ['firing | - | All Fine | - | - | 2019-02-12T15:45:24.091Z | -'],
  'notify-slack-raw-message.json': ['firing | - | Example | - | - | 2017-01-12T16:30:42.236Z | -'],
  'synthetic-alarm.json': [`firing | P1 | ${API_DOWN} | - | 2026-11-20T08:47:00.123Z | -`],
  'synthetic-composite-alarm.json': [
    'firing | P1 | mistral-slo-burn-fast-chat-api-production | chat-api | - | 2026-11-20T08:50:00.001Z | -',
  ],
  'synthetic-lambda-record.json': [`firing | P1 | ${API_DOWN} | - | 2026-11-20T08:47:00.123Z | -`],
  'synthetic-ok.json': [`resolved | P1 | ${API_DOWN} | - | - | 2026-11-20T08:58:00.123Z`],
  'synthetic-raw-delivery-alarm.json': ['resolved | - | mistral-429 | - | - | - | 2026-11-20T08:50:00.000Z'],
  'synthetic-subscription-confirmation.json': ['unreadable'],
  'synthetic-unsubscribe-confirmation.json': ['unreadable'],
};

const parseFixture = (name: string) => parseBytes('sns', readFixture('aws-sns', name) ?? Buffer.of());

describe('a body of SNS', () => {
  for (const [name, expected] of Object.entries(ROWS)) {
    it.skipIf(readFixture('aws-sns', name) === null)(`is understood: ${name}`, () => {
      expect(tellAlerts(parseFixture(name))).toEqual(expected);
    });
  }

  it('has a row for every fixture', () => {
    expect(listFixtures('aws-sns').filter((name) => !(name in ROWS))).toEqual([]);
  });

  it('is the same alarm over HTTPS, to Lambda, and when it is over', () => {
    const fired = firstAlert(parseFixture('synthetic-alarm.json'));
    expect(firstAlert(parseFixture('synthetic-lambda-record.json'))).toEqual(fired);
    const over = firstAlert(parseFixture('synthetic-ok.json'));
    expect(over).toMatchObject({ key: fired.key, group: fired.group, severity: 'P1', environment: 'production' });
  });

  it('links to the alarm in the console, and tells its words before its reason, and which metric', () => {
    expect(firstAlert(parseFixture('synthetic-alarm.json'))).toMatchObject({
      link: 'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/mistral-api-down-chat-api-production',
      labels: { metric: 'ServerErrors', namespace: 'Mistral/Guard', service: 'chat-api' },
      summary: expect.stringMatching(/^Mistral answers 5xx more than 10 times a minute\.\nThreshold Crossed/),
    });
  });

  const confirmations: readonly (readonly [string, RegExp])[] = [
    ['synthetic-subscription-confirmation.json', /opens no links: give its alarms the action AlertsTopicArn/],
    ['synthetic-unsubscribe-confirmation.json', /was unsubscribed: its alarms do not come here any more/],
  ];
  for (const [name, why] of confirmations) {
    it(`that asks for a visit is kept aside, and says which topic: ${name}`, () => {
      const parsed = parseFixture(name);
      expect(parsed).toEqual({ kind: 'unreadable', why: expect.stringMatching(why) });
      expect(parsed).toMatchObject({ why: expect.stringContaining('arn:aws:sns:eu-west-1:123456789012:alerts') });
      // What the message about it shows at most.
      if (parsed.kind === 'unreadable') expect(parsed.why.length).toBeLessThanOrEqual(200);
    });
  }

  it('of one record among strangers counts the strangers', () => {
    const envelope = { TopicArn: 't', Subject: 's', Message: 'm' };
    expect(parseJson('sns', { Records: [{ Sns: envelope }, { s3: {} }] })).toMatchObject({
      unreadable: 1,
      alerts: [{ title: 's' }],
    });
    expect(parseJson('sns', { Records: [{ s3: {} }] }).kind).toBe('unreadable');
  });
});

const alarm = {
  AlarmName: 'a',
  NewStateValue: 'ALARM',
  AWSAccountId: '123456789012',
  Region: 'EU (Ireland)',
  StateChangeTime: '2026-11-20T08:00:00.000+0000',
};
const read = (change: object) => firstAlert(parseJson('sns', { ...alarm, ...change }));

describe('an alarm of CloudWatch', () => {
  it('is told by its ARN, and without one by account, region and name', () => {
    const AlarmArn = 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a';
    expect(read({ AlarmArn, Region: 'x' }).key).toBe(read({ AlarmArn, NewStateValue: 'OK' }).key);
    expect(read({ AlarmArn }).key).not.toBe(read({ AlarmArn: `${AlarmArn}b` }).key);
    expect(read({ AlarmDescription: 'other' }).key).toBe(read({}).key);
    for (const other of [{ AlarmName: 'b' }, { Region: 'x' }, { AWSAccountId: 'x' }])
      expect(read(other).key).not.toBe(read({}).key);
  });

  const states: readonly (readonly [string, string])[] = [
    ['ALARM', 'firing'],
    ['OK', 'resolved'],
    ['INSUFFICIENT_DATA', 'nodata'],
  ];
  for (const [said, state] of states) {
    it(`in ${said} is ${state}`, () => {
      expect(read({ NewStateValue: said }).state).toBe(state);
    });
  }

  const said: readonly (readonly [string, object])[] = [
    ['[severity=P1 service=chat-api]', { severity: 'P1', service: 'chat-api', summary: '' }],
    [
      'Down. [severity=P2] [service=s, environment=e]',
      { severity: 'P2', service: 's', environment: 'e', summary: 'Down.' },
    ],
    ['a [Severity=critical] b', { severity: 'P1', summary: 'a b' }],
    ['[priority=P3] [severity=critical]', { severity: 'P3' }],
    ['[model=mistral-large-latest]', { model: 'mistral-large-latest' }],
    ['see [runbook] for [what to do]', { severity: null, summary: 'see [runbook] for [what to do]' }],
    ['severity=P1', { severity: null, summary: 'severity=P1' }],
    ['[severity=]', { severity: null, summary: '[severity=]' }],
    ['[]', { summary: '[]' }],
  ];
  for (const [AlarmDescription, expected] of said) {
    it(`says in its description: ${AlarmDescription}`, () => {
      expect(read({ AlarmDescription })).toMatchObject(expected);
    });
  }

  const dimension = (name: string, value: string) => ({ name, value });
  const triggers: readonly (readonly [string, object, object])[] = [
    ['its dimension', { Dimensions: [dimension('service', 's')] }, { service: 's' }],
    ["AWS's own dimension", { Dimensions: [dimension('ServiceName', 'ecs')] }, { service: 'ecs' }],
    ['its dimension Environment', { Dimensions: [dimension('Environment', 'e')] }, { environment: 'e' }],
    [
      'all metrics of its expression alike',
      {
        Metrics: [
          { Id: 'e', Expression: 'm1/m2' },
          { Id: 'm1', MetricStat: { Metric: { MetricName: 'Failed', Dimensions: [dimension('service', 's')] } } },
          { Id: 'm2', MetricStat: { Metric: { MetricName: 'Requests', Dimensions: [dimension('service', 's')] } } },
        ],
      },
      { service: 's', labels: { service: 's' } },
    ],
    [
      'no two metrics alike: then nobody',
      {
        Metrics: ['s', 't'].map((value) => ({ MetricStat: { Metric: { Dimensions: [dimension('service', value)] } } })),
      },
      { service: null },
    ],
    [
      'nothing that can be read',
      { Dimensions: [null, 7, {}, 'x'], Metrics: [null, 7, { MetricStat: [] }] },
      { service: null },
    ],
  ];
  for (const [what, Trigger, expected] of triggers) {
    it(`belongs to the service that is named by ${what}`, () => {
      expect(read({ Trigger })).toMatchObject(expected);
    });
  }

  it('is of the service that its description names, whatever the dimension', () => {
    const Trigger = { Dimensions: [dimension('ServiceName', 'ecs'), dimension('service', 'd')] };
    expect(read({ Trigger, AlarmDescription: '[service=chat-api]' }).service).toBe('chat-api');
  });

  it('has no link where its ARN is no ARN of AWS', () => {
    for (const AlarmArn of ['arn:aws:cloudwatch:evil.example/x-1:123456789012:alarm:a', 'x', ''])
      expect(read({ AlarmArn }).link).toBe(null);
    expect(read({ AlarmArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a b/c' }).link).toMatch(
      /alarm\/a%20b%2Fc$/,
    );
  });
});

describe('a message that is no alarm', () => {
  const notify = (change: object) =>
    parseJson('sns', { Type: 'Notification', TopicArn: 't', MessageId: '1', ...change });

  it('is an alert, told by its topic and subject and not by its number', () => {
    const key = (change: object) => firstAlert(notify({ Subject: 's', Message: 'm', ...change })).key;
    expect(key({ MessageId: '2', Message: 'other words', Timestamp: '2026-11-20T08:00:00Z' })).toBe(key({}));
    expect(key({ TopicArn: 'u' })).not.toBe(key({}));
    expect(key({ Subject: 'other' })).not.toBe(key({}));
  });

  it('without a subject has its first line for a title', () => {
    expect(firstAlert(notify({ Message: 'Down\nmore' }))).toMatchObject({ title: 'Down', summary: 'Down\nmore' });
    expect(notify({ Message: '' }).kind).toBe('unreadable');
    expect(notify({ Message: {} }).kind).toBe('unreadable');
  });

  it('in JSON is read as at the generic door, so that it can be over', () => {
    const Message = (state: string) => JSON.stringify({ title: 'Queue is full', state, severity: 'P2', service: 's' });
    const fired = firstAlert(notify({ Message: Message('firing') }));
    expect(fired).toMatchObject({ state: 'firing', severity: 'P2', service: 's', title: 'Queue is full' });
    expect(firstAlert(notify({ Message: Message('ok') }))).toMatchObject({ state: 'resolved', key: fired.key });
    expect(firstAlert(notify({ TopicArn: 'u', Message: Message('ok') })).key).not.toBe(fired.key);
  });

  it('of EventBridge about an alarm is not taken for one that fires: it may say that it is over', () => {
    const Message = JSON.stringify({
      'detail-type': 'CloudWatch Alarm State Change',
      detail: { state: { value: 'OK' } },
    });
    expect(notify({ Message, Subject: 's' }).kind).toBe('unreadable');
  });
});
