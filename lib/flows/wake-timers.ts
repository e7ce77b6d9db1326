import type { Timer } from '../domain/incident.ts';
import { BOT } from '../domain/incident-change.ts';
import type { Job } from '../domain/job.ts';
import { sweepDuplicates } from './deliver-message.ts';
import type { Parts } from './parts.ts';

/** Due incidents looked at in one round. */
const ROUND = 500;
/** A timer whose job was lost to a dead letter is put again after this long; until then its job's id is the same. */
const AGAIN_MS = 300_000;

/**
 * Puts a job for every timer that is due, of these incidents alone or (null) of all. Twice is harmless: the id is the same, and every
 * handler looks at the state first.
 */
export const wakeTimers = async (parts: Parts, incidentIds: readonly string[] | null = null): Promise<void> => {
  const nowMs = parts.clock.nowMs();
  const keys = incidentIds ?? (await parts.store.due('incident', nowMs, ROUND)).map(({ key }) => key);
  const jobs: Job[] = [];
  const toSweep: (readonly [string, string | undefined])[] = [];
  for (const key of keys) {
    const stored = await parts.store.read('incident', key);
    for (const timer of stored?.record.timers ?? []) {
      if (timer.dueMs > nowMs) continue;
      if (timer.kind === 'sweep-duplicates') toSweep.push([key, timer.refId ?? undefined]);
      else jobs.push(jobOf(key, timer, nowMs));
    }
  }
  // Sweeping asks Slack, which may not answer: nobody's check or end waits for it.
  await parts.jobs.put(jobs);
  await Promise.all(toSweep.map(([key, part]) => sweepDuplicates(parts, key, part)));
};

const jobOf = (incidentId: string, timer: Timer, nowMs: number): Job => {
  const epoch = Math.floor((nowMs - timer.dueMs) / AGAIN_MS);
  const id = `${timer.kind}:${incidentId}:${timer.refId ?? ''}:${timer.dueMs}:${epoch}`;
  const leaseId = timer.refId ?? '';
  switch (timer.kind) {
    case 'recheck':
    case 'sweep-duplicates':
      return { id, queue: 'triage', body: { kind: 'recheck', incidentId } };
    case 'lease-end':
      return { id, queue: 'mitigate', body: { kind: 'undo', leaseId, incidentId, actor: BOT, why: 'ended' } };
    case 'approval-end':
      return { id, queue: 'mitigate', body: { kind: 'mitigate', leaseId, incidentId } };
  }
};
