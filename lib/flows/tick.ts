import type { Job } from '../domain/job.ts';
import type { Parts } from './parts.ts';
import { askToTellDue } from './tell-nudged.ts';
import { wakeTimers } from './wake-timers.ts';

/** Until the next tick, and a little more: a schedule does not come to the second. */
const AHEAD_MS = 65_000;
const MINUTE_MS = 60_000;

type TickParts = Pick<Parts, 'store' | 'jobs' | 'clock' | 'log' | 'settings'>;

/**
 * Each minute, where no process runs all the time: whatever comes due until the next tick becomes a job, and the log says that the watcher lives.
 * A step that fails keeps up no other; the last line is not written then, and its absence is what wakes somebody.
 */
export const tick = async (parts: TickParts): Promise<void> => {
  const steps = [
    () => wakeTimers(parts, { aheadMs: AHEAD_MS }),
    () => askToTellDue(parts, AHEAD_MS),
    () => tellQuarantines(parts),
    () => checkRoutine(parts),
  ];
  const ended = await Promise.allSettled(steps.map((step) => step()));
  const reasons: readonly unknown[] = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (reasons.length === 0) return parts.log('clock.ticked');
  for (const reason of reasons)
    parts.log('clock.failed', { why: reason instanceof Error ? `${reason.name}: ${reason.message}` : 'unknown' });
  throw new AggregateError(reasons, `${reasons.length} of ${steps.length} steps failed`);
};

const tellQuarantines = async (parts: TickParts): Promise<void> => {
  const nowMs = parts.clock.nowMs();
  if ((await parts.store.due('quarantine', nowMs, 1)).length === 0) return;
  // The same of a minute, whoever puts it.
  const job: Job = {
    id: `tell-quarantines:${Math.floor(nowMs / MINUTE_MS)}`,
    queue: 'jobs',
    body: { kind: 'tell-quarantines' },
  };
  await parts.jobs.put([job]);
};

/** One job for each slot of the clock, whoever puts it. */
const checkRoutine = async (parts: TickParts): Promise<void> => {
  const { routineMs } = parts.settings;
  const slot = Math.floor(parts.clock.nowMs() / routineMs);
  const last = await parts.store.read('check', 'routine');
  if (last && Math.floor(Date.parse(last.record.checkedAt) / routineMs) >= slot) return;
  await parts.jobs.put([{ id: `routine:${slot}`, queue: 'triage', body: { kind: 'routine-check' } }]);
};
