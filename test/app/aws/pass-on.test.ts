import { afterEach, beforeEach, expect, it } from 'vitest';
import { createNudged } from '../../../lib/app/aws/nudged.ts';
import { passOn } from '../../../lib/app/aws/pass-on.ts';
import { changeStored } from '../../../lib/flows/change-incident.ts';
import { receiveAlerts } from '../../../lib/flows/receive-alerts.ts';
import { checkIncident } from '../../../lib/flows/watch-recovery.ts';
import { openWorld, type World } from '../../flows/world.ts';
import { makeArrival } from '../../make.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const CHECK_MS = 31_000;

/** A check that nobody but its own function hears of; answers with the kinds of job that it leaves. */
const check = async (id: string): Promise<readonly string[]> => {
  const put: string[] = [];
  const nudged = createNudged();
  const jobs: typeof world.parts.jobs = {
    ...world.parts.jobs,
    put: (wanted) => {
      put.push(...wanted.map(({ body }) => body.kind));
      return Promise.resolve();
    },
  };
  const parts = { ...world.parts, jobs, nudge: nudged.add };
  world.pass(CHECK_MS);
  await checkIncident(parts, id);
  await passOn(parts, nudged.take());
  return put;
};

const openSettled = async (): Promise<string> => {
  const [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
  for (let checks = 0; checks < 8; checks += 1) {
    await world.settle();
    world.pass(CHECK_MS);
  }
  await world.settle();
  return id;
};

it('a check that changes nothing to be told leaves its next check alone, and wakes no worker', async () => {
  const id = await openSettled();
  expect(await check(id)).toEqual(['recheck']);
});

it('one that finds something else wakes who tells it, and nobody while what it told waits for Slack', async () => {
  const id = await openSettled();
  await world.breakMistral('error-500');
  expect((await check(id)).toSorted()).toEqual(['recheck', 'tell']);
  const notBeforeMs = world.parts.clock.nowMs() + 600_000;
  await changeStored(world.parts, id, (incident) => ({
    incident: { ...incident, outbox: { ...incident.outbox, notBeforeMs } },
    answer: null,
  }));
  expect(await check(id)).toEqual(['recheck']);
});
