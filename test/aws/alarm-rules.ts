import { ALARMS, alarmOfFunction, DECIDING } from './alarm-table.ts';
import { LAST_QUEUES } from './resource-rules.ts';
import { at, type Fields, isFields, listOf, nameOf, resourcesOf, type Template } from './template.ts';

/** CloudWatch asks nothing for alarms on so many metrics; a sum of two is two. Source: aws.amazon.com/cloudwatch/pricing. */
const FREE_METRICS = 10;

const metricsOf = (fields: Fields): number =>
  Math.max(1, listOf(fields['Metrics']).filter((one) => at(one, 'MetricStat') !== undefined).length);

const TOLD = 'AlarmsTopic';

/** Those that are there without being asked for. */
const standing = (template: Template): readonly Fields[] =>
  resourcesOf(template, 'AWS::CloudWatch::Alarm')
    .filter(([name]) => template.Resources[name]?.['Condition'] === undefined)
    .map(([, fields]) => fields);

const alarmsOn = (template: Template, metric: string): readonly Fields[] =>
  standing(template).filter((fields) => fields['MetricName'] === metric);

/** Jobs that wait too long, and those that were given up. */
export const watchedQueues = (template: Template): readonly string[] =>
  resourcesOf(template, 'AWS::SQS::Queue')
    .map(([name]) => name)
    .filter((name) => {
      const metric = LAST_QUEUES.has(name) ? 'ApproximateNumberOfMessagesVisible' : 'ApproximateAgeOfOldestMessage';
      return !alarmsOn(template, metric).some((fields) => nameOf(at(fields, 'Dimensions', 0, 'Value')) === name);
    })
    .map((name) => `${name}: nobody hears when jobs stay in it`);

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Each alarm is in the table, decides as its row there, and none of the table is missing. */
export const tabledAlarms = (template: Template): readonly string[] => [
  ...resourcesOf(template, 'AWS::CloudWatch::Alarm').flatMap(([name, fields]) => {
    const row = ALARMS[name] ?? alarmOfFunction(name);
    if (row === null) return [`${name}: is not in the table`];
    return [...new Set([...DECIDING, ...Object.keys(row)])]
      .filter((field) => field !== 'why' && !same(fields[field], row[field]))
      .map((field) => `${name}: ${field} is not as in the table`);
  }),
  ...Object.keys(ALARMS)
    .filter((name) => template.Resources[name] === undefined)
    .map((name) => `${name}: is not there`),
];

/** Alarms publish, or nobody hears of them: those of ours and those of the application. */
export const heardAlarms = (template: Template): readonly string[] =>
  [TOLD, 'AlertsTopic']
    .filter(
      (topic) =>
        !resourcesOf(template, 'AWS::SNS::TopicPolicy')
          .filter(([, fields]) => listOf(fields['Topics']).some((one) => nameOf(one) === topic))
          .flatMap(([, fields]) => listOf(at(fields, 'PolicyDocument', 'Statement')))
          .some(
            (statement) =>
              at(statement, 'Effect') === 'Allow' &&
              at(statement, 'Principal', 'Service') === 'cloudwatch.amazonaws.com' &&
              at(statement, 'Action') === 'sns:Publish',
          ),
    )
    .map((topic) => `${topic}: CloudWatch may not publish to it`);

/** An alarm says what to do, by mail, and costs nothing unless somebody asked for more. */
export const soundAlarms = (template: Template): readonly string[] => {
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');
  const watched = standing(template).reduce((sum, fields) => sum + metricsOf(fields), 0);
  const byMail = resourcesOf(template, 'AWS::SNS::Subscription').some(
    ([, fields]) => nameOf(fields['TopicArn']) === TOLD && fields['Protocol'] === 'email',
  );
  return [
    ...alarms
      .filter(
        ([, fields]) => !listOf(fields['AlarmActions']).some((action) => isFields(action) && nameOf(action) === TOLD),
      )
      .map(([name]) => `${name}: tells nobody`),
    ...alarms
      .filter(([, fields]) => !/[.;] .{20,}\.$/.test(String(fields['AlarmDescription'])))
      .map(([name]) => `${name}: does not say what to do`),
    ...(watched > FREE_METRICS ? [`the stack: alarms on ${watched} metrics, ${FREE_METRICS} are free`] : []),
    ...(byMail ? [] : [`${TOLD}: no mail comes of it`]),
  ];
};
