import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricWidgetImageCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import type { MetricSeries } from '../../domain/telemetry.ts';
import type { TelemetryQuestion } from '../../ports/telemetry.ts';
import { type AwsAccess, clientSettings } from './clients.ts';
import type { CloudwatchMetric } from './cloudwatch-source.ts';
import { AwsError, classifyAwsFailure } from './failure.ts';
import { periodFor } from './metrics-period.ts';

/** Loaded when metrics are asked for; see `telemetry.ts`. */
export const openMetrics = (access: AwsAccess): CloudWatchClient => new CloudWatchClient(clientSettings(access));

type Asked = { readonly question: TelemetryQuestion; readonly nowMs: number };

/** An answer in more parts than this is no answer to what we ask. */
const MAX_PAGES = 20;

/** GetMetricData: every metric in one question, however many parts its answer has. */
export const readMetrics = async (
  client: CloudWatchClient,
  metrics: readonly CloudwatchMetric[],
  asked: Asked,
): Promise<readonly MetricSeries[]> => {
  const planned = metrics.map((metric, index) => ({
    ...metric,
    id: `m${index}`,
    periodSeconds: periodFor(metric.periodSeconds, { ...asked.question, nowMs: asked.nowMs }),
  }));
  const results = await askPages(client, planned.map(toQuery), asked.question);
  return planned.map(({ id, ...metric }) => ({ ...metric, ...gather(results.filter((result) => result.Id === id)) }));
};

const toQuery = (metric: CloudwatchMetric & { readonly id: string }): MetricDataQuery => ({
  Id: metric.id,
  MetricStat: {
    Metric: {
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: metric.periodSeconds,
    Stat: metric.statistic,
  },
});

const askPages = async (
  client: CloudWatchClient,
  queries: MetricDataQuery[],
  { fromMs, toMs }: TelemetryQuestion,
): Promise<readonly MetricDataResult[]> => {
  const call = 'cloudwatch.GetMetricData';
  const results: MetricDataResult[] = [];
  let next: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    try {
      const answer = await client.send(
        new GetMetricDataCommand({
          MetricDataQueries: queries,
          StartTime: new Date(fromMs),
          EndTime: new Date(toMs),
          ScanBy: 'TimestampAscending',
          ...(next === undefined ? {} : { NextToken: next }),
        }),
      );
      results.push(...(answer.MetricDataResults ?? []));
      next = answer.NextToken;
    } catch (error) {
      throw classifyAwsFailure(call, error);
    }
    if (next === undefined) return results;
  }
  throw new AwsError(call, 'unreadable', { code: 'TooManyPages' });
};

/** The last part says whether all points are there. */
const gather = (parts: readonly MetricDataResult[]): Pick<MetricSeries, 'points' | 'isComplete'> => ({
  points: parts
    .flatMap(({ Timestamps: times = [], Values: values = [] }) =>
      times.map((time, index) => ({ at: time.toISOString(), value: values[index] ?? Number.NaN })),
    )
    .filter(({ value }) => Number.isFinite(value))
    .sort((one, other) => one.at.localeCompare(other.at)),
  isComplete: parts.at(-1)?.StatusCode === 'Complete',
});

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

/** GetMetricWidgetImage: the same metrics as one chart. */
export const drawMetrics = async (
  client: CloudWatchClient,
  metrics: readonly CloudwatchMetric[],
  asked: Asked,
): Promise<Uint8Array> => {
  const call = 'cloudwatch.GetMetricWidgetImage';
  const widget = JSON.stringify(toWidget(metrics, asked));
  const picture = await client.send(new GetMetricWidgetImageCommand({ MetricWidget: widget })).then(
    (answer) => answer.MetricWidgetImage ?? new Uint8Array(),
    (error: unknown) => {
      throw classifyAwsFailure(call, error);
    },
  );
  if (!PNG_SIGNATURE.equals(picture.subarray(0, PNG_SIGNATURE.length))) {
    throw new AwsError(call, 'unreadable', { code: 'NoPng' });
  }
  return picture;
};

const toWidget = (metrics: readonly CloudwatchMetric[], { question, nowMs }: Asked) => ({
  width: 1_200,
  height: 600,
  view: 'timeSeries',
  timezone: '+0000',
  start: new Date(question.fromMs).toISOString(),
  end: new Date(question.toMs).toISOString(),
  title: `${question.service} (${question.environment})`,
  metrics: metrics.map(({ namespace, name, dimensions, label, statistic, periodSeconds }) => [
    namespace,
    name,
    ...Object.entries(dimensions).flat(),
    { label, stat: statistic, period: periodFor(periodSeconds, { ...question, nowMs }) },
  ]),
});
