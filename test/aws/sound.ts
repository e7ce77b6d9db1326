import { ALARMS } from './alarm-table.ts';
import type { Fields, Resource, Template } from './template.ts';

const of = (Type: string, Properties: Fields, more: Fields = {}): Resource => ({ Type, Properties, ...more });
const arnOf = (name: string): Fields => ({ 'Fn::GetAtt': [name, 'Arn'] });
const kept = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };

/** As AWS offers them, for no narrower resource. */
const READS = ['cloudwatch:GetMetricData', 'cloudwatch:GetMetricWidgetImage', 'logs:GetQueryResults'];

const role = (name: string, Action: string): Resource =>
  of('AWS::IAM::Role', {
    AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } }] },
    Policies: [
      {
        PolicyDocument: {
          Statement: [
            { Effect: 'Allow', Action, Resource: 'arn:aws:sqs:eu-central-1:1:one' },
            { Effect: 'Allow', Action: READS, Resource: '*' },
            { Effect: 'Allow', Action: ['logs:PutLogEvents'], Resource: arnOf(`${name}LogGroup`) },
          ],
        },
      },
    ],
  });

const lambda = (name: string, Timeout: number): Readonly<Record<string, Resource>> => ({
  [`${name}LogGroup`]: of('AWS::Logs::LogGroup', { RetentionInDays: 30 }),
  [`${name}LambdaFunction`]: of('AWS::Lambda::Function', {
    Timeout,
    RecursiveLoop: 'Allow',
    LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' },
    Role: arnOf(`${name}Role`),
    Environment: { Variables: { STAGE: 'dev', APP_SECRET_ID: 'mistral-triage/dev/app' } },
  }),
  [`${name}FailureFilter`]: counter(
    `${name}LogGroup`,
    `{ $.type = "platform.report" && (${['error', 'failure', 'timeout'].map((status) => `$.record.status = "${status}"`).join(' || ')}) }`,
    'FunctionErrors',
  ),
});

const queue = (more: Fields): Resource =>
  of('AWS::SQS::Queue', {
    SqsManagedSseEnabled: true,
    MessageRetentionPeriod: 1_209_600,
    VisibilityTimeout: 120,
    ...more,
  });

