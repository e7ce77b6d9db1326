import { describe, expect, it, onTestFinished } from 'vitest';
import { createLambdaAliases } from '../../../lib/adapters/aws/lambda-aliases.ts';
import { createCloudwatchTraffic } from '../../../lib/adapters/aws/traffic.ts';
import { createLogTraffic } from '../../../lib/adapters/aws/traffic-logs.ts';
import { callPeer, PEER_VARIABLES } from './call-peer.ts';
import { awsGives, awsSays, openScriptedAws, type ScriptedAnswer } from './scripted-aws.ts';
import { serve } from './serve.ts';

const NOW_MS = Date.parse('2026-11-20T12:00:30.000Z');
const NOON_S = Date.parse('2026-11-20T12:00:00.000Z') / 1_000;
const clock = { nowMs: () => NOW_MS };
const target = { name: 'chat-api', environment: 'staging', models: [], secretId: 's', healthUrl: null };

const openScript = async (script: Readonly<Record<string, readonly ScriptedAnswer[]>>) => {
  const { url, asked, close } = await openScriptedAws(script);
  onTestFinished(close);
  return { call: callPeer(url), asked };
};

describe('traffic by the metrics of CloudWatch', () => {
  const NAMES = ['Requests', 'Failed', 'Unauthorized', 'RateLimited', 'LatencyMs'];
  /** Values by name and by how many minutes before noon their minute began. */
  type Values = Readonly<Record<string, Readonly<Record<number, number>>>>;
  const answer = (values: Values): ScriptedAnswer =>
    awsGives({
      MetricDataResults: NAMES.map((name, index) => ({
        Id: `m${index}`,
        StatusCode: 'Complete',
        Timestamps: Object.keys(values[name] ?? {}).map((minute) => NOON_S - Number(minute) * 60),
        Values: Object.values(values[name] ?? {}),
      })),
    });
  const read = async (values: Values) => {
    const { call, asked } = await openScript({ GetMetricData: [answer(values)] });
    const sourceOf = () => ({ namespace: 'Mistral/Guard', dimensions: null, windowMinutes: 5 });
    return { facts: await createCloudwatchTraffic({ call, clock, sourceOf }).read(target, 2_000), asked };
  };

  it('is of the last whole minutes and of the same an hour before, in one question', async () => {
    const { facts, asked } = await read({
      Requests: { 1: 100, 2: 60, 5: 20, 6: 999, 61: 30, 65: 30, 66: 999 },
      Failed: { 1: 9, 6: 999, 65: 6 },
      Unauthorized: { 2: 3 },
      RateLimited: { 5: 6 },
      LatencyMs: { 1: 1_000, 2: 500, 61: 200 },
    });
    expect(facts).toEqual({
      requestsPerMinute: 60,
      failingShare: 0.1,
      p95Ms: Math.round((1_000 * 100 + 500 * 60) / 160),
      requestsPerMinuteBefore: 30,
      failingShareBefore: 0.1,
      p95MsBefore: 200,
      windowMinutes: 5,
    });
    expect(asked.map(({ input }) => input)).toMatchObject([
      {
        StartTime: NOON_S - 65 * 60,
        EndTime: NOON_S,
        MetricDataQueries: NAMES.map((MetricName) => ({
          MetricStat: {
            Metric: {
              Namespace: 'Mistral/Guard',
              MetricName,
              Dimensions: [
                { Name: 'service', Value: 'chat-api' },
                { Name: 'environment', Value: 'staging' },
              ],
            },
            Period: 60,
          },
        })),
      },
    ]);
  });

  it('has no share of no requests, and no more failures than requests', async () => {
    expect((await read({ Requests: { 1: 0, 2: 0 } })).facts).toEqual({ requestsPerMinute: 0, windowMinutes: 5 });
    const storm = { Requests: { 1: 10 }, RateLimited: { 1: 40 } };
    expect((await read(storm)).facts).toMatchObject({ failingShare: 1 });
  });

  it.each([
    [{ Requests: { 1: 10 }, Failed: { 1: -4 } }, 'its failing share is -0.4: a share lies between 0 and 1'],
    [{ Requests: { 1: -10 } }, /^its number of requests a minute is -10/],
    [{ Requests: { 1: 1e300 } }, /^its number of requests a minute is 1e\+300/],
    [{ Requests: { 1: 10 }, LatencyMs: { 1: -3 } }, /^its latency in milliseconds is -3/],
  ])('is not known of numbers that cannot be what they are called (%j)', async (values, message) => {
    await expect(read(values)).rejects.toThrow(message);
    const past = Object.fromEntries(Object.entries(values).map(([name, points]) => [name, { 61: points[1] }]));
    const facts = { requestsPerMinute: 10, failingShare: 0, windowMinutes: 5 };
    expect((await read({ ...past, Requests: { ...past['Requests'], 1: 10 } })).facts).toEqual(facts);
  });

  it('is not zero where nobody wrote anything', async () => {
    await expect(read({ Requests: { 61: 5 } })).rejects.toMatchObject({
      name: 'AwsError',
      code: 'NoRequestsOfThisService',
    });
  });
});

