import { UNDELIVERED } from './resource-rules.ts';
import { at, type Fields, isFields, listOf, nameOf, resourcesOf, type Template } from './template.ts';

/** A person, or a sender with a limit of its own, waits for these. */
const CALLED_BY_HTTP_S = 5;
const LONGEST_S = 60;

const integrationsOf = (template: Template): ReadonlySet<string | null> =>
  new Set(resourcesOf(template, 'AWS::ApiGatewayV2::Integration').map(([, { IntegrationUri: uri }]) => nameOf(uri)));

export const boundedRuns = (template: Template): readonly string[] => {
  const calledByHttp = integrationsOf(template);
  return resourcesOf(template, 'AWS::Lambda::Function')
    .filter(([name, { Timeout: timeout }]) => {
      const limitS = calledByHttp.has(name) ? CALLED_BY_HTTP_S : LONGEST_S;
      return !(Number(timeout) > 0 && Number(timeout) <= limitS);
    })
    .map(([name]) => `${name}: may run too long`);
};

const fieldsOf = (template: Template, name: string | null): Fields => template.Resources[name ?? '']?.Properties ?? {};

/** A job is hidden for at least twice its longest run, is dropped for none of its batch, and does not crowd out the rest of the account. */
export const soundConsumers = (template: Template): readonly string[] =>
  resourcesOf(template, 'AWS::Lambda::EventSourceMapping').flatMap(([name, fields]) => {
    const hiddenS = Number(fieldsOf(template, nameOf(fields['EventSourceArn']))['VisibilityTimeout']);
    const runS = Number(fieldsOf(template, nameOf(fields['FunctionName']))['Timeout']);
    return [
      ...(hiddenS >= 2 * runS ? [] : [`${name}: a second run may start beside the first`]),
      ...(listOf(fields['FunctionResponseTypes']).includes('ReportBatchItemFailures')
        ? []
        : [`${name}: one bad job takes its batch with it`]),
      ...(Number(at(fields, 'ScalingConfig', 'MaximumConcurrency')) > 0 ? [] : [`${name}: takes all concurrency`]),
      ...(fieldsOf(template, nameOf(fields['FunctionName']))['RecursiveLoop'] === 'Allow'
        ? []
        : [`${name}: Lambda would end a chain of jobs`]),
    ];
  });

/**
 * What nobody waits for must not be lost: calls by SNS that fail, in the function or on the way to it. They lie beside the dead letters, not
 * among them, since SQS redrives nothing that came from elsewhere.
 */
export const keptCalls = (template: Template): readonly string[] => {
  const subscriptions = resourcesOf(template, 'AWS::SNS::Subscription').filter(
    ([, { Protocol: protocol }]) => protocol === 'lambda',
  );
  return [
    ...subscriptions
      .filter(([, fields]) => nameOf(at(fields, 'RedrivePolicy', 'deadLetterTargetArn')) !== UNDELIVERED)
      .map(([name]) => `${name}: what cannot be delivered is lost`),
    ...subscriptions
      .filter(([, fields]) => !acceptsFromTopic(template, nameOf(fields['TopicArn'])))
      .map(([name]) => `${name}: may not put aside what it cannot deliver`),
    ...subscriptions
      .map(([, { Endpoint: endpoint }]) => nameOf(endpoint))
      .filter(
        (name) =>
          !resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').some(
            ([, fields]) =>
              nameOf(fields['FunctionName']) === name &&
              nameOf(at(fields, 'DestinationConfig', 'OnFailure', 'Destination')) === UNDELIVERED,
          ),
      )
      .map((name) => `${name}: calls that fail are lost`),
  ];
};

