import { describe, expect, it, onTestFinished } from 'vitest';
import { periodFor } from '../../../lib/adapters/aws/metrics-period.ts';
import { createSignedCall } from '../../../lib/adapters/aws/signed-request.ts';
import { createTelemetry } from '../../../lib/adapters/aws/telemetry.ts';
import type { Telemetry } from '../../../lib/ports/telemetry.ts';
import { awsGives, awsSays, openScriptedAws, type ScriptedAnswer } from './scripted-aws.ts';
import { awsAt } from './stub-aws.ts';

const NOW_MS = Date.parse('2026-11-20T12:00:00.000Z');
const QUESTION = { environment: 'production', service: 'chat', fromMs: NOW_MS - 7_200_000, toMs: NOW_MS };
const LOG_FIELDS = ['@timestamp', 'status', 'x-request-id'];
const SERVICES = [
  {
    environment: 'production',
    name: 'chat',
    cloudwatch: {
      metrics: [
        {
          label: 'Errors',
          namespace: 'Shop',
          name: 'MistralErrors',
          dimensions: { service: 'chat' },
          statistic: 'Sum',
          periodSeconds: 60,
        },
      ],
      logGroups: ['/shop'],
      logFields: LOG_FIELDS,
    },
  },
  { environment: 'staging', name: 'chat', cloudwatch: null },
];

const openScript = async (script: Readonly<Record<string, readonly ScriptedAnswer[]>>) => {
  const { url, asked, close } = await openScriptedAws(script);
  onTestFinished(close);
  let nowMs = NOW_MS;
  const waits: number[] = [];
  const telemetry: Telemetry = createTelemetry({
    call: createSignedCall({ variables: awsAt(url), limitMs: 2_000 }),
    clock: { nowMs: () => nowMs },
    wait: (ms) => {
      waits.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
    services: SERVICES,
  });
  return { telemetry, asked, waits };
};

describe('metrics', () => {
  const at = (minute: number): number => QUESTION.fromMs / 1_000 + minute * 60;
  const part = (StatusCode: string, minutes: readonly number[], Values: readonly number[]) => ({
    Id: 'm0',
    StatusCode,
    Timestamps: minutes.map(at),
    Values,
  });

  it('are asked for in one question, and its answers in parts are put together', async () => {
    const { telemetry, asked } = await openScript({
      GetMetricData: [
        awsGives({ MetricDataResults: [part('PartialData', [2, 3], [20, 30])], NextToken: 'more' }),
        awsGives({ MetricDataResults: [part('Complete', [1], [10])] }),
      ],
    });
    const [series, ...others] = (await telemetry.metrics(QUESTION)) ?? [];
    expect(others).toEqual([]);
    expect(series).toEqual({
      ...SERVICES[0]?.cloudwatch?.metrics[0],
      isComplete: true,
      points: [1, 2, 3].map((minute) => ({ at: new Date(at(minute) * 1_000).toISOString(), value: minute * 10 })),
    });
    expect(asked.map(({ input }) => input)).toEqual([
      expect.objectContaining({ StartTime: at(0), EndTime: at(120) }),
      expect.objectContaining({ NextToken: 'more' }),
    ]);
    expect(asked[0]?.input).toMatchObject({
      MetricDataQueries: [
        {
          MetricStat: {
            Metric: {
              Namespace: 'Shop',
              MetricName: 'MistralErrors',
              Dimensions: [{ Name: 'service', Value: 'chat' }],
            },
            Period: 60,
            Stat: 'Sum',
          },
        },
      ],
    });
  });

  it('that CloudWatch had no time for say that they are not whole', async () => {
    const { telemetry } = await openScript({
      GetMetricData: [awsGives({ MetricDataResults: [part('PartialData', [1], [1])] })],
    });
    expect(await telemetry.metrics(QUESTION)).toMatchObject([{ isComplete: false, points: [{ value: 1 }] }]);
  });

  it('whose answer never ends are an error', async () => {
    const { telemetry, asked } = await openScript({
      GetMetricData: [awsGives({ MetricDataResults: [], NextToken: 'more' })],
    });
    await expect(telemetry.metrics(QUESTION)).rejects.toThrow('monitoring.GetMetricData: unreadable (TooManyPages)');
    expect(asked).toHaveLength(20);
  });

  it('are drawn with the same names over the same time', async () => {
    const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);
    const { telemetry, asked } = await openScript({
      GetMetricWidgetImage: [awsGives({ MetricWidgetImage: png.toString('base64') })],
    });
    expect(Buffer.from((await telemetry.picture(QUESTION)) ?? [])).toEqual(png);
    const input = asked[0]?.input;
    const widget: unknown = JSON.parse(String(Reflect.get(Object(input), 'MetricWidget')));
    expect(widget).toMatchObject({
      start: '2026-11-20T10:00:00.000Z',
      end: '2026-11-20T12:00:00.000Z',
      metrics: [['Shop', 'MistralErrors', 'service', 'chat', { label: 'Errors', stat: 'Sum', period: 60 }]],
    });
  });

  it.each([
    ['what is no PNG', awsGives({ MetricWidgetImage: Buffer.from('<html>').toString('base64') }), 'unreadable (NoPng)'],
    ['nothing', awsGives({}), 'unreadable (NoPng)'],
    ['a role that may not', awsSays('AccessDeniedException'), 'denied (AccessDeniedException)'],
  ])('are not drawn by %s', async (_name, answer, words) => {
    const { telemetry } = await openScript({ GetMetricWidgetImage: [answer] });
    await expect(telemetry.picture(QUESTION)).rejects.toThrow(`monitoring.GetMetricWidgetImage: ${words}`);
  });
});

