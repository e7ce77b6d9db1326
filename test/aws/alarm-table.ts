import type { Fields } from './template.ts';

/** What an alarm looks at and when it fires. A row with a `MetricName` and without `Namespace` is on a number of our own, whose producer `producer-rules.ts` looks for. */
export type AlarmRow = Fields & { readonly why: string };

/** All that decides whether an alarm fires, and whether it is heard. What a row does not name must not be there. */
export const DECIDING = [
  ...['MetricName', 'Statistic', 'ExtendedStatistic', 'Period', 'EvaluationPeriods', 'DatapointsToAlarm', 'Threshold'],
  ...['ComparisonOperator', 'TreatMissingData', 'Unit', 'Metrics', 'ActionsEnabled'],
] as const;

const ofQueue = (queue: string) => ({
  Namespace: 'AWS/SQS',
  Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }],
  Statistic: 'Maximum',
  Period: 60,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
});

/** Jobs wait for seconds, and their tries for at most two minutes: five minutes, twice seen, is no passing crowd. SQS is silent of empty queues. */
const age = (queue: string, why: string): AlarmRow => ({
  ...ofQueue(queue),
  MetricName: 'ApproximateAgeOfOldestMessage',
  EvaluationPeriods: 2,
  Threshold: 300,
  why,
});

const depth = (queue: string, why: string): AlarmRow => ({
  ...ofQueue(queue),
  MetricName: 'ApproximateNumberOfMessagesVisible',
  EvaluationPeriods: 1,
  Threshold: 0,
  why,
});

/** Counted only when it happens, so silence is health. */
const counted = { Statistic: 'Sum', EvaluationPeriods: 1, TreatMissingData: 'notBreaching' };

const any = { Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' };

/** Lambda says nothing of a function that is not called, so a sum fills up what is missing. */
const throttlesOf = (Id: string, name: string): Fields => ({
  Id,
  MetricStat: {
    Metric: {
      Namespace: 'AWS/Lambda',
      MetricName: 'Throttles',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: name } }],
    },
    Period: 60,
    Stat: 'Sum',
  },
  ReturnData: false,
});

/** Alarms that are there without being asked for, each with the reason of its numbers. */
export const ALARMS: Readonly<Record<string, AlarmRow>> = {
  JobsAgeAlarm: age('JobsQueue', 'alerts and clicks are told late'),
  TriageAgeAlarm: age('TriageQueue', 'incidents stand without a cause'),
  MitigateAgeAlarm: age('MitigateQueue', 'what a person pressed is not done'),
  DeadLettersAlarm: depth('DeadQueue', 'one job that was given up is one too many, and it will not go by itself'),
  UndeliveredAlarm: depth('UndeliveredQueue', 'one alarm that did not arrive may be an incident that nobody knows'),
  ErrorsAlarm: {
    ...counted,
    ...any,
    MetricName: 'FunctionErrors',
    Period: 300,
    why: 'a run that fails is a mistake of ours: what the world does wrong is answered, not thrown; one mail for five minutes of them',
  },
  ThrottlesAlarm: {
    ...any,
    Metrics: [
      throttlesOf('alerts', 'AlertsLambdaFunction'),
      throttlesOf('slack', 'SlackLambdaFunction'),
      { Id: 'throttles', Expression: 'FILL(alerts, 0) + FILL(slack, 0)', Label: 'Refused runs', ReturnData: true },
    ],
    EvaluationPeriods: 3,
    DatapointsToAlarm: 2,
    TreatMissingData: 'notBreaching',
    why: 'one minute of it is a crowd that senders outlast, a second one within three is a limit that is too low',
  },
  HeartbeatAlarm: {
    MetricName: 'Heartbeat',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 5,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
    why: 'it beats each minute; five without it are no slow start, and where no number comes at all, that is the trouble',
  },
  IngestAlarm: {
    ...counted,
    MetricName: 'IngestErrors',
    Period: 300,
    Threshold: 3,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    why: 'one 503 is sent again by most senders; three in five minutes are no accident',
  },
};

/** `WorkerErrorsAlarm`, `WorkerThrottlesAlarm`: with `alarmsPerFunction` only, from the first minute on, since each names its function. */
export const alarmOfFunction = (name: string): AlarmRow | null => {
  const [, prefix = '', metric = ''] = /^(\w+)(Errors|Throttles)Alarm$/.exec(name) ?? [];
  if (metric === '') return null;
  const Dimensions = [{ Name: 'FunctionName', Value: { Ref: `${prefix}LambdaFunction` } }];
  return { ...counted, ...any, Namespace: 'AWS/Lambda', MetricName: metric, Dimensions, Period: 60, why: 'wished' };
};
