import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSignedCall } from '../../../lib/adapters/aws/signed-request.ts';
import { createCloudwatchTraffic } from '../../../lib/adapters/aws/traffic.ts';
import { awsAt, stubAws } from '../../adapters/aws/stub-aws.ts';
import { type Moto, openMoto, skipsMoto } from './moto.ts';

const MINUTE_MS = 60_000;

describe.skipIf(skipsMoto)('CloudWatch of moto', () => {
  let moto: Moto;
  const nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS + 1_000;

  const read = (name: string) =>
    createCloudwatchTraffic({
      call: createSignedCall({ variables: awsAt(moto.url), limitMs: 5_000 }),
      clock: { nowMs: () => nowMs },
      sourceOf: () => ({ namespace: 'Mistral/Guard', dimensions: null, windowMinutes: 5 }),
    }).read({ name, environment: 'production', models: [], secretId: 's', healthUrl: null }, 5_000);

  beforeAll(async () => {
    moto = await openMoto();
    stubAws(moto.url);
    const put = (MetricName: string, minutesAgo: number, values: readonly number[]) =>
      values.map((Value) => ({
        MetricName,
        Dimensions: [
          { Name: 'service', Value: 'chat' },
          { Name: 'environment', Value: 'production' },
        ],
        Timestamp: new Date(nowMs - minutesAgo * MINUTE_MS),
        Value,
      }));
    await new CloudWatchClient({}).send(
      new PutMetricDataCommand({
        Namespace: 'Mistral/Guard',
        MetricData: [
          ...put('Requests', 2, [1, 1, 1, 1, 1, 1, 1, 1]),
          ...put('Failed', 2, [1]),
          ...put('Unauthorized', 2, [1]),
          ...put('Requests', 62, [1, 1]),
          ...put('Failed', 62, [0]),
        ],
      }),
    );
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await moto.close();
  });

  it('tells of the traffic that the application wrote', async () => {
    expect(await read('chat')).toEqual({
      requestsPerMinute: 8,
      failingShare: 0.25,
      requestsPerMinuteBefore: 2,
      failingShareBefore: 0,
      windowMinutes: 5,
    });
  });

  it('has nothing of a service that writes nothing', async () => {
    await expect(read('other')).rejects.toMatchObject({ name: 'AwsError', code: 'NoRequestsOfThisService' });
  });
});
