import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod/mini';

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

/** The template's resources, by their logical ids. */
export const { Resources: RESOURCES } = templateSchema.parse(
  parse(readFileSync(new URL('../../templates/aws/application-alarms.yml', import.meta.url), 'utf8')),
);

type Alarm = z.infer<typeof alarmSchema>;

export const alarmOf = (id: string): Alarm => {
  const alarm = RESOURCES[id]?.Properties;
  if (alarm === undefined) throw new Error(`no alarm ${id}`);
  return alarm;
};

export const periodOf = (alarm: Alarm): number => {
  const periods = new Set(
    [alarm.Period, ...(alarm.Metrics ?? []).map((query) => query.MetricStat?.Period)].filter(Boolean),
  );
  const [period] = periods;
  if (period === undefined || periods.size > 1) throw new Error(`${periods.size} periods in one alarm`);
  return period;
};

export const expressionOf = (alarm: Alarm): string | undefined =>
  alarm.Metrics?.find((query) => query.ReturnData)?.Expression;

/** Id, statistic and name of each metric of an expression. */
export const metricsOf = (alarm: Alarm): readonly (readonly string[])[] =>
  (alarm.Metrics ?? []).flatMap(({ Id, MetricStat }) =>
    MetricStat === undefined ? [] : [[Id, MetricStat.Stat, MetricStat.Metric.MetricName]],
  );

/** `Sum of ServerErrors in 60 s, over 10, 1 of 5, missing notBreaching`. */
export const tellCondition = (alarm: Alarm): string => {
  const of = alarm.MetricName === undefined ? expressionOf(alarm) : `${alarm.Statistic} of ${alarm.MetricName}`;
  const over = alarm.ComparisonOperator === 'GreaterThanThreshold' ? 'over' : alarm.ComparisonOperator;
  const points = `${alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods} of ${alarm.EvaluationPeriods}`;
  return `${of} in ${periodOf(alarm)} s, ${over} ${alarm.Threshold}, ${points}, missing ${alarm.TreatMissingData}`;
};
