import type { EmbeddedJobs } from '../adapters/embedded/jobs.ts';
import type { QueueName } from '../domain/job.ts';
import { deliverDue } from '../flows/deliver-due.ts';
import type { Parts } from '../flows/parts.ts';
import { tellDueQuarantines } from '../flows/tell-quarantine.ts';
import { wakeTimers } from '../flows/wake-timers.ts';
import { type Loop, startLoop } from './loop.ts';
import { type QueueSettings, runQueueOnce } from './run-queue.ts';

/** What on AWS are workers and a schedule: here loops of one process. */
const QUEUES: readonly QueueSettings[] = [
  { queue: 'jobs', atOnce: 50, leaseMs: 15_000 },
  { queue: 'triage', atOnce: 4, leaseMs: 45_000 },
  { queue: 'mitigate', atOnce: 4, leaseMs: 45_000 },
];

/** Other processes' jobs are seen by looking this often; our own wake the loop. */
const LOOK_MS = 250;

export type Bot = { readonly nudge: () => void; readonly stop: () => Promise<void> };

/** `parts.nudge` should call this bot's nudge. */
export const runBot = (parts: Parts, jobs: EmbeddedJobs): Bot => {
  const tellFailure = (loop: string) => (error: unknown) =>
    parts.log('loop.failed', { loop, why: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown' });
  const queues = new Map<QueueName, Loop>(
    QUEUES.map((settings) => [
      settings.queue,
      startLoop(async () => ((await runQueueOnce(parts, settings)) > 0 ? 0 : LOOK_MS), tellFailure(settings.queue)),
    ]),
  );
  jobs.onPut((queue) => queues.get(queue)?.wake());
  const deliverer = startLoop(() => deliverDue(parts, LOOK_MS), tellFailure('deliverer'));
  const timers = startLoop(async () => {
    await wakeTimers(parts);
    await tellDueQuarantines(parts);
    return LOOK_MS;
  }, tellFailure('timers'));
  const routine = startLoop(async () => {
    await parts.jobs.put([{ id: `routine:${parts.clock.nowMs()}`, queue: 'triage', body: { kind: 'routine-check' } }]);
    return parts.settings.routineMs;
  }, tellFailure('routine'));
  const loops = [...queues.values(), deliverer, timers, routine];
  return {
    nudge: () => {
      deliverer.wake();
      timers.wake();
    },
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
};
