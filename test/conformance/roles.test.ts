import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { plant } from '../aws/plant.ts';
import { at, listOf, type Template } from '../aws/template.ts';
import { FUNCTIONS, type FunctionName, packageOnce } from './packaged.ts';

/** What our code may call of AWS, and what a role has to say for it. */
const ACTIONS: Readonly<Record<string, string>> = {
  GetItem: 'dynamodb:GetItem',
  PutItem: 'dynamodb:PutItem',
  UpdateItem: 'dynamodb:UpdateItem',
  DeleteItem: 'dynamodb:DeleteItem',
  BatchGetItem: 'dynamodb:BatchGetItem',
  Query: 'dynamodb:Query',
  Scan: 'dynamodb:Scan',
  SendMessage: 'sqs:SendMessage',
  SendMessageBatch: 'sqs:SendMessage',
  ReceiveMessage: 'sqs:ReceiveMessage',
  DeleteMessage: 'sqs:DeleteMessage',
  ChangeMessageVisibility: 'sqs:ChangeMessageVisibility',
  GetSecretValue: 'secretsmanager:GetSecretValue',
  DescribeSecret: 'secretsmanager:DescribeSecret',
  UpdateSecretVersionStage: 'secretsmanager:UpdateSecretVersionStage',
  PutSecretValue: 'secretsmanager:PutSecretValue',
  GetParameter: 'ssm:GetParameter',
  PutParameter: 'ssm:PutParameter',
  GetMetricData: 'cloudwatch:GetMetricData',
  GetMetricWidgetImage: 'cloudwatch:GetMetricWidgetImage',
  StartQuery: 'logs:StartQuery',
  GetQueryResults: 'logs:GetQueryResults',
  StopQuery: 'logs:StopQuery',
  GetAlias: 'lambda:GetAlias',
  GetFunctionConfiguration: 'lambda:GetFunctionConfiguration',
};

/** S3 is called by method, not by name. */
const S3_METHODS: Readonly<Record<string, string>> = {
  PUT: 's3:PutObject',
  GET: 's3:GetObject',
  DELETE: 's3:DeleteObject',
  HEAD: 's3:GetObject',
};

/** What a bundle carries with an adapter that has more methods than this function calls: its role refuses it, and shall. */
const NOT_CALLED: Readonly<Record<FunctionName, readonly string[]>> = {
  // Documents are read on a person's machine alone.
  alerts: ['s3:GetObject'],
  slack: [],
  health: [],
  // Lists without a parent are for commands on a person's machine.
  clock: [
    'dynamodb:Scan',
    'dynamodb:PutItem',
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:ChangeMessageVisibility',
  ],
  worker: ['dynamodb:Scan', 's3:GetObject'],
  triage: ['dynamodb:Scan', 'secretsmanager:UpdateSecretVersionStage'],
  mitigate: ['dynamodb:Scan'],
};

/** What Lambda does in the name of the role: taking jobs, logging. */
const BY_LAMBDA = /^(logs:(CreateLogStream|PutLogEvents)|sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes))$/;

const calledIn = (bundle: string): ReadonlySet<string> =>
  new Set([
    ...Object.entries(ACTIONS)
      .filter(([call]) => new RegExp(`["'\`.]${call}["'\`]`).test(bundle))
      .map(([, action]) => action),
    ...[...bundle.matchAll(/method:\s*"(\w+)",\s*bucket/g)].map(([, method = '']) => S3_METHODS[method] ?? method),
  ]);

