import { at, type Fields, isFields, listOf, nameOf, resourcesOf, type Template } from './template.ts';

/** Made by the framework for the packages; nothing in it is worth keeping. */
const FRAMEWORKS_BUCKET = 'ServerlessDeploymentBucket';

/** Where redrives end; SQS can send back what is here. */
const DEAD = 'DeadQueue';

/** Where calls by SNS end, which SQS cannot send back. */
export const UNDELIVERED = 'UndeliveredQueue';

/** Who comes here goes nowhere by itself. */
export const LAST_QUEUES: ReadonlySet<string> = new Set([DEAD, UNDELIVERED]);

/** CloudWatch alarms cannot publish to a topic with the key that AWS manages; a key of our own costs more than all the rest. */
const PLAIN_TOPICS = new Set(['AlertsTopic', 'AlarmsTopic']);

/** Policies of queues, topics and buckets, and what they are on. */
const POLICIES: readonly (readonly [type: string, on: string])[] = [
  ['AWS::SQS::QueuePolicy', 'Queues'],
  ['AWS::SNS::TopicPolicy', 'Topics'],
  ['AWS::S3::BucketPolicy', 'Bucket'],
];

const statementsOn = (template: Template): readonly { readonly on: string | null; readonly statement: Fields }[] =>
  POLICIES.flatMap(([type, on]) =>
    resourcesOf(template, type).flatMap(([, fields]) =>
      listOf(fields[on]).flatMap((target) =>
        listOf(at(fields, 'PolicyDocument', 'Statement'))
          .filter(isFields)
          .map((statement) => ({ on: nameOf(target), statement })),
      ),
    ),
  );

type Wanted = readonly (readonly [isThere: boolean, otherwise: string])[];

const complain = (name: string, wanted: Wanted): readonly string[] =>
  wanted.filter(([isThere]) => !isThere).map(([, otherwise]) => `${name}: ${otherwise}`);

const isRetained = (template: Template, name: string): boolean =>
  ['DeletionPolicy', 'UpdateReplacePolicy'].every((policy) => template.Resources[name]?.[policy] === 'Retain');

const FOURTEEN_DAYS_S = 14 * 24 * 60 * 60;

export const soundQueues = (template: Template): readonly string[] =>
  resourcesOf(template, 'AWS::SQS::Queue').flatMap(([name, fields]) => {
    const redrive = fields['RedrivePolicy'];
    const redrives = nameOf(at(redrive, 'deadLetterTargetArn')) === DEAD && Number(at(redrive, 'maxReceiveCount')) >= 5;
    return complain(name, [
      [LAST_QUEUES.has(name) || redrives, 'has no redrive to the dead letters'],
      [fields['SqsManagedSseEnabled'] === true, 'is not encrypted'],
      [fields['MessageRetentionPeriod'] === FOURTEEN_DAYS_S, 'does not keep for 14 days'],
    ]);
  });

export const soundTables = (template: Template): readonly string[] =>
  resourcesOf(template, 'AWS::DynamoDB::Table').flatMap(([name, fields]) =>
    complain(name, [
      [at(fields, 'SSESpecification', 'SSEEnabled') === true, 'is not encrypted'],
      [at(fields, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled') === true, 'cannot be brought back'],
      [at(fields, 'TimeToLiveSpecification', 'Enabled') === true, 'keeps what may go'],
      [isRetained(template, name), 'goes with the stack'],
    ]),
  );

const PUBLIC_BLOCKS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];

const lifecycle = (fields: Fields): readonly unknown[] =>
  listOf(at(fields, 'LifecycleConfiguration', 'Rules')).filter((rule) => at(rule, 'Status') === 'Enabled');

/** What lies in a folder for at most so many days, and what was replaced or taken away for a month more. */
const expires = (fields: Fields, folder: string, mostDays: number): boolean =>
  lifecycle(fields).some((rule) => at(rule, 'Prefix') === folder && Number(at(rule, 'ExpirationInDays')) <= mostDays) &&
  lifecycle(fields).some(
    (rule) =>
      at(rule, 'Prefix') === undefined && Number(at(rule, 'NoncurrentVersionExpiration', 'NoncurrentDays')) <= 30,
  );

export const soundBuckets = (template: Template): readonly string[] =>
  resourcesOf(template, 'AWS::S3::Bucket').flatMap(([name, fields]) => {
    const isOurs = name !== FRAMEWORKS_BUCKET;
    const encryption = at(
      fields,
      'BucketEncryption',
      'ServerSideEncryptionConfiguration',
      0,
      'ServerSideEncryptionByDefault',
    );
    const ownership = at(fields, 'OwnershipControls', 'Rules', 0, 'ObjectOwnership');
    return complain(name, [
      [at(encryption, 'SSEAlgorithm') !== undefined, 'is not encrypted'],
      [
        PUBLIC_BLOCKS.every((block) => at(fields, 'PublicAccessBlockConfiguration', block) === true) &&
          fields['AccessControl'] === undefined &&
          (!isOurs || ownership === 'BucketOwnerEnforced'),
        'may become public',
      ],
      [!isOurs || at(fields, 'VersioningConfiguration', 'Status') === 'Enabled', 'loses what is replaced'],
      [!isOurs || expires(fields, 'evidence/', Number.MAX_SAFE_INTEGER), 'keeps for ever'],
      [!isOurs || expires(fields, 'quarantine/', 30), 'keeps raw bodies'],
      [!isOurs || isRetained(template, name), 'goes with the stack'],
    ]);
  });

export const soundTopics = (template: Template): readonly string[] =>
  resourcesOf(template, 'AWS::SNS::Topic')
    .filter(([name, fields]) => fields['KmsMasterKeyId'] === undefined && !PLAIN_TOPICS.has(name))
    .map(([name]) => `${name}: is not encrypted`);

/** Policies on things: nobody without TLS, and nobody at all but AWS's services under a condition. */
export const closedDoors = (template: Template): readonly string[] => {
  const statements = statementsOn(template);
  const hasTls = (name: string): boolean =>
    statements.some(
      ({ on, statement }) =>
        on === name &&
        statement['Effect'] === 'Deny' &&
        statement['Principal'] === '*' &&
        String(at(statement, 'Condition', 'Bool', 'aws:SecureTransport')) === 'false',
    );
  const things = ['AWS::SQS::Queue', 'AWS::SNS::Topic', 'AWS::S3::Bucket'].flatMap((type) =>
    resourcesOf(template, type),
  );
  return [
    ...things.filter(([name]) => !hasTls(name)).map(([name]) => `${name}: is open without TLS`),
    ...statements
      .filter(({ statement }) => statement['Effect'] === 'Allow')
      .filter(
        ({ statement }) => !isFields(statement['Condition']) || at(statement, 'Principal', 'Service') === undefined,
      )
      .map(({ on }) => `${on}: is open to others`),
    ...resourcesOf(template, 'AWS::Lambda::Permission')
      .filter(([, fields]) => fields['SourceArn'] === undefined)
      .map(([name]) => `${name}: lets anybody's call in`),
  ];
};

export const keptLogs = (template: Template): readonly string[] =>
  resourcesOf(template, 'AWS::Logs::LogGroup')
    .filter(([, fields]) => !(Number(fields['RetentionInDays']) > 0))
    .map(([name]) => `${name}: keeps logs for ever`);
