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

  it('an idle minute is one tick and one routine check; a month of them adds at most a dollar, all told', async () => {
    const tick = await countTick(packaged);
    expect(tick.invocations).toEqual({ alerts: 0, slack: 0, health: 0, worker: 0, triage: 1, mitigate: 0, clock: 1 });
    // Two that write the same record at once make one of them read and write again.
    const most = {
      'dynamodb.Query': 3,
      'dynamodb.GetItem': 6,
      'dynamodb.PutItem': 3,
      'sqs.SendMessageBatch': 1,
      'secretsmanager.GetSecretValue': 1,
      'mistral.GET': 2,
      'mistral.POST': 1,
    };
    const tooMany = Object.entries(tick.calls).filter(
      ([call, count]) => count > (new Map(Object.entries(most)).get(call) ?? 0),
    );
    expect(tooMany).toEqual([]);
    const month = idleMonth(packaged.template, tick);
    // Mistral's key stands in a secret because the application reads it there, with the bot or without.
    const added = { ...month, secrets: (month.secrets ?? 0) - 1 };
    expect(sumOf(costsOf(added, { isFree: true }))).toBeLessThanOrEqual(1);
    expect((month.sqsRequests ?? 0) - emptyReceives(packaged.template)).toBeLessThanOrEqual(130_000);
  });
});
