import type { Job } from '../domain/job.ts';
import type { Parts } from './parts.ts';
import { askToTell } from './tell-nudged.ts';
import { wakeTimers } from './wake-timers.ts';

/** Until the next tick, and a little more: a schedule does not come to the second. */
const AHEAD_MS = 65_000;
/** Incidents that wait to be told, looked at in one tick. */
const ROUND = 500;

type TickParts = Pick<Parts, 'store' | 'jobs' | 'clock' | 'ids' | 'log' | 'settings'>;

/**
 * Each minute, where no process runs all the time: whatever comes due until the next tick becomes a job, and the log says that the watcher lives.
 * A step that fails keeps up no other; the last line is not written then, and its absence is what wakes somebody.
 */
export const tick = async (parts: TickParts): Promise<void> => {
  const steps = [
    () => wakeTimers(parts, { aheadMs: AHEAD_MS }),
    () => tellWaiting(parts),
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

/** What a worker that died, or waited in vain for Slack, left untold. */
const tellWaiting = async (parts: TickParts): Promise<void> => {
  const nowMs = parts.clock.nowMs();
  const due = await parts.store.due('incident', nowMs, ROUND);
  const waiting: string[] = [];
  for (const { key } of due) {
    const notBeforeMs = (await parts.store.read('incident', key))?.record.outbox.notBeforeMs ?? null;
    if (notBeforeMs !== null && notBeforeMs <= nowMs) waiting.push(key);
  }
  if (waiting.length > 0) await askToTell(parts, waiting);
};

const tellQuarantines = async (parts: TickParts): Promise<void> => {
  const nowMs = parts.clock.nowMs();
  if ((await parts.store.due('quarantine', nowMs, 1)).length === 0) return;
  const job: Job = { id: `tell-quarantines:${nowMs}`, queue: 'jobs', body: { kind: 'tell-quarantines' } };
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
