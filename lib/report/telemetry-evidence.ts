import type { LogLines, MetricSeries } from '../domain/telemetry.ts';

/** What was got, or one sentence why not. */
export type Collected<T> = { readonly value: T } | { readonly why: string };

/** What the monitoring service knew of the incident's service in that time. */
export type TelemetryEvidence = {
  /** ISO 8601 UTC. */
  readonly from: string;
  readonly to: string;
  readonly metrics: Collected<readonly MetricSeries[]>;
  /** The bytes of a PNG. */
  readonly picture: Collected<Uint8Array>;
  readonly logs: Collected<LogLines>;
};

type TelemetryFile = { readonly name: string; readonly source: string; readonly content: unknown };

/** The parts that are there, member by member. The picture is no JSON and no text: it is passed on as it came. */
export const telemetryFiles = ({ from, to, metrics, logs }: TelemetryEvidence): readonly TelemetryFile[] => [
  ...('value' in metrics
    ? [
        {
          name: 'metrics.json',
          source: 'metrics of the monitoring service, from two hours before the incident started',
          content: { from, to, series: metrics.value.map(pickSeries) },
        },
      ]
    : []),
  ...('value' in logs
    ? [
        {
          name: 'logs.json',
          source: 'structural fields of the newest log lines of that time; never their messages',
          content: { from, to, ...pickLogs(logs.value) },
        },
      ]
    : []),
];

/** One row for each part that is missing. */
export const missingTelemetry = ({
  metrics,
  picture,
  logs,
}: TelemetryEvidence): readonly { readonly what: string; readonly why: string }[] =>
  [
    { what: 'metrics', part: metrics },
    { what: 'chart of the metrics', part: picture },
    { what: 'logs', part: logs },
  ].flatMap(({ what, part }) => ('why' in part ? [{ what, why: part.why }] : []));

const pickSeries = (series: MetricSeries) => ({
  label: series.label,
  namespace: series.namespace,
  name: series.name,
  dimensions: series.dimensions,
  statistic: series.statistic,
  periodSeconds: series.periodSeconds,
  complete: series.isComplete,
  points: series.points.map(({ at, value }) => ({ at, value })),
});

/** Only fields that were asked for, also when a line has more. */
const pickLogs = ({ logGroups, fields, lines, isCut }: LogLines) => ({
  logGroups: [...logGroups],
  fields: [...fields],
  cut: isCut,
  lines: lines.map((line) => Object.fromEntries(Object.entries(line).filter(([name]) => fields.includes(name)))),
});
