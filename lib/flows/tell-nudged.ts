import type { Job } from '../domain/job.ts';
import { deliverDue } from './deliver-due.ts';
import { openDesk } from './delivery-desk.ts';
import type { Parts } from './parts.ts';
import { wakeTimers } from './wake-timers.ts';

/** Timers that end before this are put at once, with the time that remains: the schedule, which comes each minute, may be late. */
const AHEAD_MS = 90_000;

/** Tells them later: one job each, for whoever tells Slack. */
export const askToTell = async (
  parts: Pick<Parts, 'jobs' | 'clock' | 'ids'>,
  incidentIds: readonly string[],
  delayMs = 0,
): Promise<void> => {
  const nowMs = parts.clock.nowMs();
  const toTell = (incidentId: string): Job => ({
    id: `tell:${incidentId}:${parts.ids.ordered(nowMs)}`,
    queue: 'jobs',
    body: { kind: 'tell', incidentId },
  });
  await parts.jobs.put(incidentIds.map(toTell), { delayMs });
};

/** The next timers of what was changed. */
export const wakeChanged = (
  parts: Pick<Parts, 'store' | 'jobs' | 'clock'>,
  incidentIds: readonly string[],
): Promise<void> => wakeTimers(parts, { incidentIds, aheadMs: AHEAD_MS });

/**
 * After the work of one invocation: timers of what it changed, and Slack, until all is told or `untilMs`. What is left over, because its
 * channel's turn has not come or Slack does not answer, becomes a job that comes again.
 */
export const tellNudged = async (parts: Parts, incidentIds: readonly string[], untilMs: number): Promise<void> => {
  if (incidentIds.length === 0) return;
  await wakeChanged(parts, incidentIds);
  const desk = openDesk({ scansStore: false });
  desk.nudge(incidentIds);
  const leftMs = (): number => untilMs - parts.clock.nowMs();
  for (;;) {
    const restMs = await deliverDue(parts, LONGEST_REST_MS, desk, () => leftMs() <= 0);
    const waiting = desk.waiting();
    if (waiting.length === 0) return;
    if (restMs >= leftMs()) return askToTell(parts, waiting, Math.max(AGAIN_MS, restMs));
    await parts.wait(Math.max(1, restMs));
  }
};

const LONGEST_REST_MS = 60_000;
/** Slack's pace is a message a second and channel; who has waited through one invocation comes again after this. */
const AGAIN_MS = 5_000;
