/** What every function has alike, so that none can be forgotten: its failures counted, and on demand alarms of its own. */

/** With JSON logs, the line that Lambda writes of a run. `error`: it threw, `failure`: its process ended, `timeout`. */
const FAILED = ['error', 'failure', 'timeout'].map((status) => `$.record.status = "${status}"`).join(' || ');

const capital = (name) => name[0].toUpperCase() + name.slice(1);

const failureFilter = (name, stage) => ({
  Type: 'AWS::Logs::MetricFilter',
  Properties: {
    LogGroupName: { Ref: `${capital(name)}LogGroup` },
    FilterPattern: `{ $.type = "platform.report" && (${FAILED}) }`,
    MetricTransformations: [
      { MetricNamespace: `MistralTriage/${stage}`, MetricName: 'FunctionErrors', MetricValue: '1' },
    ],
  },
});

const alarm = (name, functionName, metric, description) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Condition: 'AlarmsPerFunction',
  Properties: {
    AlarmName: `${functionName}-${metric.toLowerCase()}`,
    AlarmDescription: description,
    Namespace: 'AWS/Lambda',
    MetricName: metric,
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: `${capital(name)}LambdaFunction` } }],
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [{ Ref: 'AlarmsTopic' }],
    OKActions: [{ Ref: 'AlarmsTopic' }],
  },
});

module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const functions = await resolveConfigurationProperty(['functions']);
  const stage = await resolveVariable('sls:stage');
  const prefix = await resolveVariable('self:custom.name');
  const Resources = {};
  for (const name of Object.keys(functions)) {
    const errors = `Runs of the function ${name} failed or timed out. Look into its log group, and go back to the last release if it began with a deploy.`;
    const throttles = `The function ${name} was refused for lack of concurrency. See in the Lambda dashboard what takes it, or raise the account's limit.`;
    Resources[`${capital(name)}FailureFilter`] = failureFilter(name, stage);
    Resources[`${capital(name)}ErrorsAlarm`] = alarm(name, `${prefix}-${name}`, 'Errors', errors);
    Resources[`${capital(name)}ThrottlesAlarm`] = alarm(name, `${prefix}-${name}`, 'Throttles', throttles);
  }
  return { Resources };
};
