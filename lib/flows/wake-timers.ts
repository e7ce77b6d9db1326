import type { Incident, Timer } from '../domain/incident.ts';
import { BOT } from '../domain/incident-change.ts';
import type { Job } from '../domain/job.ts';
import type { Jobs } from '../ports/jobs.ts';
import type { Parts } from './parts.ts';

/** Due incidents looked at in one round. */
const ROUND = 500;
/** A timer whose job was lost to a dead letter is put again after this long; until then its job's id is the same. */
const AGAIN_MS = 300_000;

/** Timers that end up to `aheadMs` from now are put with the time that remains. Of these incidents alone; null: of all that are due. */
export type Look = { readonly incidentIds?: readonly string[] | null; readonly aheadMs?: number };

/**
 * Puts a job for every timer that is due. Twice is harmless: the id is the same, and every handler looks at the state first.
 */
export const wakeTimers = async (
  parts: Pick<Parts, 'store' | 'jobs' | 'clock'>,
  { incidentIds = null, aheadMs = 0 }: Look = {},
): Promise<void> => {
  const nowMs = parts.clock.nowMs();
  const untilMs = nowMs + aheadMs;
  const keys = incidentIds ?? (await parts.store.due('incident', untilMs, ROUND)).map(({ key }) => key);
  const woken: Woken[] = [];
  for (const key of keys) woken.push(...dueTimers((await parts.store.read('incident', key))?.record, nowMs, untilMs));
  await putWoken(parts.jobs, woken);
};

type Woken = { readonly job: Job; readonly delayMs: number };

const dueTimers = (incident: Incident | undefined, nowMs: number, untilMs: number): readonly Woken[] =>
  (incident?.timers ?? [])
    .filter(({ dueMs }) => dueMs <= untilMs)
    .map((timer) => ({ job: jobOf(incident?.id ?? '', timer, nowMs), delayMs: Math.max(0, timer.dueMs - nowMs) }));

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
