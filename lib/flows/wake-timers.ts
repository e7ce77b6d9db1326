import type { Incident, Timer } from '../domain/incident.ts';
import { BOT } from '../domain/incident-change.ts';
import type { Job } from '../domain/job.ts';
import type { Jobs } from '../ports/jobs.ts';
import type { Parts } from './parts.ts';

/**
 * Due incidents looked at in one round, earliest first. Those that wait for a Slack that is away stand before the timers of all others,
 * so it is more than are ever open at once, and as many as the clock can read well within its 30 s.
 */
export const DUE_ROUND = 2_000;
/** Read beside each other: one after the other would take longer than the clock has. */
const READ_AT_ONCE = 20;
/** A timer whose job was lost to a dead letter is put again after this long; until then its job's id is the same. */
const AGAIN_MS = 300_000;

/** Timers that end up to `aheadMs` from now are put with the time that remains. Of these incidents alone; null: of all that are due. */
export type Look = { readonly incidentIds?: readonly string[] | null; readonly aheadMs?: number };

export const dueIncidentIds = async ({ store }: Pick<Parts, 'store'>, untilMs: number): Promise<readonly string[]> =>
  (await store.due('incident', untilMs, DUE_ROUND)).map(({ key }) => key);

/** Of those that are there, as they are now. */
export const readIncidents = async (
  { store }: Pick<Parts, 'store'>,
  incidentIds: readonly string[],
): Promise<readonly Incident[]> => {
  const incidents: Incident[] = [];
  for (let from = 0; from < incidentIds.length; from += READ_AT_ONCE) {
    const ids = incidentIds.slice(from, from + READ_AT_ONCE);
    const read = await Promise.all(ids.map((id) => store.read('incident', id)));
    incidents.push(...read.flatMap((stored) => stored?.record ?? []));
  }
  return incidents;
};

/**
 * Puts a job for every timer that is due, and answers with the incidents that it looked at. Twice is harmless: the id is the same, and every handler looks at the state first.
 */
export const wakeTimers = async (
  parts: Pick<Parts, 'store' | 'jobs' | 'clock'>,
  { incidentIds = null, aheadMs = 0 }: Look = {},
): Promise<readonly Incident[]> => {
  const nowMs = parts.clock.nowMs();
  const untilMs = nowMs + aheadMs;
  const incidents = await readIncidents(parts, incidentIds ?? (await dueIncidentIds(parts, untilMs)));
  await putWoken(
    parts.jobs,
    incidents.flatMap((incident) => dueTimers(incident, nowMs, untilMs)),
  );
  return incidents;
};

type Woken = { readonly job: Job; readonly delayMs: number };

const dueTimers = ({ id, timers }: Incident, nowMs: number, untilMs: number): readonly Woken[] =>
  timers
    .filter(({ dueMs }) => dueMs <= untilMs)
    .map((timer) => ({ job: jobOf(id, timer, nowMs), delayMs: Math.max(0, timer.dueMs - nowMs) }));

const putWoken = async (jobs: Jobs, woken: readonly Woken[]): Promise<void> => {
  for (const [delayMs, same] of Map.groupBy(woken, (one) => one.delayMs))
    await jobs.put(
      same.map(({ job }) => job),
      { delayMs },
    );
};

const jobOf = (incidentId: string, timer: Timer, nowMs: number): Job => {
  const epoch = Math.floor(Math.max(0, nowMs - timer.dueMs) / AGAIN_MS);
  const id = `${timer.kind}:${incidentId}:${timer.refId ?? ''}:${timer.dueMs}:${epoch}`;
  const leaseId = timer.refId ?? '';
  switch (timer.kind) {
    case 'recheck':
      return { id, queue: 'triage', body: { kind: 'recheck', incidentId } };
    case 'sweep-duplicates':
      return { id, queue: 'jobs', body: { kind: 'sweep-duplicates', incidentId, part: timer.refId ?? 'root' } };
    case 'lease-end':
      return { id, queue: 'mitigate', body: { kind: 'undo', leaseId, incidentId, actor: BOT, why: 'ended' } };
    case 'approval-end':
      return { id, queue: 'mitigate', body: { kind: 'mitigate', leaseId, incidentId } };
  }
};
