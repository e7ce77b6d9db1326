import { at, type Fields, isFields, listOf, nameOf, resourcesOf, type Template } from './template.ts';

/** CloudWatch asks nothing for so many. */
const FREE_ALARMS = 10;

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
      const metric = name === 'DeadQueue' ? 'ApproximateNumberOfMessagesVisible' : 'ApproximateAgeOfOldestMessage';
      return !alarmsOn(template, metric).some((fields) => nameOf(at(fields, 'Dimensions', 0, 'Value')) === name);
    })
    .map((name) => `${name}: nobody hears when jobs stay in it`);

/** Each function's failures are counted from its log, whatever it is called by. */
export const watchedFunctions = (template: Template): readonly string[] =>
  resourcesOf(template, 'AWS::Lambda::Function')
    .map(([name]) => name)
    .filter(
      (name) =>
        !resourcesOf(template, 'AWS::Logs::MetricFilter').some(
          ([, fields]) =>
            nameOf(fields['LogGroupName']) === name.replace(/LambdaFunction$/, 'LogGroup') &&
            /platform\.report.*error.*timeout/.test(String(fields['FilterPattern'])) &&
            at(fields, 'MetricTransformations', 0, 'MetricName') === 'FunctionErrors',
        ),
    )
    .map((name) => `${name}: nobody hears when it fails`);

/** `true`: where no number comes at all, that is the trouble. */
const OURSELVES: readonly (readonly [metric: string, silenceIsTrouble: boolean])[] = [
  ['FunctionErrors', false],
  ['Throttles', false],
  ['IngestErrors', false],
  ['Heartbeat', true],
];

export const watchedSelf = (template: Template): readonly string[] =>
  OURSELVES.filter(
    ([metric, silenceIsTrouble]) =>
      !alarmsOn(template, metric).some((fields) => (fields['TreatMissingData'] === 'breaching') === silenceIsTrouble),
  ).map(([metric]) => `the stack: nobody hears of ${metric}`);

/** An alarm says what to do, by mail, and costs nothing unless somebody asked for more. */
export const soundAlarms = (template: Template): readonly string[] => {
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');
  const always = standing(template);
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
    ...(always.length > FREE_ALARMS ? [`the stack: ${always.length} alarms, ${FREE_ALARMS} are free`] : []),
    ...(byMail ? [] : [`${TOLD}: no mail comes of it`]),
  ];
};
