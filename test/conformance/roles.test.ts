import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { at, listOf } from '../aws/template.ts';
import { FUNCTIONS, type FunctionName, packageOnce } from './packaged.ts';

/** What our code may call of AWS, and what a role has to say for it. S3 is called by method and path, so its calls have no name to find. */
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

/** What a bundle carries with an adapter that has more methods than this function calls: its role refuses it, and shall. */
const NOT_CALLED: Readonly<Record<FunctionName, readonly string[]>> = {
  alerts: [],
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
  worker: ['dynamodb:Scan'],
  triage: ['dynamodb:Scan', 'secretsmanager:UpdateSecretVersionStage'],
  mitigate: ['dynamodb:Scan'],
};

/** What Lambda does in the name of the role: taking jobs, logging. */
const BY_LAMBDA = /^(logs:(CreateLogStream|PutLogEvents)|sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)|s3:.*)$/;

const calledIn = (bundle: string): ReadonlySet<string> =>
  new Set(
    Object.entries(ACTIONS)
      .filter(([call]) => new RegExp(`["'\`.]${call}["'\`]`).test(bundle))
      .map(([, action]) => action),
  );

afterAll(async () => (await packageOnce()).remove());

describe('the role of', () => {
  test.each(FUNCTIONS)('%s allows what its bundle calls, and nothing else', async (name) => {
    const { template, bundle } = await packageOnce();
    const role = template.Resources[`${name[0]?.toUpperCase()}${name.slice(1)}Role`];
    const statements = listOf(at(role, 'Properties', 'Policies', 0, 'PolicyDocument', 'Statement'));
    const allowed = new Set(statements.flatMap((statement) => listOf(at(statement, 'Action')).map(String)));
    const called = calledIn(await readFile(bundle(name), 'utf8'));
    const needed = [...called].filter((action) => !NOT_CALLED[name].includes(action));
    expect(needed.filter((action) => !allowed.has(action))).toEqual([]);
    expect([...allowed].filter((action) => !called.has(action) && !BY_LAMBDA.test(action))).toEqual([]);
    // What is listed as carried is carried, so that the list does not outlive its reason.
    expect(NOT_CALLED[name].filter((action) => !called.has(action))).toEqual([]);
  });
});