const acceptsFromTopic = (template: Template, topic: string | null): boolean =>
  resourcesOf(template, 'AWS::SQS::QueuePolicy')
    .filter(([, fields]) => listOf(fields['Queues']).some((queue) => nameOf(queue) === UNDELIVERED))
    .flatMap(([, fields]) => listOf(at(fields, 'PolicyDocument', 'Statement')))
    .some(
      (statement) =>
        at(statement, 'Effect') === 'Allow' &&
        at(statement, 'Principal', 'Service') === 'sns.amazonaws.com' &&
        at(statement, 'Action') === 'sqs:SendMessage' &&
        topic !== null &&
        nameOf(at(statement, 'Condition', 'ArnEquals', 'aws:SourceArn')) === topic,
    );

/** Slack's and AWS's own, private keys, and any word of 32 letters with digits among them, as Mistral's keys. */
const SECRET_SHAPES = /xox[a-z]-|\bAKIA[A-Z0-9]|-----BEGIN|\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{32,}\b/;

/** Variables that sound secret hold where it is, and no text anywhere looks like one. */
export const noSecrets = (template: Template): readonly string[] => [
  ...resourcesOf(template, 'AWS::Lambda::Function').flatMap(([name, fields]) => {
    const variables = at(fields, 'Environment', 'Variables');
    return Object.keys(isFields(variables) ? variables : {})
      .filter((variable) => /TOKEN|SECRET|KEY|PASSWORD/.test(variable) && !/_(ID|ARN)$/.test(variable))
      .map((variable) => `${name}: ${variable} in its environment`);
  }),
  ...Object.entries(template.Resources)
    .filter(([, resource]) => SECRET_SHAPES.test(JSON.stringify(resource)))
    .map(([name]) => `${name}: holds what looks like a secret`),
];

/** What may stand in an access log: no path, whose query may hold a token, and nothing that may hold a quote, which the gateway does not escape. */
const LOGGED = new Set([
  ...['requestId', 'routeKey', 'status', 'responseLatency', 'integrationLatency', 'integrationStatus'],
  'error.responseType',
]);

export const quietAccessLogs = (template: Template): readonly string[] =>
  resourcesOf(template, 'AWS::ApiGatewayV2::Stage').flatMap(([name, fields]) => {
    const format = String(at(fields, 'AccessLogSettings', 'Format') ?? '');
    const named = [...format.matchAll(/\$(\w+)\.?([\w.]*)/g)].map(([, of, what = '']) =>
      of === 'context' ? what : '',
    );
    return [
      ...(named.some((what) => !LOGGED.has(what)) ? [`${name}: logs more than it may`] : []),
      ...(format === '' ? [`${name}: logs no access`] : []),
    ];
  });

/** A crowd of alerts at the start of an outage: Alertmanager posts each group by itself. */
const CROWD = 1_000;

const isAlertsDoor = (key: string): boolean => /^(POST|PUT) \/alerts\//.test(key);

/** Everything has a bound; that of alerts is met by floods alone, since most senders lose what was answered 429. */
export const boundedDoors = (template: Template): readonly string[] => {
  const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route');
  return resourcesOf(template, 'AWS::ApiGatewayV2::Stage').flatMap(([name, fields]) => {
    const settings = fields['RouteSettings'];
    const before = listOf(template.Resources[name]?.['DependsOn']);
    const set = Object.keys(isFields(settings) ? settings : {});
    return [
      ...(Number(at(fields, 'DefaultRouteSettings', 'ThrottlingRateLimit')) > 0
        ? []
        : [`${name}: lets everything in at once`]),
      ...routes
        .map(([, { RouteKey: key }]) => String(key))
        .filter(isAlertsDoor)
        .filter((key) =>
          ['ThrottlingRateLimit', 'ThrottlingBurstLimit'].some((limit) => !(Number(at(settings, key, limit)) >= CROWD)),
        )
        .map((key) => `${name}: ${key} is shut to a crowd`),
      ...set
        .filter((key) => !routes.some(([route, { RouteKey: of }]) => of === key && before.includes(route)))
        .map((key) => `${name}: is set up before ${key} is there`),
    ];
  });
};
