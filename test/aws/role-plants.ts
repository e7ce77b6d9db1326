import type { Path, Plant } from './plant.ts';

const statement = (role: string, index = 0): Path => [
  ...[role, 'Properties', 'Policies', 0, 'PolicyDocument', 'Statement', index],
];

const toAll = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
const to = (Action: unknown, Resource: unknown = 'arn:aws:sqs:eu-central-1:1:one') => ({
  Effect: 'Allow',
  Action,
  Resource,
});
export const ROLE_PLANTS: readonly Plant[] = [
  ['everything as resource', statement('WorkerRole'), toAll, 'WorkerRole: s3:GetObject on everything'],
  [
    'everything of a service as resource',
    statement('WorkerRole'),
    to('s3:GetObject', { 'Fn::Sub': `\${Bucket.Arn}/*` }),
    'WorkerRole: s3:GetObject on everything',
  ],
  [
    'all secrets as resource',
    statement('WorkerRole'),
    to('secretsmanager:GetSecretValue', {
      'Fn::Sub': `arn:aws:secretsmanager:eu-central-1:\${AWS::AccountId}:secret:*`,
    }),
    'WorkerRole: secretsmanager:GetSecretValue on everything',
  ],
  [
    'a resource of any account',
    statement('WorkerRole'),
    to('sqs:SendMessage', { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':sqs:*:*:one']] }),
    'WorkerRole: sqs:SendMessage on everything',
  ],
  ['a family of actions', statement('WorkerRole'), to('sqs:*'), 'WorkerRole: sqs:* is more than one action'],
  ['all actions but one', [...statement('WorkerRole'), 'NotAction'], 'sqs:*', 'WorkerRole: NotAction allows all else'],
  [
    'a second role that moves labels',
    statement('WorkerRole'),
    to('secretsmanager:UpdateSecretVersionStage'),
    'WorkerRole: secretsmanager:UpdateSecretVersionStage is not for it',
  ],
  [
    'a role that writes secrets',
    statement('MitigateRole'),
    to('secretsmanager:PutSecretValue'),
    'MitigateRole: secretsmanager:PutSecretValue is not for it',
  ],
  [
    'a second role that writes parameters',
    statement('WorkerRole'),
    to(['sqs:SendMessage', 'ssm:PutParameter']),
    'WorkerRole: ssm:PutParameter is not for it',
  ],
  [
    'a managed policy',
    ['WorkerRole', 'Properties', 'ManagedPolicyArns'],
    ['arn:aws:iam::aws:policy/AdministratorAccess'],
    'WorkerRole: has policies that are not written here',
  ],
  [
    'a role that anybody may take',
    ['WorkerRole', 'Properties', 'AssumeRolePolicyDocument', 'Statement', 0, 'Principal'],
    { AWS: '*' },
    'WorkerRole: may be taken by others than Lambda and Scheduler',
  ],
  [
    'a role of two functions',
    ['WorkerLambdaFunction', 'Properties', 'Role'],
    { 'Fn::GetAtt': ['MitigateRole', 'Arn'] },
    'WorkerLambdaFunction: shares its role',
  ],
  [
    'a role from elsewhere',
    ['WorkerLambdaFunction', 'Properties', 'Role'],
    'arn:aws:iam::1:role/other',
    'WorkerLambdaFunction: has no role of this template',
  ],
  [
    'the log of another',
    statement('WorkerRole'),
    to('logs:PutLogEvents', { 'Fn::GetAtt': ['MitigateLogGroup', 'Arn'] }),
    'WorkerLambdaFunction: its role writes to another log',
  ],
];
