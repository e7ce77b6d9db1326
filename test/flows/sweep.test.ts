import { afterEach, beforeEach, expect, it } from 'vitest';
import { setTimer } from '../../lib/domain/incident-change.ts';
import { changeStored } from '../../lib/flows/change-incident.ts';
import { deliverDue } from '../../lib/flows/deliver-due.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { wakeTimers } from '../../lib/flows/wake-timers.ts';
import { runQueueOnce } from '../../lib/local/run-queue.ts';
import { makeArrival } from '../make.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const open = async (name: string): Promise<string> => {
  const [id = ''] = await receiveAlerts(world.parts, [makeArrival(`job-${name}`, 0, { key: name, group: name })]);
  return id;
};

const JOBS = { queue: 'jobs', atOnce: 50, leaseMs: 15_000 } as const;

const sweepDueMs = async (id: string): Promise<number | null> =>
  (await world.incident(id)).timers.find(({ kind }) => kind === 'sweep-duplicates')?.dueMs ?? null;

it('a sweep that Slack does not allow is put off, and keeps up no check of another incident', async () => {
  const swept = await open('swept');
  const other = await open('other');
  await deliverDue(world.parts, 250);
  const dueMs = world.parts.clock.nowMs();
  await changeStored(world.parts, swept, (incident) => ({
    incident: { ...incident, timers: setTimer([], { kind: 'sweep-duplicates', dueMs, refId: null }) },
    answer: null,
  }));
  await world.breakSlack('500');
  await wakeTimers(world.parts);
  await runQueueOnce(world.parts, JOBS);
  expect(await sweepDueMs(swept)).toBe(dueMs + 90_000);
  const jobs = await world.parts.jobs.take('triage', 10, 1_000);
  expect(jobs.map(({ body }) => body)).toEqual([{ kind: 'recheck', incidentId: other }]);
  await world.breakSlack('ok');
  world.pass(90_000);
  await wakeTimers(world.parts, { incidentIds: [swept] });
  await runQueueOnce(world.parts, JOBS);
  expect(await sweepDueMs(swept)).toBeNull();
});
