import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { plant } from '../aws/plant.ts';
import { at, nameOf, resourcesOf, type Template } from '../aws/template.ts';
import { packageOnce } from './packaged.ts';

afterAll(async () => (await packageOnce()).remove());

/** Route to function, as the gateway goes: route, integration, function. */
const routesOf = (template: Template): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(([, { RouteKey: key, Target: target }]) => {
      const integration = nameOf(at(target, 'Fn::Join', 1, 1)) ?? '';
      return [String(key), nameOf(template.Resources[integration]?.Properties?.['IntegrationUri'])];
    }),
  );

const toAlerts = (methods: readonly string[], path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(methods.map((method) => [`${method} ${path}`, 'AlertsLambdaFunction']));

const WANTED = {
  ...toAlerts(['POST', 'PUT', 'GET', 'OPTIONS'], '/alerts/{source}'),
  ...toAlerts(['POST', 'PUT', 'GET', 'OPTIONS'], '/alerts/{source}/{integration}'),
  'POST /deployments': 'AlertsLambdaFunction',
  'POST /slack/events': 'SlackLambdaFunction',
  'GET /health': 'HealthLambdaFunction',
  'HEAD /health': 'HealthLambdaFunction',
};

describe('the gateway', () => {
  test('leads each route to its function, and knows no other route', async () => {
    expect(routesOf((await packageOnce()).template)).toEqual(WANTED);
  });

  test('with deployments led to Slack would be found out', async () => {
    const { template } = await packageOnce();
    const path = ['HttpApiRoutePostDeployments', 'Properties', 'Target', 'Fn::Join', 1, 1];
    const planted = plant(template, path, { Ref: 'HttpApiIntegrationSlack' });
    expect(routesOf(planted)).toEqual({ ...WANTED, 'POST /deployments': 'SlackLambdaFunction' });
  });
});

/** Where nobody listens: each door says by its own name that nothing was stored. */
const NOWHERE = {
  ...{ STAGE: 'dev', APP_SECRET_ID: 'app', TABLE_NAME: 'table', BUCKET_NAME: 'bucket', AWS_REGION: 'eu-central-1' },
  ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
  ...{ JOBS_QUEUE_URL: 'http://127.0.0.1:1/jobs', TRIAGE_QUEUE_URL: 'http://127.0.0.1:1/triage' },
  MITIGATE_QUEUE_URL: 'http://127.0.0.1:1/mitigate',
};

const CALL = `
const [bundle, rawPath] = process.argv.slice(1);
const { handler } = await import(bundle);
const requestContext = { http: { method: 'POST' } };
await handler({ rawPath, rawQueryString: '', headers: {}, body: '{}', isBase64Encoded: false, requestContext });
process.exit();
`;

describe('the packaged function alerts', () => {
  test.each([
    ['/deployments', 'deployments.not-stored'],
    ['/alerts/generic', 'alerts.not-stored'],
  ])('opens the door of %s', async (path, event) => {
    const bundle = (await packageOnce()).bundle('alerts');
    const args = ['--input-type=module', '-e', CALL, bundle, path];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: NOWHERE });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => at(JSON.parse(line), 'event'));
    expect(events.filter((one) => String(one).endsWith('.not-stored'))).toEqual([event]);
  });
});
