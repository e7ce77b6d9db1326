import { describe, expect, it } from 'vitest';
import { firstAlert, parseJson } from '../intake/fixtures.ts';
import { alarmOf, expressionOf, metricsOf, periodOf, RESOURCES, tellCondition } from './application-alarms.ts';

/** The rules that the bot knows, each with its alarm. */
const RULES: readonly {
  readonly rule: string;
  readonly alarm: string;
  readonly severity: string;
  readonly says: string;
}[] = [
  {
    rule: '5xx over 10 per minute',
    alarm: 'ApiDown',
    severity: 'P1',
    says: 'Sum of ServerErrors in 60 s, over 10, 1 of 5, missing notBreaching',
  },
  {
    rule: 'any 401',
    alarm: 'AuthenticationFailure',
    severity: 'P1',
    says: 'Sum of Unauthorized in 60 s, over 0, 1 of 5, missing notBreaching',
  },
  {
    rule: 'p95 over 5 s for 5 minutes',
    alarm: 'LatencyP95',
    severity: 'P2',
    says: 'IF(count >= 20, p95, 0) in 300 s, over 5000, 1 of 1, missing notBreaching',
  },
  {
    rule: 'p99 over 5 s for 5 minutes',
    alarm: 'LatencyP99',
    severity: 'P2',
    says: 'IF(count >= 100, p99, 0) in 300 s, over 5000, 1 of 1, missing notBreaching',
  },
  {
    rule: '429 over 5 per minute',
    alarm: 'RateLimited',
    severity: 'P2',
    says: 'Sum of RateLimited in 60 s, over 5, 1 of 5, missing notBreaching',
  },
  {
    rule: 'the breaker tripped',
    alarm: 'CircuitOpen',
    severity: 'P2',
    says: 'Maximum of CircuitOpen in 60 s, over 0, 1 of 5, missing notBreaching',
  },
  {
    rule: 'spend over 10 USD per hour',
    alarm: 'CostSpike',
    severity: 'P3',
    says: 'Sum of SpendUsd in 3600 s, over 10, 1 of 1, missing notBreaching',
  },
  {
    rule: 'no metrics',
    alarm: 'Silence',
    severity: 'P3',
    says: 'SampleCount of Requests in 60 s, LessThanThreshold 1, 10 of 10, missing breaching',
  },
];

/** Windows of the error budget: factor, seconds in all, failed requests that it takes at least. */
const WINDOWS: readonly (readonly [string, number, number, number])[] = [
  ['Burn14Over1h', 14.4, 3600, 5],
  ['Burn14Over5m', 14.4, 300, 1],
  ['Burn6Over6h', 6, 6 * 3600, 5],
  ['Burn6Over30m', 6, 1800, 1],
  ['Burn3Over1d', 3, 24 * 3600, 5],
  ['Burn3Over2h', 3, 2 * 3600, 1],
  ['Burn1Over3d', 1, 3 * 24 * 3600, 5],
  ['Burn1Over6h', 1, 6 * 3600, 1],
];

const BURNS: readonly (readonly [string, string, string])[] = [
  ['SloBurnFast', 'P1', 'Burn14Over1h AND Burn14Over5m'],
  ['SloBurnSlow', 'P2', 'Burn6Over6h AND Burn6Over30m'],
  ['SloBurnTicket', 'P3', '(Burn3Over1d AND Burn3Over2h) OR (Burn1Over3d AND Burn1Over6h)'],
];

