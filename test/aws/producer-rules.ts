import { metricMembers } from '../../lib/report/metrics.ts';
import { ALARMS } from './alarm-table.ts';
import { takesLine } from './metric-filter.ts';
import { at, type Fields, listOf, nameOf, resourcesOf, type Template } from './template.ts';

type Produced = { readonly namespace: unknown; readonly metric: unknown; readonly dimensions: readonly unknown[] };

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Numbers that filters make of logs, each time one. */
const filtered = (template: Template): readonly Produced[] =>
  resourcesOf(template, 'AWS::Logs::MetricFilter')
    .flatMap(([, fields]) => listOf(fields['MetricTransformations']))
    .filter((made) => String(at(made, 'MetricValue')) === '1')
    .map((made) => ({
      namespace: at(made, 'MetricNamespace'),
      metric: at(made, 'MetricName'),
      dimensions: listOf(at(made, 'Dimensions')),
    }));

/** Events whose log lines are metrics that an alarm is on, and the function that logs them. */
const LOGGED = [['clock.ticked', 'ClockLambdaFunction']] as const;

/** Numbers that our own code tells, in the embedded metric format, with the stage that the function is told. */
const logged = (template: Template): readonly Produced[] =>
  LOGGED.flatMap(([event, by]) => {
    const stage = String(at(template.Resources[by], 'Properties', 'Environment', 'Variables', 'STAGE'));
    const members = metricMembers(event, {}, { stage, nowMs: 0 });
    return listOf(at(members, '_aws', 'CloudWatchMetrics')).flatMap((directive) =>
      listOf(at(directive, 'Metrics')).map((metric) => ({
        namespace: at(directive, 'Namespace'),
        metric: at(metric, 'Name'),
        dimensions: listOf(at(directive, 'Dimensions', 0)).map((name) => ({
          Name: name,
          Value: at(members, String(name)),
        })),
      })),
    );
  });

/** An alarm on a number of ours waits for one that somebody makes: same namespace, name and dimensions. */
export const producedNumbers = (template: Template): readonly string[] => {
  const produced = [...filtered(template), ...logged(template)];
  return resourcesOf(template, 'AWS::CloudWatch::Alarm')
    .filter(([name]) => ALARMS[name]?.['MetricName'] !== undefined && ALARMS[name]['Namespace'] === undefined)
    .filter(
      ([, fields]) =>
        !produced.some(
          ({ namespace, metric, dimensions }) =>
            namespace === fields['Namespace'] &&
            metric === fields['MetricName'] &&
            same(dimensions, listOf(fields['Dimensions'])),
        ),
    )
    .map(([name]) => `${name}: nobody makes the number that it waits for`);
};

/** Lines that Lambda writes of runs. Source: docs.aws.amazonaws.com/lambda/latest/dg/telemetry-schema-reference.html. */
const runs = (status: string, type = 'platform.report') => ({ type, record: { requestId: '1', status } });

const FAILED = ['error', 'failure', 'timeout'].map((status) => runs(status));
const WENT_WELL = [runs('success'), runs('error', 'platform.start'), { event: 'job.failed', status: 'error' }];

const tellsApart = (pattern: unknown, wanted: readonly unknown[], others: readonly unknown[]): boolean =>
  wanted.every((line) => takesLine(String(pattern), line)) && !others.some((line) => takesLine(String(pattern), line));

const logOf = (name: string): string => name.replace(/LambdaFunction$/, 'LogGroup');

/** Lambda tells of runs in JSON only if asked to, and of those that failed at WARN and below. */
const tellsFailures = ({ LoggingConfig: logging }: Fields, name: string): boolean =>
  at(logging, 'LogFormat') === 'JSON' &&
  ['DEBUG', 'INFO', 'WARN', undefined].some((level) => level === at(logging, 'SystemLogLevel')) &&
  [logOf(name), null].includes(nameOf(at(logging, 'LogGroup')));

/** Each function's failures are counted from its log, whatever it is called by, into the number that the alarm on errors waits for. */
export const watchedFunctions = (template: Template): readonly string[] => {
  const MetricNamespace = at(template.Resources['ErrorsAlarm'], 'Properties', 'Namespace');
  const counts = [{ MetricNamespace, MetricName: 'FunctionErrors', MetricValue: '1' }];
  const filters = resourcesOf(template, 'AWS::Logs::MetricFilter').filter(([, fields]) =>
    same(fields['MetricTransformations'], counts),
  );
  return resourcesOf(template, 'AWS::Lambda::Function')
    .filter(
      ([name, fields]) =>
        !tellsFailures(fields, name) ||
        !filters.some(
          ([, filter]) =>
            nameOf(filter['LogGroupName']) === logOf(name) && tellsApart(filter['FilterPattern'], FAILED, WENT_WELL),
        ),
    )
    .map(([name]) => `${name}: nobody hears when it fails`);
};

const LOST = [
  // The gateway's own throttle says 429.
  ...[500, 502, 503, 504, 429].map((status) => [status, 'POST /alerts/{source}'] as const),
  ...[[503, 'POST /slack/events'] as const, [503, 'POST /deployments'] as const],
];

const NOT_LOST = [
  ...[200, 202, 401, 404, 413].map((status) => [status, 'POST /alerts/{source}'] as const),
  // It says honestly that Mistral fails.
  ...[[503, 'GET /health'] as const, [503, 'HEAD /health'] as const],
];

const stageOf = (template: Template): Fields => resourcesOf(template, 'AWS::ApiGatewayV2::Stage')[0]?.[1] ?? {};

/** A line of the access log as the gateway writes it; what was not there is `-`. */
const accessLine = (format: string, [status, route]: readonly [number, string]): unknown =>
  JSON.parse(
    format.replaceAll(/\$context\.([\w.]+)/g, (_, name: string) => {
      if (name === 'status') return String(status);
      return name === 'routeKey' ? route : '-';
    }),
  );

/** Requests that may have lost something are counted from the access log, as it is written. */
export const watchedRequests = (template: Template): readonly string[] => {
  const format = String(at(stageOf(template), 'AccessLogSettings', 'Format') ?? '{}');
  const [wanted, others] = [LOST, NOT_LOST].map((requests) => requests.map((one) => accessLine(format, one)));
  const counted = resourcesOf(template, 'AWS::Logs::MetricFilter').some(
    ([, fields]) =>
      nameOf(fields['LogGroupName']) === 'HttpApiLogGroup' &&
      at(fields, 'MetricTransformations', 0, 'MetricName') === 'IngestErrors' &&
      tellsApart(fields['FilterPattern'], wanted ?? [], others ?? []),
  );
  return counted ? [] : ['HttpApiStage: nobody counts the requests that it loses'];
};
