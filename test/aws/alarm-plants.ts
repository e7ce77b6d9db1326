import type { Plant } from './plant.ts';

const alarm = (more: object = {}) => ({ Type: 'AWS::CloudWatch::Alarm', Properties: {}, ...more });

export const ALARM_PLANTS: readonly Plant[] = [
  ['a queue that nobody watches', ['JobsAgeAlarm'], alarm(), 'JobsQueue: nobody hears when jobs stay in it'],
  [
    'the wrong number of the dead letters',
    ['DeadLettersAlarm', 'Properties', 'MetricName'],
    'ApproximateAgeOfOldestMessage',
    'DeadQueue: nobody hears when jobs stay in it',
  ],
  [
    'a function that nobody watches',
    ['WorkerFailureFilter', 'Properties', 'LogGroupName', 'Ref'],
    'AlertsLogGroup',
    'WorkerLambdaFunction: nobody hears when it fails',
  ],
  [
    'a function whose runs without end are not seen',
    ['WorkerFailureFilter', 'Properties', 'FilterPattern'],
    '{ $.type = "platform.report" && $.record.status = "error" }',
    'WorkerLambdaFunction: nobody hears when it fails',
  ],
  [
    'a function whose failures are counted elsewhere',
    ['WorkerFailureFilter', 'Properties', 'MetricTransformations', 0, 'MetricNamespace'],
    'MistralTriage/other',
    'WorkerLambdaFunction: nobody hears when it fails',
  ],
  [
    'an age that nothing reaches',
    ['JobsAgeAlarm', 'Properties', 'Threshold'],
    300_000,
    'JobsAgeAlarm: Threshold is not as in the table',
  ],
  [
    'an alarm that fires below',
    ['MitigateAgeAlarm', 'Properties', 'ComparisonOperator'],
    'LessThanThreshold',
    'MitigateAgeAlarm: ComparisonOperator is not as in the table',
  ],
  [
    'errors that must last for hours',
    ['ErrorsAlarm', 'Properties', 'EvaluationPeriods'],
    60,
    'ErrorsAlarm: EvaluationPeriods is not as in the table',
  ],
  ['a day at once', ['IngestAlarm', 'Properties', 'Period'], 86_400, 'IngestAlarm: Period is not as in the table'],
  [
    'the smallest of an age',
    ['TriageAgeAlarm', 'Properties', 'Statistic'],
    'Minimum',
    'TriageAgeAlarm: Statistic is not as in the table',
  ],
  [
    'a queue of no name',
    ['DeadLettersAlarm', 'Properties', 'Dimensions', 0, 'Name'],
    'Queue',
    'DeadLettersAlarm: Dimensions is not as in the table',
  ],
  [
    'an alarm that is switched off',
    ['ErrorsAlarm', 'Properties', 'ActionsEnabled'],
    false,
    'ErrorsAlarm: ActionsEnabled is not as in the table',
  ],
  [
    'a heartbeat that may stop',
    ['HeartbeatAlarm', 'Properties', 'TreatMissingData'],
    'notBreaching',
    'HeartbeatAlarm: TreatMissingData is not as in the table',
  ],
  [
    'a heartbeat from elsewhere',
    ['HeartbeatAlarm', 'Properties', 'Namespace'],
    'MistralTriagee',
    'HeartbeatAlarm: nobody makes the number that it waits for',
  ],
  [
    'the heartbeat of another stage',
    ['HeartbeatAlarm', 'Properties', 'Dimensions', 0, 'Value'],
    'other',
    'HeartbeatAlarm: nobody makes the number that it waits for',
  ],
  [
    'a clock that says another stage',
    ['ClockLambdaFunction', 'Properties', 'Environment', 'Variables', 'STAGE'],
    'other',
    'HeartbeatAlarm: nobody makes the number that it waits for',
  ],
  [
    'a filter that writes another name',
    ['IngestErrorsFilter', 'Properties', 'MetricTransformations', 0, 'MetricName'],
    'IngestError',
    'IngestAlarm: nobody makes the number that it waits for',
  ],
  [
    'a filter that counts nothing',
    ['IngestErrorsFilter', 'Properties', 'MetricTransformations', 0, 'MetricValue'],
    '0',
    'IngestAlarm: nobody makes the number that it waits for',
  ],
  [
    'a filter on another log',
    ['IngestErrorsFilter', 'Properties', 'LogGroupName', 'Ref'],
    'AlertsLogGroup',
    'HttpApiStage: nobody counts the requests that it loses',
  ],
  [
    'a filter that an honest /health sets off',
    ['IngestErrorsFilter', 'Properties', 'FilterPattern'],
    '{ $.status >= 500 }',
    'HttpApiStage: nobody counts the requests that it loses',
  ],
  [
    'a throttle that nobody counts',
    ['IngestErrorsFilter', 'Properties', 'FilterPattern'],
    '{ $.status >= 500 && $.routeKey != "GET /health" && $.routeKey != "HEAD /health" }',
    'HttpApiStage: nobody counts the requests that it loses',
  ],
  [
    'a log in which the status is no number',
    ['HttpApiStage', 'Properties', 'AccessLogSettings', 'Format'],
    '{"routeKey":"$context.routeKey","status":"$context.status"}',
    'HttpApiStage: nobody counts the requests that it loses',
  ],
  ['an alarm that is gone', ['ThrottlesAlarm'], undefined, 'ThrottlesAlarm: is not there'],
  ['an alarm that nobody gave a reason', ['MoreAlarm'], alarm(), 'MoreAlarm: is not in the table'],
  [
    'a topic that CloudWatch cannot reach',
    ['AlarmsTopicPolicy', 'Properties', 'PolicyDocument', 'Statement', 0, 'Action'],
    'sns:Subscribe',
    'AlarmsTopic: CloudWatch may not publish to it',
  ],
  ['an alarm without anybody', ['ErrorsAlarm', 'Properties', 'AlarmActions'], [], 'ErrorsAlarm: tells nobody'],
  [
    'an alarm without advice',
    ['ErrorsAlarm', 'Properties', 'AlarmDescription'],
    'Errors.',
    'ErrorsAlarm: does not say what to do',
  ],
  ['alarms without mail', ['AlarmsByEmail', 'Properties', 'Protocol'], 'https', 'AlarmsTopic: no mail comes of it'],
];
