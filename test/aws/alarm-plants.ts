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
    'a heartbeat that may stop',
    ['HeartbeatAlarm', 'Properties', 'TreatMissingData'],
    'notBreaching',
    'the stack: nobody hears of Heartbeat',
  ],
  [
    'no alarm on throttles',
    ['ThrottlesAlarm', 'Properties', 'MetricName'],
    'X',
    'the stack: nobody hears of Throttles',
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
