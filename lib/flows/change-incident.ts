import type { Incident } from '../domain/incident.ts';
import { dueOf } from '../domain/incident-change.ts';
import { followChange } from '../triage/next-check.ts';
import { makeRoom } from './file-timeline.ts';
import type { Parts } from './parts.ts';

/** A decision on the incident as it is now; null leaves it alone. Called again when somebody else wrote first. */
type Decide<T> = (incident: Incident) => { readonly incident: Incident; readonly answer: T } | { readonly answer: T };

/**
 * Load, decide, save, tell: the compare-and-swap loop of every change to an existing incident.
 * Returns the decision's answer, or null when there is no such incident.
 */
export const changeStored = async <T>(
  parts: Pick<Parts, 'store' | 'nudge' | 'clock' | 'settings'>,
  incidentId: string,
  decide: Decide<T>,
): Promise<T | null> => {
  for (;;) {
    const stored = await parts.store.read('incident', incidentId);
    if (stored === null) return null;
    const current = await makeRoom(parts, stored.record);
    const decided = decide(current);
    if (!('incident' in decided) || decided.incident === current) return decided.answer;
    const nowMs = parts.clock.nowMs();
    const moment = { nowMs, at: new Date(nowMs).toISOString() };
    const next = followChange(current, decided.incident, parts.settings, moment);
    const version = await parts.store.write('incident', incidentId, next, stored.version, dueOf(next));
    if (version === null) continue;
    const { outbox, timers } = next;
    if (outbox.notBeforeMs !== null || timers !== current.timers) parts.nudge([incidentId]);
    return decided.answer;
  }
};