const onlyTls = { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
const policy = (Type: string, on: Fields, ...statements: readonly Fields[]): Resource =>
  of(Type, { ...on, PolicyDocument: { Statement: [...statements, onlyTls] } });

const fromTopic = {
  Effect: 'Allow',
  Principal: { Service: 'sns.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'AlertsTopic' } } },
};

const fromCloudWatch = {
  Effect: 'Allow',
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Action: 'sns:Publish',
  Condition: { StringEquals: { 'aws:SourceAccount': '1' } },
};

/** As the table wants them; the rules on the stack itself are what the table is held against. */
const alarms = Object.fromEntries(
  Object.entries(ALARMS).map(([name, { why: _, ...row }]) => [
    name,
    of('AWS::CloudWatch::Alarm', {
      ...(row['MetricName'] === undefined ? {} : { Namespace: 'MistralTriage/dev' }),
      ...(name === 'HeartbeatAlarm'
        ? { Namespace: 'MistralTriage', Dimensions: [{ Name: 'stage', Value: 'dev' }] }
        : {}),
      ...row,
      AlarmDescription: 'Something is wrong. Look at it, and mend it.',
      AlarmActions: [{ Ref: 'AlarmsTopic' }],
    }),
  ]),
);

const counter = (log: string, FilterPattern: string, MetricName: string): Resource =>
  of('AWS::Logs::MetricFilter', {
    LogGroupName: { Ref: log },
    FilterPattern,
    MetricTransformations: [{ MetricNamespace: 'MistralTriage/dev', MetricName, MetricValue: '1' }],
  });

const watched: Template['Resources'] = {
  ...alarms,
  IngestErrorsFilter: counter(
    'HttpApiLogGroup',
    '{ ($.status >= 500 || $.status = 429) && $.routeKey != "GET /health" && $.routeKey != "HEAD /health" }',
    'IngestErrors',
  ),
  AlarmsTopic: of('AWS::SNS::Topic', {}),
  AlarmsTopicPolicy: policy('AWS::SNS::TopicPolicy', { Topics: [{ Ref: 'AlarmsTopic' }] }, fromCloudWatch),
  AlarmsByEmail: of('AWS::SNS::Subscription', { TopicArn: { Ref: 'AlarmsTopic' }, Protocol: 'email' }),
};

/** A small stack that breaks no rule, with names of ours. */
export const SOUND: Template = {
  Resources: {
    ...watched,
    ...lambda('Alerts', 5),
    ...lambda('Worker', 60),
    ...lambda('Mitigate', 60),
    ...lambda('Clock', 30),
    AlertsRole: role('Alerts', 'sqs:SendMessage'),
    WorkerRole: role('Worker', 'secretsmanager:GetSecretValue'),
    ClockRole: role('Clock', 'sqs:SendMessage'),
    MitigateRole: role('Mitigate', 'secretsmanager:UpdateSecretVersionStage'),
    AlertsLambdaEvConf: of('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: 'AlertsLambdaFunction' },
      DestinationConfig: { OnFailure: { Destination: arnOf('UndeliveredQueue') } },
    }),
    JobsQueue: queue({ RedrivePolicy: { deadLetterTargetArn: arnOf('DeadQueue'), maxReceiveCount: 20 } }),
    DeadQueue: queue({}),
    UndeliveredQueue: queue({}),
    JobsQueuePolicy: policy('AWS::SQS::QueuePolicy', { Queues: [{ Ref: 'JobsQueue' }] }),
    DeadQueuePolicy: policy('AWS::SQS::QueuePolicy', { Queues: [{ Ref: 'DeadQueue' }] }),
    UndeliveredQueuePolicy: policy(
      'AWS::SQS::QueuePolicy',
      { Queues: [{ Ref: 'UndeliveredQueue' }] },
      onlyTls,
      fromTopic,
    ),
    WorkerEventSourceMappingSQSJobsQueue: of('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: arnOf('JobsQueue'),
      FunctionName: arnOf('WorkerLambdaFunction'),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 10 },
    }),
    Table: of(
      'AWS::DynamoDB::Table',
      {
        SSESpecification: { SSEEnabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { Enabled: true },
      },
      kept,
    ),
    Bucket: of(
      'AWS::S3::Bucket',
      {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        VersioningConfiguration: { Status: 'Enabled' },
        LifecycleConfiguration: {
          Rules: [
            { Status: 'Enabled', Prefix: 'evidence/', ExpirationInDays: 365 },
            { Status: 'Enabled', Prefix: 'quarantine/', ExpirationInDays: 30 },
            { Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 30 } },
          ],
        },
      },
      kept,
    ),
    BucketPolicy: policy('AWS::S3::BucketPolicy', { Bucket: { Ref: 'Bucket' } }, onlyTls),
    AlertsTopic: of('AWS::SNS::Topic', {}),
    AlertsTopicPolicy: policy('AWS::SNS::TopicPolicy', { Topics: [{ Ref: 'AlertsTopic' }] }, fromCloudWatch),
    AlertsSubscription: of('AWS::SNS::Subscription', {
      TopicArn: { Ref: 'AlertsTopic' },
      Protocol: 'lambda',
      Endpoint: arnOf('AlertsLambdaFunction'),
      RedrivePolicy: { deadLetterTargetArn: arnOf('UndeliveredQueue') },
    }),
    AlertsTopicPermission: of('AWS::Lambda::Permission', { SourceArn: { Ref: 'AlertsTopic' } }),
    HttpApiIntegrationAlerts: of('AWS::ApiGatewayV2::Integration', { IntegrationUri: arnOf('AlertsLambdaFunction') }),
    HttpApiStage: of(
      'AWS::ApiGatewayV2::Stage',
      {
        AccessLogSettings: { Format: '{"routeKey":"$context.routeKey","status":$context.status}' },
        DefaultRouteSettings: { ThrottlingRateLimit: 200 },
        RouteSettings: { 'POST /alerts/{source}': { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 } },
      },
      { DependsOn: ['HttpApiRoutePostAlertsSourceVar'] },
    ),
    HttpApiRoutePostAlertsSourceVar: of('AWS::ApiGatewayV2::Route', { RouteKey: 'POST /alerts/{source}' }),
  },
};