describe('logs', () => {
  const running = awsGives({ status: 'Running', results: [] });
  const line = (fields: Readonly<Record<string, string>>) =>
    Object.entries(fields).map(([field, value]) => ({ field, value }));

  it('are the named fields of the newest lines, oldest first, and nothing else that came', async () => {
    const { telemetry, asked, waits } = await openScript({
      StartQuery: [awsGives({ queryId: 'q-1' })],
      GetQueryResults: [
        awsGives({ status: 'Scheduled' }),
        running,
        awsGives({
          status: 'Complete',
          results: [
            line({ '@timestamp': '2', status: '500', '@ptr': 'pointer', '@message': 'a prompt' }),
            line({ '@timestamp': '1', 'x-request-id': 'r'.repeat(300) }),
          ],
        }),
      ],
    });
    expect(await telemetry.logs(QUESTION)).toEqual({
      logGroups: ['/shop'],
      fields: LOG_FIELDS,
      lines: [
        { '@timestamp': '1', 'x-request-id': 'r'.repeat(200) },
        { '@timestamp': '2', status: '500' },
      ],
      isCut: false,
    });
    expect(asked[0]?.input).toEqual({
      logGroupNames: ['/shop'],
      startTime: (NOW_MS - 7_200_000) / 1_000,
      endTime: NOW_MS / 1_000,
      queryString: 'fields @timestamp, status, `x-request-id` | sort @timestamp desc | limit 500',
    });
    expect(waits).toEqual([500, 1_000]);
  });

  it('as many as were asked for say that there were more', async () => {
    const results = Array.from({ length: 500 }, (_, i) => line({ status: String(i) }));
    const { telemetry } = await openScript({
      StartQuery: [awsGives({ queryId: 'q-1' })],
      GetQueryResults: [awsGives({ status: 'Complete', results })],
    });
    expect((await telemetry.logs(QUESTION))?.isCut).toBe(true);
  });

  it('that do not come in 20 s are given up', async () => {
    const { telemetry, waits } = await openScript({
      StartQuery: [awsGives({ queryId: 'q-1' })],
      GetQueryResults: [running],
    });
    await expect(telemetry.logs(QUESTION)).rejects.toThrow('logs.GetQueryResults: timeout (QueryStillRunning)');
    const waitedMs = waits.reduce((sum, ms) => sum + ms, 0);
    expect(waitedMs).toBeGreaterThan(17_000);
    expect(waitedMs).toBeLessThanOrEqual(20_000);
  });

  it.each([
    ['a query that failed', awsGives({ status: 'Failed' }), 'logs.GetQueryResults: unavailable (QueryFailed)'],
    ['a role that may not', awsSays('AccessDeniedException'), 'logs.GetQueryResults: denied'],
  ])('%s is an error with its name', async (_name, answer, message) => {
    const { telemetry } = await openScript({ StartQuery: [awsGives({ queryId: 'q-1' })], GetQueryResults: [answer] });
    await expect(telemetry.logs(QUESTION)).rejects.toThrow(message);
  });

  it('of a group that is not there are an error, not none', async () => {
    const { telemetry } = await openScript({ StartQuery: [awsSays('ResourceNotFoundException')] });
    await expect(telemetry.logs(QUESTION)).rejects.toThrow('logs.StartQuery: not-found');
  });
});

it('a service with nothing in CloudWatch, or that is not configured, is asked about nowhere', async () => {
  const { telemetry, asked } = await openScript({});
  for (const place of [{ environment: 'staging' }, { service: 'search' }]) {
    const question = { ...QUESTION, ...place };
    expect(await telemetry.metrics(question)).toBeNull();
    expect(await telemetry.picture(question)).toBeNull();
    expect(await telemetry.logs(question)).toBeNull();
  }
  expect(asked).toEqual([]);
});

describe('the period of a metric', () => {
  const HOUR_MS = 3_600_000;
  const DAY_MS = 24 * HOUR_MS;
  it.each([
    ['as configured for some hours', 60, 2 * HOUR_MS, 60],
    ['as configured, when that is long', 900, 2 * HOUR_MS, 900],
    ['longer for a week, so that there are at most 1440 points', 60, 7 * DAY_MS, 420],
    ['in minutes until these are 15 days old', 960, 15 * DAY_MS, 960],
    ['in steps of five minutes from then on', 960, 15 * DAY_MS + 1, 1_200],
    ['in hours once it is 63 days old', 60, 63 * DAY_MS + 1, 3_600 * 2],
  ])('is %s', (_name, configured, lengthMs, expected) => {
    const periodSeconds = periodFor(configured, { fromMs: NOW_MS - lengthMs, toMs: NOW_MS, nowMs: NOW_MS });
    expect(periodSeconds).toBe(expected);
  });

  it('never makes more points than are kept', () => {
    for (const days of [1, 3, 15, 20, 63, 90, 400]) {
      const range = { fromMs: NOW_MS - days * DAY_MS, toMs: NOW_MS, nowMs: NOW_MS };
      expect((days * 86_400) / periodFor(60, range)).toBeLessThanOrEqual(1_440);
    }
  });
});
