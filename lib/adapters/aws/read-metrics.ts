import * as z from 'zod/mini';
import type { MetricSeries } from '../../domain/telemetry.ts';
import type { TelemetryQuestion } from '../../ports/telemetry.ts';
import type { CloudwatchMetric } from './cloudwatch-source.ts';
import { AwsError } from './failure.ts';
import { periodFor } from './metrics-period.ts';
import type { SignedCall } from './signed-request.ts';

type Asked = { readonly question: TelemetryQuestion; readonly nowMs: number };

/** An answer in more parts than this is no answer to what we ask. */
const MAX_PAGES = 20;

const RESULT = z.object({
  Id: z.string(),
  StatusCode: z.optional(z.string()),
  /** Seconds since 1970. */
  Timestamps: z._default(z.array(z.number()), []),
  Values: z._default(z.array(z.number()), []),
});

const PAGE = z.object({
  MetricDataResults: z._default(z.array(RESULT), []),
  NextToken: z.optional(z.nullable(z.string())),
});

type Result = z.output<typeof RESULT>;

/** GetMetricData: every metric in one question, however many parts its answer has. */
export const readMetrics = async (
  call: SignedCall,
  metrics: readonly CloudwatchMetric[],
  asked: Asked,
): Promise<readonly MetricSeries[]> => {
  const planned = metrics.map((metric, index) => ({
    ...metric,
    id: `m${index}`,
    periodSeconds: periodFor(metric.periodSeconds, { ...asked.question, nowMs: asked.nowMs }),
  }));
  const results = await askPages(call, planned.map(toQuery), asked.question);
  return planned.map(({ id, ...metric }) => ({ ...metric, ...gather(results.filter((result) => result.Id === id)) }));
};

const toQuery = (metric: CloudwatchMetric & { readonly id: string }) => ({
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
  call: SignedCall,
  queries: readonly ReturnType<typeof toQuery>[],
  { fromMs, toMs }: TelemetryQuestion,
): Promise<readonly Result[]> => {
  const input = {
    MetricDataQueries: queries,
    StartTime: Math.floor(fromMs / 1_000),
    EndTime: Math.ceil(toMs / 1_000),
    ScanBy: 'TimestampAscending',
  };
  const results: Result[] = [];
  let next: { readonly NextToken?: string } = {};
  for (let count = 0; count < MAX_PAGES; count += 1) {
    const page = z.safeParse(PAGE, await call.callJson('monitoring', 'GetMetricData', { ...input, ...next }));
    if (!page.success) throw new AwsError('monitoring.GetMetricData', 'unreadable', { code: 'UnknownShape' });
    results.push(...page.data.MetricDataResults);
    if (!page.data.NextToken) return results;
    next = { NextToken: page.data.NextToken };
  }
  throw new AwsError('monitoring.GetMetricData', 'unreadable', { code: 'TooManyPages' });
};

/** The last part says whether all points are there. */
const gather = (parts: readonly Result[]): Pick<MetricSeries, 'points' | 'isComplete'> => ({
  points: parts
    .flatMap(({ Timestamps: times, Values: values }) =>
      values.flatMap((value, index) => {
        const at = times[index];
        return at === undefined ? [] : [{ at: new Date(at * 1_000).toISOString(), value }];
      }),
    )
    .sort((one, other) => one.at.localeCompare(other.at)),
  isComplete: parts.at(-1)?.StatusCode === 'Complete',
});

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

const PICTURE = z.object({ MetricWidgetImage: z.string() });

/** GetMetricWidgetImage: the same metrics as one chart. */
export const drawMetrics = async (
  call: SignedCall,
  metrics: readonly CloudwatchMetric[],
  asked: Asked,
): Promise<Uint8Array> => {
  const input = { MetricWidget: JSON.stringify(toWidget(metrics, asked)) };
  const answer = z.safeParse(PICTURE, await call.callJson('monitoring', 'GetMetricWidgetImage', input));
  const picture = Buffer.from(answer.success ? answer.data.MetricWidgetImage : '', 'base64');
  if (!PNG_SIGNATURE.equals(picture.subarray(0, PNG_SIGNATURE.length))) {
    throw new AwsError('monitoring.GetMetricWidgetImage', 'unreadable', { code: 'NoPng' });
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
