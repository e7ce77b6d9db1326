import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyReceives, idleMonth } from '../bench/cost/idle.ts';
import { costsOf, sumOf } from '../bench/cost/prices.ts';
import { COST_CONFIG, countRepeats, countTick, scale } from '../bench/cost/rows.ts';
import { skipsMoto } from './aws/moto.ts';
import { type Packaged, packageService } from './packaged.ts';

describe.skipIf(skipsMoto)('what the built functions cost on AWS, by their calls', () => {
  let packaged: Packaged;
  beforeAll(async () => {
    packaged = await packageService({ replace: { 'triage.config.ts': COST_CONFIG } });
  });
  afterAll(() => packaged?.remove());

  it.each([
    ['posted singly', { keys: 5, alertsPerBody: 1, bodies: 200 }, 0.003],
    ['in bodies of ten', { keys: 10, alertsPerBody: 10, bodies: 20 }, 0.0005],
  ])('a thousand repeats of an open incident, %s, are within their goal', async (_, plan, goalUsd) => {
    const row = await countRepeats(packaged, { ...plan, bodiesPerBatch: 10 });
    const batches = plan.bodies / 10;
    // Each key is read and written once a batch, and so is the incident; nothing is told and nothing is triaged.
    expect(row.taken.calls).toEqual({
      'sqs.SendMessageBatch': plan.bodies,
      'dynamodb.GetItem': batches * (plan.keys + 1),
      'dynamodb.PutItem': batches * (plan.keys + 1),
    });
    expect(sumOf(costsOf(scale(row, 1_000)))).toBeLessThanOrEqual(goalUsd);
  });

  it('an idle minute is one tick and one routine check; a month of them costs at most a dollar besides what Lambda asks the queues', async () => {
    const tick = await countTick(packaged);
    expect(tick.invocations).toEqual({ alerts: 0, slack: 0, health: 0, worker: 0, triage: 1, mitigate: 0, clock: 1 });
    expect(tick.calls).toEqual({
      'dynamodb.Query': 3,
      'dynamodb.GetItem': 4,
      'dynamodb.PutItem': 2,
      'sqs.SendMessageBatch': 1,
      'secretsmanager.GetSecretValue': 1,
      'mistral.GET': 1,
      'mistral.POST': 1,
    });
    const { sqsRequests = 0, ...others } = idleMonth(packaged.template, tick);
    expect(sumOf(costsOf(others, { isFree: true }))).toBeLessThanOrEqual(1);
    expect(sqsRequests - emptyReceives(packaged.template)).toBeLessThanOrEqual(130_000);
  });
});
