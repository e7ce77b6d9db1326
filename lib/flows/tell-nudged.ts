import type { Incident } from '../domain/incident.ts';
import type { Job } from '../domain/job.ts';
import { deliverDue } from './deliver-due.ts';
import { openDesk } from './delivery-desk.ts';
import type { Parts } from './parts.ts';
import { DUE_ROUND, dueIncidentIds, readIncidents, wakeTimers } from './wake-timers.ts';

/** Timers that end before this are put at once, with the time that remains: the schedule, which comes each minute, may be late. */
const AHEAD_MS = 90_000;

/** Has an incident told by whoever tells Slack. `occasion`: the same one is one job. */
const tellJob = (incidentId: string, occasion: string | number): Job => ({
  id: `tell:${incidentId}:${occasion}`,
  queue: 'jobs',
  body: { kind: 'tell', incidentId },
});

export const askToTell = async (
  parts: Pick<Parts, 'jobs' | 'clock' | 'ids'>,
  incidentIds: readonly string[],
  delayMs = 0,
): Promise<void> => {
  const occasion = parts.ids.ordered(parts.clock.nowMs());
  await parts.jobs.put(
    incidentIds.map((id) => tellJob(id, occasion)),
    { delayMs },
  );
};

/** What waits for its time, or was left untold by a worker that died: looked for by the schedule, up to `aheadMs` from now. */
export const askToTellDue = async (
  parts: Pick<Parts, 'store' | 'jobs' | 'clock' | 'log'>,
  aheadMs: number,
): Promise<void> => {
  const nowMs = parts.clock.nowMs();
  const ids = await dueIncidentIds(parts, nowMs + aheadMs);
  // Later ones are not seen until these are told: somebody must know.
  if (ids.length === DUE_ROUND) parts.log('clock.round-full', { incidents: DUE_ROUND });
  for (const { id, outbox } of await readIncidents(parts, ids)) {
    const { notBeforeMs } = outbox;
    if (notBeforeMs === null || notBeforeMs > nowMs + aheadMs) continue;
    const occasion = notBeforeMs > nowMs ? notBeforeMs : nowMs;
    await parts.jobs.put([tellJob(id, occasion)], { delayMs: Math.max(0, notBeforeMs - nowMs) });
  }
};

/** The next timers of what was changed; answers with those that may be told now. */
export const wakeChanged = async (
  parts: Pick<Parts, 'store' | 'jobs' | 'clock'>,
  incidentIds: readonly string[],
): Promise<readonly string[]> => {
  const incidents = await wakeTimers(parts, { incidentIds, aheadMs: AHEAD_MS });
  return whoseTimeHasCome(incidents, parts.clock.nowMs());
};

/** What Slack did not take before waits for its time, and nobody is woken for it earlier. */
const whoseTimeHasCome = (incidents: readonly Incident[], nowMs: number): readonly string[] =>
  incidents.filter(({ outbox: { notBeforeMs } }) => notBeforeMs !== null && notBeforeMs <= nowMs).map(({ id }) => id);

/**
 * After the work of one invocation: timers of what it changed, and Slack, until all is told or `untilMs`. Whose channel's turn has not
 * come by then becomes a job that comes again. What Slack did not take has a time before which nobody tries; who tried waits for it until
 * the end, then the schedule finds it, and nobody else: or each change during an outage would begin a chain of tries of its own.
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
    if (restMs >= leftMs()) {
      const inTurn = whoseTimeHasCome(await readIncidents(parts, waiting), parts.clock.nowMs());
      return askToTell(parts, inTurn, AGAIN_MS);
    }
    await parts.wait(Math.max(1, restMs));
  }
};

const LONGEST_REST_MS = 60_000;
/** Slack's pace is a message a second and channel; who has waited through one invocation comes again after this. */
const AGAIN_MS = 5_000;
