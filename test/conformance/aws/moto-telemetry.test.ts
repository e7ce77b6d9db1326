import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSignedCall } from '../../../lib/adapters/aws/signed-request.ts';
import { createTelemetry } from '../../../lib/adapters/aws/telemetry.ts';
import { systemWait } from '../../../lib/adapters/system.ts';
import { awsAt, stubAws } from '../../adapters/aws/stub-aws.ts';
import { unlessLacking } from '../../contracts/peer-lacks.ts';
import { type Moto, openMoto, skipsMoto } from './moto.ts';

/** moto 5.2.5. These need an account of AWS; what we send and take is told by a script in test/adapters/aws/telemetry.test.ts. */
const LACKS = {
  'draws-charts': 'moto answers GetMetricWidgetImage with an HTML page and 500',
  'finds-fields': 'moto finds no fields in lines of JSON, only @timestamp and @message',
};

const MINUTE_MS = 60_000;

describe.skipIf(skipsMoto)('CloudWatch of moto', () => {
  let moto: Moto;
  const nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const question = { environment: 'production', service: 'chat', fromMs: nowMs - 60 * MINUTE_MS, toMs: nowMs };
  const metric = {
    namespace: 'Shop',
    name: 'MistralErrors',
    dimensions: { service: 'chat' },
    statistic: 'Sum',
    periodSeconds: 60,
  };

  const open = (change: { readonly logGroups?: readonly string[] } = {}) =>
    createTelemetry({
      call: createSignedCall({ variables: awsAt(moto.url), limitMs: 5_000 }),
      clock: { nowMs: () => nowMs },
      wait: systemWait,
      services: [
        {
          environment: 'production',
          name: 'chat',
          cloudwatch: {
            metrics: [
              { ...metric, label: 'Errors' },
              { ...metric, label: 'Nothing', name: 'Unknown' },
            ],
            logGroups: ['/shop'],
            logFields: ['@timestamp', 'status'],
            ...change,
          },
        },
      ],
    });

  beforeAll(async () => {
    moto = await openMoto();
    stubAws(moto.url);
    await new CloudWatchClient({}).send(
      new PutMetricDataCommand({
        Namespace: metric.namespace,
        MetricData: [1, 2, 3].map((minute) => ({
          MetricName: metric.name,
          Dimensions: [{ Name: 'service', Value: 'chat' }],
          Timestamp: new Date(nowMs - minute * MINUTE_MS),
          Value: minute * 10,
        })),
      }),
    );
    const logs = new CloudWatchLogsClient({});
    const stream = { logGroupName: '/shop', logStreamName: 'one' };
    await logs.send(new CreateLogGroupCommand({ logGroupName: '/shop' }));
    await logs.send(new CreateLogStreamCommand(stream));
    await logs.send(
      new PutLogEventsCommand({
        ...stream,
        logEvents: [3, 2, 1].map((minute) => ({
          timestamp: nowMs - minute * MINUTE_MS,
          message: JSON.stringify({ status: 500 + minute, prompt: 'words of a person' }),
        })),
      }),
    );
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await moto.close();
  });

  it('gives each metric its points, oldest first, and none to one that nobody knows', async () => {
    const [errors, nothing] = (await open().metrics(question)) ?? [];
    expect(errors?.points).toEqual(
      [3, 2, 1].map((minute) => ({ at: new Date(nowMs - minute * MINUTE_MS).toISOString(), value: minute * 10 })),
    );
    expect(errors).toMatchObject({ label: 'Errors', isComplete: true, periodSeconds: 60 });
    expect(nothing).toMatchObject({ label: 'Nothing', points: [], isComplete: true });
  });

  it('gives lines of logs, oldest first, without their messages', async () => {
    const logs = await open().logs(question);
    const times = logs?.lines.map((line) => line['@timestamp']);
    expect(times).toHaveLength(3);
    expect(times).toEqual(times?.toSorted());
    expect(JSON.stringify(logs)).not.toMatch(/words of a person|@ptr|@message/);
  });

  it('says that a group of logs is not there', async () => {
    const asked = open({ logGroups: ['/nowhere'] }).logs(question);
    await expect(asked).rejects.toMatchObject({ name: 'AwsError', failure: 'not-found' });
  });

  unlessLacking<keyof typeof LACKS>(LACKS, 'finds-fields')('gives the fields that were asked for', async () => {
    expect((await open().logs(question))?.lines.map((line) => line['status'])).toEqual(['503', '502', '501']);
  });

  unlessLacking<keyof typeof LACKS>(LACKS, 'draws-charts')('draws the metrics', async () => {
    expect((await open().picture(question))?.length).toBeGreaterThan(1_000);
  });
});
