import type { EmbeddedJobs } from '../adapters/embedded/jobs.ts';
import type { QueueName } from '../domain/job.ts';
import { deliverDue } from '../flows/deliver-due.ts';
import { openDesk } from '../flows/delivery-desk.ts';
import type { Parts } from '../flows/parts.ts';
import { tellBuried } from '../flows/tell-buried.ts';
import { tellDueQuarantines } from '../flows/tell-quarantine.ts';
import { wakeTimers } from '../flows/wake-timers.ts';
import { type Loop, startLoop } from './loop.ts';
import { createBegun, type QueueSettings, runQueueOnce } from './run-queue.ts';

/** What on AWS are workers and a schedule: here loops of one process. */
const QUEUES: readonly QueueSettings[] = [
  { queue: 'jobs', atOnce: 50, leaseMs: 15_000 },
  // Who asks about the same service waits for the same answer, so that many at once are still few questions to Mistral.
  { queue: 'triage', atOnce: 200, leaseMs: 45_000 },
  { queue: 'mitigate', atOnce: 4, leaseMs: 45_000 },
];

/** What is due is looked for this often. */
const LOOK_MS = 250;

/** A loop with nothing ahead rests this long: another process's jobs are seen by looking, our own wake it. */
const REST_MS = 2_000;

/** The message of a change leaves first: probes would take the thread from it, and they last far longer than this anyway. */
const TRIAGE_AFTER_MS = 10;

/** Messages told at the same time, each in a channel of its own. */
const DELIVERERS = 8;

export type Bot = { readonly nudge: Parts['nudge']; readonly stop: () => Promise<void> };

/** `parts.nudge` should call this bot's nudge. */
export const runBot = (parts: Parts, jobs: EmbeddedJobs): Bot => {
  const tellFailure = (loop: string) => (error: unknown) =>
    parts.log('loop.failed', { loop, why: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown' });
  const queues = new Map<QueueName, Loop>(
    QUEUES.map((settings) => [settings.queue, startQueue({ parts, jobs, settings }, tellFailure(settings.queue))]),
  );
  jobs.onPut((queue) => queues.get(queue)?.wake());
  const desk = openDesk();
  const deliverers = Array.from({ length: DELIVERERS }, () =>
    startLoop(() => deliverDue(parts, LOOK_MS, desk), tellFailure('deliverer')),
  );
  const timers = startTimers(parts, tellFailure('timers'));
  const notices = startLoop(async () => {
    // One at a time: the next round is soon enough for the pace of a channel, and nobody who stops waits for it.
    await tellDueQuarantines(parts, 0);
    return LOOK_MS;
  }, tellFailure('notices'));
  const graveyard = startLoop(async () => (await tellBuried(parts, jobs)) ?? REST_MS, tellFailure('graveyard'));
  jobs.onBuried(({ id, queue, kind, attempts, why }) => {
    parts.log('job.buried', { job: id, queue, kind, attempts, why });
    graveyard.wake();
  });
  const routine = startLoop(async () => {
    const { routineMs } = parts.settings;
    const nowMs = parts.clock.nowMs();
    // One job for each slot of the clock, whoever puts it and however long the one before takes.
    const id = `routine:${Math.floor(nowMs / routineMs)}`;
    await parts.jobs.put([{ id, queue: 'triage', body: { kind: 'routine-check' } }]);
    return routineMs - (nowMs % routineMs);
  }, tellFailure('routine'));
  const loops = [...queues.values(), ...deliverers, timers, notices, graveyard, routine];
  return {
    nudge: (incidentIds) => {
      desk.nudge(incidentIds);
      for (const deliverer of deliverers) deliverer.wake();
      timers.nudge(incidentIds);
    },
    stop: async () => {
      desk.close();
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
};

type QueueParts = { readonly parts: Parts; readonly jobs: EmbeddedJobs; readonly settings: QueueSettings };

/** A queue's loop. Beside alerts it waits for no job: one that hangs keeps up nobody. */
const startQueue = ({ parts, jobs, settings }: QueueParts, tellFailure: (error: unknown) => void): Loop => {
  const begun = createBegun((error) => {
    if (error !== null) tellFailure(error);
    // There was no room for more until now.
    if (begun.count() === settings.atOnce - 1) loop.wake();
  });
  const round = async (): Promise<number> => {
    if ((await runQueueOnce(parts, settings, begun)) > 0) return 0;
    const readyMs = jobs.nextReadyMs(settings.queue);
    const restMs = readyMs === null ? REST_MS : readyMs - parts.clock.nowMs();
    // What is ready and was not taken waits for room.
    return restMs <= 0 ? LOOK_MS : Math.min(restMs, REST_MS);
  };
  const loop = startLoop(round, tellFailure);
  return {
    wake: loop.wake,
    stop: async () => {
      await loop.stop();
      await begun.ended();
    },
  };
};

/** Looks at the timers of everything that is due every LOOK_MS, of what was just changed here after TRIAGE_AFTER_MS. */
const startTimers = (
  parts: Parts,
  tellFailure: (error: unknown) => void,
): Loop & { readonly nudge: Parts['nudge'] } => {
  const nudged = new Set<string>();
  let lookedMs = Number.NEGATIVE_INFINITY;
  const loop = startLoop(async () => {
    const incidentIds = [...nudged];
    nudged.clear();
    const isDue = parts.clock.nowMs() - lookedMs >= LOOK_MS;
    if (isDue) lookedMs = parts.clock.nowMs();
    await wakeTimers(parts, { incidentIds: isDue ? null : incidentIds });
    return LOOK_MS;
  }, tellFailure);
  let soon: NodeJS.Timeout | null = null;
  return {
    ...loop,
    nudge: (incidentIds) => {
      for (const id of incidentIds) nudged.add(id);
      soon ??= setTimeout(() => {
        soon = null;
        loop.wake();
      }, TRIAGE_AFTER_MS);
    },
    stop: async () => {
      clearTimeout(soon ?? undefined);
      await loop.stop();
    },
  };
};