describe('the alarms for an application', () => {
  for (const { rule, alarm, says } of RULES) {
    it(`have the rule: ${rule}`, () => {
      expect(tellCondition(alarmOf(alarm))).toBe(says);
    });
  }

  for (const percentile of ['p95', 'p99']) {
    it(`measure ${percentile} and how many requests it is of`, () => {
      expect(metricsOf(alarmOf(`Latency${percentile.toUpperCase()}`))).toEqual([
        [percentile, percentile, 'LatencyMs'],
        ['count', 'SampleCount', 'LatencyMs'],
      ]);
    });
  }

  for (const [id, factor, windowSeconds, failed] of WINDOWS) {
    it(`have the window ${id}`, () => {
      const alarm = alarmOf(id);
      expect(periodOf(alarm) * (alarm.EvaluationPeriods ?? 0)).toBe(windowSeconds);
      expect(alarm).toMatchObject({ Threshold: factor, ComparisonOperator: 'GreaterThanThreshold' });
      expect(expressionOf(alarm)).toBe(
        `IF(FILL(failed, 0) >= ${failed}, 100 * FILL(failed, 0) / requests / (100 - 99.5), 0)`,
      );
      expect(metricsOf(alarm)).toEqual([
        ['failed', 'Sum', 'Failed'],
        ['requests', 'Sum', 'Requests'],
      ]);
    });
  }

  for (const [id, , rule] of BURNS) {
    it(`ask both windows: ${id}`, () => {
      expect(alarmOf(id).AlarmRule?.['Fn::Sub'].replace(/ALARM\("\$\{(\w+)\}"\)/g, '$1')).toBe(rule);
    });
  }

  const severities = [...RULES.map(({ alarm, severity }) => [alarm, severity] as const), ...BURNS];
  for (const [id, severity] of severities) {
    it(`are read by the bot as they are meant: ${id} is ${severity}`, () => {
      const { AlarmName, AlarmDescription } = alarmOf(id);
      const alert = firstAlert(parseJson('sns', { AlarmName, AlarmDescription, NewStateValue: 'ALARM' }));
      expect(alert).toMatchObject({ severity, service: 'chat-api', environment: 'production', title: AlarmName });
      expect(alert.summary).not.toMatch(/[[\]]/);
    });
  }

  it('tell the topic that they fire and that they are over, or are windows that a composite alarm asks', () => {
    const asked = Object.values(RESOURCES)
      .flatMap(({ Properties }) => [...(Properties.AlarmRule?.['Fn::Sub'] ?? '').matchAll(/\$\{(\w+)\}/g)])
      .map(([, id]) => id);
    const topic = [{ Ref: 'AlertsTopicArn' }];
    for (const [id, { Properties }] of Object.entries(RESOURCES)) {
      const expected = asked.includes(id) ? [undefined, undefined] : [topic, topic];
      expect([id, Properties.AlarmActions, Properties.OKActions]).toEqual([id, ...expected]);
      expect(Properties.ActionsEnabled).toBe(undefined);
    }
    expect(asked.toSorted()).toEqual(WINDOWS.map(([id]) => id).toSorted());
  });

  it('are each in this test, and there is nothing else in the stack', () => {
    const ids = [...severities, ...WINDOWS].map(([id]) => id);
    expect(Object.keys(RESOURCES).toSorted()).toEqual(ids.toSorted());
    const types = new Set(Object.values(RESOURCES).map(({ Type }) => Type));
    expect([...types].toSorted()).toEqual(['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm']);
  });

  it('have names of their own', () => {
    const names = Object.values(RESOURCES).map(({ Properties }) => Properties.AlarmName);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^mistral-[a-z0-9-]+-chat-api-production$/.test(name))).toEqual([]);
  });

  it('read every metric in the same namespace, by service and environment', () => {
    const dimensions = [
      { Name: 'service', Value: { Ref: 'ServiceName' } },
      { Name: 'environment', Value: { Ref: 'Environment' } },
    ];
    const metrics = Object.values(RESOURCES).flatMap(({ Properties }) => [
      ...(Properties.MetricName === undefined ? [] : [Properties]),
      ...(Properties.Metrics ?? []).flatMap((query) => query.MetricStat?.Metric ?? []),
    ]);
    expect(metrics).toHaveLength(26);
    for (const { Namespace, Dimensions } of metrics)
      expect([Namespace, Dimensions]).toEqual([{ Ref: 'Namespace' }, dimensions]);
  });

  it("keep to CloudWatch's longest windows: a day, or seven of periods of an hour and more", () => {
    for (const { Properties } of Object.values(RESOURCES).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')) {
      const period = periodOf(Properties);
      expect(period).toBeLessThanOrEqual(86_400);
      expect(period * (Properties.EvaluationPeriods ?? 0)).toBeLessThanOrEqual(period < 3600 ? 86_400 : 604_800);
    }
  });

  it('watch for silence only where that is wanted', () => {
    const conditional = Object.entries(RESOURCES).filter(([, { Condition }]) => Condition !== undefined);
    expect(conditional.map(([id, { Condition }]) => [id, Condition])).toEqual([['Silence', 'WatchesSilence']]);
  });
});
