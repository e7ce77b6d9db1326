import type { Template } from '../../aws/template.ts';
import { combine, type Usage } from './prices.ts';
import type { Taken } from './usage.ts';

const MINUTES = 30 * 24 * 60;
/** How long a key is kept by the function that checks: lib/app/aws/triage.ts. */
const KEY_MINUTES = 10;

/** The standby key is read once an hour, with all else that only explains trouble: lib/flows/watch-recovery.ts. */
const HOURS = MINUTES / 60;

/**
 * Connections that wait at an empty queue, 20 seconds each. Source: docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html: five,
 * "as few as 2" where traffic is low, but not with a maximum concurrency; the 20 seconds from our own notes.
 */
const POLLERS = { bounded: 5, free: 2 } as const;
const POLLS_A_MINUTE = 3;

/** DynamoDB asks for the table's key again after five minutes, for each of the two functions that run. */
const KMS_CALLS_A_MINUTE = 2 / 5;

/** The app's, and the one with Mistral's key that the application reads as well. */
const SECRETS = 2;

type Resource = Template['Resources'][string];

const of = (template: Template, type: string): readonly Resource[] =>
  Object.values(template.Resources).filter((one) => one.Type === type);

/** Receives of nothing, in a month. */
export const emptyReceives = (template: Template): number =>
  of(template, 'AWS::Lambda::EventSourceMapping')
    .map(({ Properties }) => (Properties?.['ScalingConfig'] === undefined ? POLLERS.free : POLLERS.bounded))
    .reduce((sum, pollers) => sum + pollers * POLLS_A_MINUTE * MINUTES, 0);

/** Metrics of the alarms that are there without anybody's wish: each is paid, an expression over them is not. */
export const alarmsOf = (template: Template): number =>
  of(template, 'AWS::CloudWatch::Alarm')
    .filter(({ Condition }) => Condition === undefined)
    .reduce((sum, { Properties }) => sum + metricsOf(Properties?.['Metrics']), 0);

const metricsOf = (metrics: unknown): number =>
  Array.isArray(metrics) ? metrics.filter((metric) => Object.hasOwn(Object(metric), 'MetricStat')).length : 1;

/** What is used when nothing happens for 30 days. `tick`: one minute of it, with the reading of the key. */
export const idleMonth = (template: Template, tick: Taken): Usage => {
  const beside: Usage = {
    sqsRequests: emptyReceives(template),
    secrets: SECRETS,
    secretCalls: HOURS,
    kmsCalls: KMS_CALLS_A_MINUTE * MINUTES + HOURS,
    // Whether somebody told of a deployment.
    readUnits: HOURS,
    alarms: alarmsOf(template),
    // Each is paid for the hours in which something was told of it: of ours the heartbeat alone.
    metrics: 1,
    schedules: MINUTES,
  };
  const times = { secretCalls: MINUTES / KEY_MINUTES, kmsCalls: MINUTES / KEY_MINUTES };
  return combine(
    (name) => (tick.usage[name] ?? 0) * (name in times ? MINUTES / KEY_MINUTES : MINUTES) + (beside[name] ?? 0),
  );
};
