import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { awsError, type Fault, PASS } from '../adapters/aws/fault-proxy.ts';
import { skipsMoto } from '../conformance/aws/moto.ts';
import { type Packaged, packageService } from '../conformance/packaged.ts';
import { askAws } from '../lambda/ask-aws.ts';
import { findUnsound } from '../lambda/soundness.ts';
import { type Call, openStack, type Stack, type StackOptions } from '../lambda/stack.ts';
import {
  breakSlack,
  incidentsIn,
  labelledKeys,
  postAlert,
  QUICK_CONFIG,
  roots,
  tellStory,
  workUntil,
} from '../lambda/story.ts';

/** Every so many calls of an operation this happens to it. */
const every = (nth: number, matches: (call: Call) => boolean, fault: Fault): ((call: Call) => Fault) => {
  let count = 0;
  return (call) => {
    if (!matches(call)) return PASS;
    count += 1;
    return count % nth === 0 ? fault : PASS;
  };
};

const THROTTLED = awsError(400, 'ProvisionedThroughputExceededException');
const isTable = ({ service }: Call): boolean => service === 'dynamodb';
const isSlack = ({ service }: Call): boolean => service === 'slack';

describe.skipIf(skipsMoto)('the built functions tell the same story', () => {
  let packaged: Packaged;
  let stack: Stack | null = null;
  beforeAll(async () => {
    packaged = await packageService({ replace: { 'triage.config.ts': QUICK_CONFIG } });
  });
  afterAll(() => packaged?.remove());
  afterEach(async () => {
    await stack?.close();
    stack = null;
  });

  const open = async (options: Partial<StackOptions>): Promise<Stack> => {
    stack = await openStack({ bundle: packaged.bundle, visibilityS: 2, ...options });
    return stack;
  };

  const FAULTS: readonly (readonly [string, () => Partial<StackOptions>])[] = [
    ['when every job is delivered twice, to two at once', () => ({ twice: true })],
    ['when jobs come last first', () => ({ order: (messages) => messages.toReversed() })],
    ['when the table throttles every third call', () => ({ plan: every(3, isTable, THROTTLED) })],
    ['when every fifth answer of the table is lost', () => ({ plan: every(5, isTable, { kind: 'drop-after' }) })],
    [
      'when Slack answers every second call with 429',
      () => ({
        plan: every(2, isSlack, { kind: 'fail-before', status: 429, headers: { 'retry-after': '1' }, body: '' }),
      }),
    ],
    [
      'when Slack answers every third call with 500',
      () => ({ plan: every(3, isSlack, { kind: 'fail-before', status: 500, body: '' }) }),
    ],
    ['when every fourth answer of Slack is lost', () => ({ plan: every(4, isSlack, { kind: 'drop-after' }) })],
    [
      'when every second answer of Secrets Manager and SSM is lost',
      () => ({
        plan: every(2, ({ service }) => service === 'secretsmanager' || service === 'ssm', { kind: 'drop-after' }),
      }),
    ],
  ];
  it.each(FAULTS)('%s', async (_when, options) => {
    const told = await open(options());
    await tellStory(told);
    expect(await findUnsound(told)).toEqual([]);
    expect(await incidentsIn(told)).toHaveLength(1);
    expect(await labelledKeys(told)).toMatchObject({ AWSCURRENT: 'test-key-standby', AWSPREVIOUS: 'test-key-current' });
  });

  it.each(['429', '500', 'hang'])(
    'after Slack was away (%s): nothing is lost, nothing is dead, one message',
    async (mode) => {
      const away = await open({});
      await breakSlack(away, mode);
      expect((await postAlert(away)).statusCode).toBe(202);
      for (let rounds = 0; rounds < 3; rounds += 1) {
        await away.drain(1_000);
        await away.tick();
      }
      expect(await incidentsIn(away)).toHaveLength(1);
      expect(await away.count('dead')).toBe(0);
      await breakSlack(away, 'ok');
      await workUntil(
        away,
        'told',
        async () => (await roots(away)).length > 0 && (await incidentsIn(away))[0]?.outbox.notBeforeMs === null,
        90_000,
      );
      expect(await findUnsound(away)).toEqual([]);
    },
  );

  it('a poisoned job reaches the dead letters after its attempts, and the rest of its batch succeeds', async () => {
    const poisoned = await open({ visibilityS: 1, maxReceiveCount: 3 });
    const send = (MessageBody: string) =>
      askAws(poisoned.peers.fauxqs, 'AmazonSQS.SendMessage', { QueueUrl: poisoned.peers.queueUrls.jobs, MessageBody });
    await send('no job at all');
    await send('{"id":"job-1","body":{"kind":"from-a-newer-version"}}');
    expect((await postAlert(poisoned)).statusCode).toBe(202);
    await workUntil(poisoned, 'two dead letters', async () => (await poisoned.count('dead')) === 2);
    expect(await incidentsIn(poisoned)).toHaveLength(1);
    expect(await roots(poisoned)).toHaveLength(1);
  });
});
