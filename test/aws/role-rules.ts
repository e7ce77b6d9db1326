import { at, type Fields, isFields, listOf, nameOf, resourcesOf, type Template } from './template.ts';

/** Actions that AWS offers for no narrower resource than `*`; all of them read. */
const READS_WITHOUT_RESOURCE = new Set([
  'cloudwatch:GetMetricData',
  'cloudwatch:GetMetricWidgetImage',
  'logs:GetQueryResults',
]);

/** All that anybody does with secrets and parameters: nothing that makes, writes or deletes a secret. */
const KNOWN = new Map<string, string>([
  ['secretsmanager:GetSecretValue', 'any'],
  ['secretsmanager:DescribeSecret', 'any'],
  ['secretsmanager:UpdateSecretVersionStage', 'MitigateRole'],
  ['ssm:GetParameter', 'MitigateRole'],
  ['ssm:PutParameter', 'MitigateRole'],
]);

const HELD_BACK = /^(secretsmanager|ssm|iam|kms|sts):/i;

/** Who may take a role, and the only ones that do. */
const TAKERS = new Set(['lambda.amazonaws.com', 'scheduler.amazonaws.com']);

type Statement = { readonly role: string; readonly statement: Fields };

const statementsOf = (role: string, fields: Fields): readonly Statement[] =>
  listOf(fields['Policies'])
    .flatMap((policy) => listOf(at(policy, 'PolicyDocument', 'Statement')))
    .filter(isFields)
    .map((statement) => ({ role, statement }));

const allowed = (template: Template): readonly Statement[] =>
  resourcesOf(template, 'AWS::IAM::Role')
    .flatMap(([role, fields]) => statementsOf(role, fields))
    .filter(({ statement }) => statement['Effect'] === 'Allow');

const actionsOf = ({ statement }: Statement): readonly string[] => listOf(statement['Action']).map(String);

/** What is known only later. */
const LATER = 'X';

/** An ARN as text. */
const textOf = (resource: unknown): string => {
  if (typeof resource === 'string') return resource;
  const joined = at(resource, 'Fn::Join', 1);
  if (Array.isArray(joined)) return joined.map((part) => (typeof part === 'string' ? part : LATER)).join('');
  return String(at(resource, 'Fn::Sub') ?? LATER).replaceAll(/\$\{[^}]*\}/g, LATER);
};

/** `*`, and what says nearly the same with more letters: `arn:aws:s3:::*`, `…:secret:*`, a whole bucket, any account. */
const isEverything = (resource: unknown): boolean => {
  const text = textOf(resource);
  const parts = text.startsWith('arn:') ? text.split(':') : ['', '', '', '', '', text];
  return (
    parts.slice(2, 5).some((part) => part.includes('*')) || /^([\w-]+[:/])?\*+(:\*)*$/.test(parts.slice(5).join(':'))
  );
};

export const noWideResource = (template: Template): readonly string[] =>
  allowed(template)
    .filter(({ statement }) => listOf(statement['Resource']).some(isEverything))
    .flatMap((one) => actionsOf(one).map((action) => ({ role: one.role, action })))
    .filter(({ action }) => !READS_WITHOUT_RESOURCE.has(action))
    .map(({ role, action }) => `${role}: ${action} on everything`);

/** What stands in the list of exceptions is one: somebody needs it. */
export const neededExceptions = (template: Template): readonly string[] => {
  const wide = allowed(template)
    .filter(({ statement }) => listOf(statement['Resource']).some(isEverything))
    .flatMap(actionsOf);
  return [...READS_WITHOUT_RESOURCE]
    .filter((action) => !wide.includes(action))
    .map((action) => `the stack: ${action} is an exception that nobody needs`);
};

export const noWideAction = (template: Template): readonly string[] =>
  allowed(template).flatMap((one) => [
    ...actionsOf(one)
      .filter((action) => /[*?]/.test(action))
      .map((action) => `${one.role}: ${action} is more than one action`),
    ...['NotAction', 'NotResource']
      .filter((word) => one.statement[word] !== undefined)
      .map((word) => `${one.role}: ${word} allows all else`),
  ]);

export const fewWriters = (template: Template): readonly string[] =>
  allowed(template).flatMap((one) =>
    actionsOf(one)
      .filter((action) => HELD_BACK.test(action) && ![one.role, 'any'].includes(KNOWN.get(action) ?? ''))
      .map((action) => `${one.role}: ${action} is not for it`),
  );

/** Nothing that somebody else may widen, and nobody of another account. */
export const closedRoles = (template: Template): readonly string[] =>
  resourcesOf(template, 'AWS::IAM::Role').flatMap(([role, fields]) => [
    ...(fields['ManagedPolicyArns'] === undefined ? [] : [`${role}: has policies that are not written here`]),
    ...listOf(at(fields, 'AssumeRolePolicyDocument', 'Statement'))
      .filter((statement) => !TAKERS.has(String(at(statement, 'Principal', 'Service'))))
      .map(() => `${role}: may be taken by others than Lambda and Scheduler`),
  ]);

/** A role writes to the log of the one function that has it. */
const checkLogs = (template: Template, name: string, role: string): readonly string[] =>
  allowed(template)
    .filter(
      (one) =>
        one.role === role &&
        actionsOf(one).some((action) => action.startsWith('logs:') && /Log(Stream|Events|Group)/.test(action)),
    )
    .flatMap(({ statement }) => listOf(statement['Resource']))
    .filter((resource) => nameOf(resource) !== `${name.replace(/LambdaFunction$/, '')}LogGroup`)
    .map(() => `${name}: its role writes to another log`);

export const ownRoles = (template: Template): readonly string[] => {
  const functions = resourcesOf(template, 'AWS::Lambda::Function');
  const roles = functions.map(([, fields]) => nameOf(fields['Role']));
  return functions.flatMap(([name], index) => {
    const role = roles[index] ?? null;
    if (role === null || template.Resources[role]?.Type !== 'AWS::IAM::Role')
      return [`${name}: has no role of this template`];
    if (roles.filter((other) => other === role).length > 1) return [`${name}: shares its role`];
    return checkLogs(template, name, role);
  });
};
