import type { RoutineCheck } from '../domain/check.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import { type Incident, isOpen } from '../domain/incident.ts';
import { changeIncident } from '../domain/incident-change.ts';
import { applyCheck } from '../triage/recovery.ts';
import { summariseCheck } from '../triage/summarise-check.ts';
import { changeStored } from './change-incident.ts';
import { diagnoseService, SHARED_MS } from './diagnose-service.ts';
import { momentOf, type Parts } from './parts.ts';
import { placeKey } from './target-of.ts';
import { watchAhead } from './watch-ahead.ts';

/**
 * One check of an open incident: ask, decide, save; the saved incident carries its next check. The answer to another incident of the
 * service since this one last changed serves as well, while it is younger than half of the time between two checks.
 */
export const checkIncident = async (parts: Parts, incidentId: string): Promise<void> => {
  const stored = await parts.store.read('incident', incidentId);
  if (!stored || !isOpen(stored.record)) return;
  const diagnosis = await diagnoseService(parts, stored.record, {
    sinceMs: Date.parse(stored.record.updatedAt),
    sharedMs: parts.settings.recheckMs / 2,
  });
  await changeStored(parts, incidentId, (incident) => ({
    incident: applyCheck(incident, diagnosis, parts.settings, momentOf(parts)),
    answer: null,
  }));
};

/** The clocks of two machines, and a queue that counts in whole seconds, may differ by this much. */
const EARLY_MS = 1_000;

/** A check whose time has come. One that comes late, or twice, finds the next one set and leaves it to that. */
export const recheckIncident = async (parts: Parts, incidentId: string): Promise<void> => {
  const stored = await parts.store.read('incident', incidentId);
  const next = stored?.record.timers.find(({ kind }) => kind === 'recheck');
  if (next !== undefined && next.dueMs > parts.clock.nowMs() + EARLY_MS) return;
  await checkIncident(parts, incidentId);
};

/** A person asked: the answer is told in the thread even when it is the same as before, then in one line. */
export const checkForPerson = async (parts: Parts, incidentId: string, user: string): Promise<void> => {
  const stored = await parts.store.read('incident', incidentId);
  if (!stored) return;
  const diagnosis = await diagnoseService(parts, stored.record);
  await changeStored(parts, incidentId, (incident) => {
    const moment = momentOf(parts);
    const checked = applyCheck(incident, diagnosis, parts.settings, moment);
    const told = checked.outbox.notes.length > incident.outbox.notes.length;
    const text = `Triage, asked by <@${user}>: ${isAsBefore(incident, diagnosis) ? 'as before: ' : ''}${diagnosis.cause}`;
    const happening = { kind: 'diagnosed', actor: user, text, note: { kind: 'update' } } as const;
    return { incident: told ? checked : changeIncident(checked, moment, {}, [happening]), answer: null };
  });
};

const isAsBefore = ({ diagnosis: known }: Incident, { verdict, branch, cause }: Diagnosis): boolean =>
  known !== null && known.verdict === verdict && known.branch === branch && known.cause === cause;

/**
 * The routine check of every configured service, from which GET /health is answered. All are asked at once, so that services which hang
 * cost one deadline together; a question that is just being asked for an incident serves this, too.
 */
export const checkRoutinely = async (parts: Parts): Promise<void> => {
  const fresh = { sinceMs: 0, sharedMs: SHARED_MS };
  const checked = await Promise.all(
    parts.settings.services.map(async (target) => {
      const place = { service: target.name, environment: target.environment };
      const diagnosis = await diagnoseService(parts, place, fresh);
      await watchAhead(parts, target, diagnosis);
      return [placeKey(target), summariseCheck(diagnosis, target.models)] as const;
    }),
  );
  const services = Object.fromEntries(checked);
  const checkedAt = new Date(parts.clock.nowMs()).toISOString();
  for (;;) {
    const stored = await parts.store.read('check', 'routine');
    const record: RoutineCheck = { checkedAt, intervalMs: parts.settings.routineMs, services };
    if ((await parts.store.write('check', 'routine', record, stored?.version ?? 0)) !== null) return;
  }
};