/** Folders of the bucket that a bundle writes to, by the names of its documents. */
const writtenIn = (bundle: string): readonly string[] =>
  [...new Set([...bundle.matchAll(/documents\.put\(\s*`(\w+)\//g)].map(([, folder = '']) => folder))].sort();

/** What a statement is on below the bucket; the bucket itself and anything else of S3 stand as they are. */
const foldersOf = (statement: unknown): readonly string[] =>
  listOf(at(statement, 'Resource')).map((resource) => {
    const text = String(at(resource, 'Fn::Sub') ?? JSON.stringify(resource));
    return /^\$\{Bucket\.Arn\}\/(\w+)\/\*$/.exec(text)?.[1] ?? text;
  });

type Found = {
  readonly missing: readonly string[];
  readonly idle: readonly string[];
  readonly folders: readonly string[];
};

const statementsOf = (template: Template, name: FunctionName): readonly unknown[] => {
  const role = template.Resources[`${name[0]?.toUpperCase()}${name.slice(1)}Role`];
  return listOf(at(role, 'Properties', 'Policies', 0, 'PolicyDocument', 'Statement'));
};

/** What the code calls and may not, what it may and does not call, and folders of the bucket that differ. */
const compare = (template: Template, name: FunctionName, bundle: string): Found => {
  const statements = statementsOf(template, name);
  const allowed = new Set(statements.flatMap((statement) => listOf(at(statement, 'Action')).map(String)));
  const called = calledIn(bundle);
  const needed = new Set([...called].filter((action) => !NOT_CALLED[name].includes(action)));
  const written = writtenIn(bundle);
  const open = statements
    .filter((statement) => listOf(at(statement, 'Action')).some((action) => String(action).startsWith('s3:')))
    .flatMap(foldersOf);
  return {
    missing: [...needed].filter((action) => !allowed.has(action)),
    idle: [...allowed].filter((action) => !needed.has(action) && !BY_LAMBDA.test(action)),
    folders: [...written.filter((one) => !open.includes(one)), ...open.filter((one) => !written.includes(one))],
  };
};

afterAll(async () => (await packageOnce()).remove());

describe('the role of', () => {
  test.each(FUNCTIONS)('%s allows what its bundle calls, and nothing else', async (name) => {
    const { template, bundle } = await packageOnce();
    const text = await readFile(bundle(name), 'utf8');
    expect(compare(template, name, text)).toEqual({ missing: [], idle: [], folders: [] });
    // What is listed as carried is carried, so that the list does not outlive its reason.
    const called = calledIn(text);
    expect(NOT_CALLED[name].filter((action) => !called.has(action))).toEqual([]);
  });

  const more = ['WorkerRole', 'Properties', 'Policies', 0, 'PolicyDocument', 'Statement', 0];
  test.each<readonly [what: string, statement: object, found: Partial<Found>]>([
    [
      'reads documents',
      { Action: 's3:GetObject', Resource: { 'Fn::Sub': `\${Bucket.Arn}/evidence/*` } },
      { idle: ['s3:GetObject'] },
    ],
    [
      'lists the bucket',
      { Action: 's3:ListBucket', Resource: { 'Fn::GetAtt': ['Bucket', 'Arn'] } },
      { idle: ['s3:ListBucket'], folders: ['{"Fn::GetAtt":["Bucket","Arn"]}'] },
    ],
    [
      'writes raw bodies',
      { Action: 's3:PutObject', Resource: { 'Fn::Sub': `\${Bucket.Arn}/quarantine/*` } },
      { folders: ['quarantine'] },
    ],
    [
      'writes anywhere',
      { Action: 's3:PutObject', Resource: { 'Fn::Sub': `\${Bucket.Arn}/*` } },
      { folders: [`\${Bucket.Arn}/*`] },
    ],
    ['deletes records', { Action: 'dynamodb:DeleteItem', Resource: 'x' }, { idle: ['dynamodb:DeleteItem'] }],
  ])('the worker that also %s would be found out', async (_, statement, found) => {
    const { template, bundle } = await packageOnce();
    const planted = plant(template, more, { Effect: 'Allow', ...statement });
    expect(compare(planted, 'worker', await readFile(bundle('worker'), 'utf8'))).toMatchObject(found);
  });

  test('the worker that may write no documents would be found out', async () => {
    const { template, bundle } = await packageOnce();
    const index = statementsOf(template, 'worker').findIndex((one) => at(one, 'Action') === 's3:PutObject');
    const planted = plant(template, [...more.slice(0, -1), index], { Effect: 'Deny' });
    expect(compare(planted, 'worker', await readFile(bundle('worker'), 'utf8'))).toMatchObject({
      missing: ['s3:PutObject'],
      folders: ['evidence', 'postmortems'],
    });
  });
});