describe('traffic counted in the logs', () => {
  const row = (outcome: string, calls: number) => [
    { field: 'outcome', value: outcome },
    { field: 'calls', value: String(calls) },
  ];
  const complete = (...results: readonly unknown[]): ScriptedAnswer => awsGives({ status: 'Complete', results });
  const open = async (script: Readonly<Record<string, readonly ScriptedAnswer[]>>, statusField = 'status') => {
    const { call, asked } = await openScript({ StartQuery: [awsGives({ queryId: 'q' })], ...script });
    const sourceOf = () => ({ logGroups: ['/shop'], statusField, windowMinutes: 5 });
    const source = createLogTraffic({ call, clock, wait: () => Promise.resolve(), sourceOf });
    return { read: (limitMs = 5_000) => source.read(target, limitMs), asked };
  };

  it('is the share of calls that did not end well, by their status', async () => {
    const { read } = await open({
      GetQueryResults: [complete(row('200', 60), row('429', 25), row('timeout', 10), row('302', 5))],
    });
    expect(await read()).toEqual({
      requestsPerMinute: 20,
      failingShare: 0.35,
      requestsPerMinuteBefore: 20,
      failingShareBefore: 0.35,
      windowMinutes: 5,
    });
  });

  it('asks for counts by the named field and for nothing else of a line', async () => {
    const { read, asked } = await open({ GetQueryResults: [complete(row('200', 1))] }, 'http.status-code');
    await read();
    const [now, before] = asked.filter(({ operation }) => operation === 'StartQuery').map(({ input }) => input);
    expect(now).toEqual({
      logGroupNames: ['/shop'],
      startTime: NOON_S + 30 - 300,
      endTime: NOON_S + 29,
      queryString:
        'filter ispresent(`http.status-code`) | stats count(*) as calls by `http.status-code` as outcome | limit 200',
    });
    expect(before).toMatchObject({ startTime: NOON_S + 30 - 3_900, endTime: NOON_S + 29 - 3_600 });
  });

  it.each(['', '-3', '1e3', 'many'])('is not known where a count is "%s"', async (value) => {
    const counts = [
      { field: 'outcome', value: '200' },
      { field: 'calls', value },
    ];
    const { read } = await open({ GetQueryResults: [complete(row('200', 60), counts)] });
    await expect(read()).rejects.toMatchObject({ failure: 'unreadable', code: 'NoCount' });
  });

  it('waits while the query runs, and no longer than it may', async () => {
    const running = awsGives({ status: 'Running', results: [] });
    const { read } = await open({ GetQueryResults: [running, running, running, complete(row('200', 5))] });
    expect(await read()).toMatchObject({ requestsPerMinute: 1, failingShare: 0 });
    const { read: readSlow } = await open({ GetQueryResults: [running] });
    await expect(readSlow(300)).rejects.toMatchObject({ failure: 'timeout', code: 'QueryStillRunning' });
  });

  it('is not known where no line was found, the query failed or may not be asked', async () => {
    const fail = async (script: Readonly<Record<string, readonly ScriptedAnswer[]>>) => (await open(script)).read();
    await expect(fail({ GetQueryResults: [complete()] })).rejects.toMatchObject({ code: 'NoCallsInTheLogs' });
    await expect(fail({ GetQueryResults: [awsGives({ status: 'Failed' })] })).rejects.toMatchObject({
      code: 'QueryFailed',
    });
    await expect(fail({ StartQuery: [awsSays('AccessDeniedException')] })).rejects.toMatchObject({ failure: 'denied' });
  });
});

describe('the alias of a function', () => {
  const open = async (replies: Readonly<Record<string, unknown>>) => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const path = (request.url ?? '').replace('/2015-03-31/functions/', '').replace('%3A', ':');
      const body = replies[path];
      response.writeHead(
        body === undefined ? 404 : 200,
        body === undefined ? { 'x-amzn-errortype': 'ResourceNotFoundException' } : {},
      );
      response.end(JSON.stringify(body ?? {}));
    });
    const source = createLambdaAliases({
      variables: { ...PEER_VARIABLES, AWS_ENDPOINT_URL: url },
      limitMs: 5_000,
      sourceOf: () => ({ functionName: 'chat', alias: 'live' }),
    });
    return { asked, read: () => source.read(target, 2_000) };
  };

  it('tells which version it leads to, and when that was made', async () => {
    const { read, asked } = await open({
      'chat/aliases/live': { Name: 'live', FunctionVersion: '7' },
      'chat:7/configuration': { Version: '7', LastModified: '2026-11-20T11:55:00.000+0000' },
    });
    expect(await read()).toEqual({ version: '7', deployedAt: '2026-11-20T11:55:00.000Z' });
    expect(asked.toSorted()).toEqual([
      'GET /2015-03-31/functions/chat%3A6/configuration',
      'GET /2015-03-31/functions/chat%3A7/configuration',
      'GET /2015-03-31/functions/chat/aliases/live',
    ]);
  });

  it('tells of the version before it, too, which the first has none of', async () => {
    const { read } = await open({
      'chat/aliases/live': { FunctionVersion: '7' },
      'chat:6/configuration': { LastModified: '2026-11-20T09:55:00.000+0000' },
      'chat:7/configuration': { LastModified: '2026-11-20T11:55:00.000+0000' },
    });
    expect(await read()).toMatchObject({ version: '7', deployedAt2: '2026-11-20T09:55:00.000Z', version2: '6' });
    const first = await open({
      'chat/aliases/live': { FunctionVersion: '1' },
      'chat:1/configuration': { LastModified: '2026-11-20T11:55:00.000+0000' },
    });
    await first.read();
    expect(first.asked).toHaveLength(2);
  });

  it('that sends a part of the calls to a younger version tells of that one', async () => {
    const { read } = await open({
      'chat/aliases/live': { FunctionVersion: '7', RoutingConfig: { AdditionalVersionWeights: { '8': 0.1 } } },
      'chat:7/configuration': { LastModified: '2026-11-19T11:55:00.000+0000' },
      'chat:8/configuration': { LastModified: '2026-11-20T11:55:00.000+0000' },
    });
    expect(await read()).toMatchObject({ version: '8' });
  });

  it('that is not there is said to be not there', async () => {
    await expect((await open({})).read()).rejects.toMatchObject({ name: 'AwsError', failure: 'not-found' });
  });
});
