/** The parameters of serverless.yml, checked; every mistake in one message. Runs while packaging, so a deploy with a mistake never begins. */

/** What CloudWatch Logs accepts as retention, in days. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const listOf = (text) =>
  String(text)
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Secrets Manager adds six characters to the name, which only it knows. `name` may hold no sign that widens the pattern. */
const secretArn = (name) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${name}-??????`,
});

const logGroupArn = (name) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${name}:*`,
});

const functionArn = (name) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${name}`,
});

const RULES = {
  alarmEmail: [/^$|^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/, 'one address, or empty'],
  appSecretName: [/^[\w/+=.@-]+$/, 'the name of a secret, not its ARN'],
  mistralSecretNames: [/^[\w/+=.@-]+(\s*,\s*[\w/+=.@-]+)*$/, 'names of secrets with commas between, not ARNs'],
  mistralAdminSecretName: [/^[\w/+=.@-]*$/, 'the name of a secret among mistralSecretNames, or empty'],
  watchedFunctions: [/^$|^[\w-]+(\s*,\s*[\w-]+)*$/, 'names of functions with commas between, not ARNs, or empty'],
  applicationLogGroups: [
    /^$|^[\w./#-]+\*?(\s*,\s*[\w./#-]+\*?)*$/,
    'names of log groups with commas between, or empty',
  ],
  retentionDays: [/^[1-9]\d{0,4}$/, 'a whole number of days'],
  objectLock: [/^(yes|no)$/, 'yes or no'],
  logRetentionDays: [new RegExp(`^(${LOG_RETENTION_DAYS.join('|')})$`), `one of ${LOG_RETENTION_DAYS.join(', ')}`],
  alarmsPerFunction: [/^(yes|no)$/, 'yes or no'],
};

module.exports = async ({ resolveVariable }) => {
  const params = {};
  for (const name of Object.keys(RULES)) params[name] = String(await resolveVariable(`param:${name}`));
  const mistakes = Object.entries(RULES)
    .filter(([name, [pattern]]) => !pattern.test(params[name]))
    .map(([name, [, wanted]]) => `  ${name}: ${wanted}, not "${params[name]}"`);
  const stage = await resolveVariable('sls:stage');
  if (!/^[a-z][a-z0-9-]{0,11}$/.test(stage))
    mistakes.push(
      `  stage: up to 12 small letters, digits and hyphens (it is part of a bucket's name), not "${stage}"`,
    );
  if (mistakes.length > 0) throw new Error(`parameters of serverless.yml:\n${mistakes.join('\n')}`);
  return {
    appSecretArn: secretArn(params.appSecretName),
    mistralSecretName: listOf(params.mistralSecretNames)[0],
    mistralSecretArns: listOf(params.mistralSecretNames).map(secretArn),
    // A role without a log group in it is no valid policy: this one names none that exists.
    logGroupArns: listOf(params.applicationLogGroups || 'none').map(logGroupArn),
    // Nor one without a function. A version and an alias are a function's name with more behind it.
    functionArns: listOf(params.watchedFunctions || 'none').flatMap((name) => [
      functionArn(name),
      functionArn(`${name}:*`),
    ]),
    retentionDays: Number(params.retentionDays),
    logRetentionDays: Number(params.logRetentionDays),
  };
};
