import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { firstAlert, parseJson } from '../intake/fixtures.ts';

const reference = z.object({ Ref: z.string() });
const written = z.union([
  z.string(),
  z.pipe(
    z.object({ 'Fn::Sub': z.string() }),
    z.transform((sub) => fill(sub['Fn::Sub'])),
  ),
]);
const metricSchema = z.object({
  Namespace: reference,
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: reference })),
});
const alarmSchema = z.object({
  AlarmName: written,
  AlarmDescription: written,
  AlarmRule: z.optional(z.object({ 'Fn::Sub': z.string() })),
  AlarmActions: z.optional(z.array(reference)),
  OKActions: z.optional(z.array(reference)),
  ActionsEnabled: z.optional(z.boolean()),
  Namespace: z.optional(reference),
  MetricName: z.optional(z.string()),
  Dimensions: z.optional(metricSchema.shape.Dimensions),
  Statistic: z.optional(z.string()),
  Period: z.optional(z.number()),
  Metrics: z.optional(
    z.array(
      z.object({
        Id: z.string(),
        ReturnData: z.boolean(),
        Expression: z.optional(written),
        MetricStat: z.optional(z.object({ Stat: z.string(), Period: z.number(), Metric: metricSchema })),
      }),
    ),
  ),
  EvaluationPeriods: z.optional(z.number()),
  DatapointsToAlarm: z.optional(z.number()),
  ComparisonOperator: z.optional(z.string()),
  Threshold: z.optional(z.number()),
  TreatMissingData: z.optional(z.string()),
});
const templateSchema = z.object({
  Parameters: z.record(z.string(), z.object({ Type: z.string() })),
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Condition: z.optional(z.string()), Properties: alarmSchema }),
  ),
});

const VALUES: Readonly<Record<string, string>> = {
  ServiceName: 'chat-api',
  Environment: 'production',
  SloPercent: '99.5',
};

function fill(text: string): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => VALUES[name] ?? whole);
}

const { Resources: RESOURCES } = templateSchema.parse(
  parse(readFileSync(new URL('../../templates/aws/application-alarms.yml', import.meta.url), 'utf8')),
);

type Alarm = z.infer<typeof alarmSchema>;

const alarmOf = (id: string): Alarm => {
  const alarm = RESOURCES[id]?.Properties;
  if (alarm === undefined) throw new Error(`no alarm ${id}`);
  return alarm;
};

const periodOf = (alarm: Alarm): number => {
  const periods = new Set(
    [alarm.Period, ...(alarm.Metrics ?? []).map((query) => query.MetricStat?.Period)].filter(Boolean),
  );
  const [period] = periods;
  if (period === undefined || periods.size > 1) throw new Error(`${periods.size} periods in one alarm`);
  return period;
};

const expressionOf = (alarm: Alarm): string | undefined => alarm.Metrics?.find((query) => query.ReturnData)?.Expression;

/** `Sum of ServerErrors in 60 s, over 10, 1 of 5, missing notBreaching`. */
const tellCondition = (alarm: Alarm): string => {
  const of = alarm.MetricName === undefined ? expressionOf(alarm) : `${alarm.Statistic} of ${alarm.MetricName}`;
  const over = alarm.ComparisonOperator === 'GreaterThanThreshold' ? 'over' : alarm.ComparisonOperator;
  const points = `${alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods} of ${alarm.EvaluationPeriods}`;
  return `${of} in ${periodOf(alarm)} s, ${over} ${alarm.Threshold}, ${points}, missing ${alarm.TreatMissingData}`;
};

/** The rules, as PRODUCT words them, each with its alarm. */
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

  for (const [id, factor, windowSeconds, failed] of WINDOWS) {
    it(`have the window ${id}`, () => {
      const alarm = alarmOf(id);
      expect(periodOf(alarm) * (alarm.EvaluationPeriods ?? 0)).toBe(windowSeconds);
      expect(alarm).toMatchObject({ Threshold: factor, ComparisonOperator: 'GreaterThanThreshold' });
      expect(expressionOf(alarm)).toBe(
        `IF(FILL(failed, 0) >= ${failed}, 100 * FILL(failed, 0) / requests / (100 - 99.5), 0)`,
      );
      const metrics = (alarm.Metrics ?? []).flatMap(({ Id, MetricStat }) =>
        MetricStat === undefined ? [] : [[Id, MetricStat.Stat, MetricStat.Metric.MetricName]],
      );
      expect(metrics).toEqual([
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
