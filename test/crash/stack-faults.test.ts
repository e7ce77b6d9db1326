import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

/** One of so many calls meets this; which, only looks like chance and is the same in each run. */
const oneOf = (many: number, matches: (call: Call) => boolean, fault: Fault): ((call: Call) => Fault) => {
  let seed = many;
  return (call) => {
    if (!matches(call)) return PASS;
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % many === 0 ? fault : PASS;
  };
};

const THROTTLED = awsError(400, 'ProvisionedThroughputExceededException');
const isTable = ({ service }: Call): boolean => service === 'dynamodb';
const isSlack = ({ service }: Call): boolean => service === 'slack';

describe.skipIf(skipsMoto)('the built functions tell the same story', () => {
  let packaged: Packaged;
  beforeAll(async () => {
    packaged = await packageService({ replace: { 'triage.config.ts': QUICK_CONFIG } });
  });
  afterAll(() => packaged?.remove());

  /** Each test has a world of its own, so several may wait at the same time. */
  const withStack = async (options: Partial<StackOptions>, tell: (stack: Stack) => Promise<void>): Promise<void> => {
    const stack = await openStack({ bundle: packaged.bundle, visibilityS: 2, ...options });
    try {
      await tell(stack);
    } finally {
      await stack.close();
    }
  };

  const slackFails = (status: number, headers: Readonly<Record<string, string>> = {}): Fault => ({
    kind: 'fail-before',
    status,
    headers,
    body: '',
  });
  const isOfSecrets = ({ service }: Call): boolean => service === 'secretsmanager' || service === 'ssm';
  const FAULTS: readonly (readonly [string, () => Partial<StackOptions>])[] = [
    ['when every job is delivered twice, to two at once', () => ({ twice: true })],
    ['when jobs come last first', () => ({ order: (messages) => messages.toReversed() })],
    ['when the table throttles one of seven calls', () => ({ plan: oneOf(7, isTable, THROTTLED) })],
    ['when one of five answers of the table is lost', () => ({ plan: oneOf(5, isTable, { kind: 'drop-after' }) })],
    [
      'when Slack answers one of three calls with 429',
      () => ({ plan: oneOf(3, isSlack, slackFails(429, { 'retry-after': '1' })) }),
    ],
    ['when Slack answers one of three calls with 500', () => ({ plan: oneOf(3, isSlack, slackFails(500)) })],
    ['when one of four answers of Slack is lost', () => ({ plan: oneOf(4, isSlack, { kind: 'drop-after' }) })],
    [
      'when one of two answers of Secrets Manager and SSM is lost',
      () => ({ plan: oneOf(2, isOfSecrets, { kind: 'drop-after' }) }),
    ],
  ];
  it.concurrent.each(FAULTS)('%s', (_when, options) =>
    withStack(options(), async (stack) => {
      await tellStory(stack);
      expect(await findUnsound(stack)).toEqual([]);
      expect(await incidentsIn(stack)).toHaveLength(1);
      expect(await labelledKeys(stack)).toMatchObject({
        AWSCURRENT: 'test-key-standby',
        AWSPREVIOUS: 'test-key-current',
      });
    }),
  );

  it.concurrent.each(['429', '500', 'hang'])(
    'after Slack was away (%s): nothing is lost, nothing is dead, one message',
    (mode) =>
      withStack({}, async (stack) => {
        await breakSlack(stack, mode);
        expect((await postAlert(stack)).statusCode).toBe(202);
        for (let rounds = 0; rounds < 5; rounds += 1) {
          await stack.drain(300);
          await stack.tick();
        }
        expect(await incidentsIn(stack)).toHaveLength(1);
        expect(await stack.count('dead')).toBe(0);
        await breakSlack(stack, 'ok');
        await workUntil(
          stack,
          'told',
          async () => (await roots(stack)).length > 0 && (await incidentsIn(stack))[0]?.outbox.notBeforeMs === null,
          90_000,
        );
        expect(await findUnsound(stack)).toEqual([]);
      }),
  );

  it.concurrent('a poisoned job reaches the dead letters after its attempts, and the rest of its batch succeeds', () =>
    withStack({ visibilityS: 1, maxReceiveCount: 3 }, async (stack) => {
      const send = (MessageBody: string) =>
        askAws(stack.peers.fauxqs, 'AmazonSQS.SendMessage', { QueueUrl: stack.peers.queueUrls.jobs, MessageBody });
      await send('no job at all');
      await send('{"id":"job-1","body":{"kind":"from-a-newer-version"}}');
      expect((await postAlert(stack)).statusCode).toBe(202);
      await workUntil(stack, 'two dead letters', async () => (await stack.count('dead')) === 2);
      expect(await incidentsIn(stack)).toHaveLength(1);
      expect(await roots(stack)).toHaveLength(1);
    }));
});
