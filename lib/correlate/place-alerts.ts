import type { Alert, AlertRecord, AppliedJob } from '../domain/alert.ts';
import { type Incident, isOpen } from '../domain/incident.ts';
import { type AlertMove, decideAlertMove } from './alert-order.ts';

/** One accepted alert on its way: which job brought it, and when the door took it. */
export type Arrival = { readonly jobId: string; readonly alert: Alert; readonly acceptedAt: string };

/** What an arrival means; `incidentId` is where it went when this job was applied before (null: nowhere, it opened nothing). */
export type Placement = { readonly arrival: Arrival; readonly move: AlertMove; readonly before: AppliedJob | null };

/** Jobs remembered per alert: more than could be in flight for one key while their leases last. */
const APPLIED_KEPT = 100;

type Fold = Pick<AlertRecord, 'startedAt' | 'endedAt' | 'changedAt'> & { readonly state: AlertRecord['state'] | null };

/** All arrivals of one alert key, judged in the order in which the door took them, and the state they leave. */
export type Folded = { readonly placements: readonly Placement[]; readonly fold: Fold };

/**
 * A job that the record already knows repeats its first answer, so that redelivery after a crash at any point changes nothing twice.
 */
export const foldArrivals = (known: AlertRecord | null, arrivals: readonly Arrival[]): Folded => {
  const placements: Placement[] = [];
  let fold: Fold = known ?? { state: null, startedAt: null, endedAt: null, changedAt: '' };
  const answers = [...(known?.applied ?? [])];
  for (const arrival of [...arrivals].sort((one, other) => one.acceptedAt.localeCompare(other.acceptedAt))) {
    // A job may bring the same alert more than once: the first time has the first answer, and so on.
    const place = answers.findIndex((applied) => applied.jobId === arrival.jobId);
    const before = place < 0 ? null : (answers.splice(place, 1)[0] ?? null);
    if (before) {
      placements.push({ arrival, move: repeatAnswer(before), before });
      continue;
    }
    const move = decideAlertMove(
      fold.state === null ? null : { ...fold, state: fold.state },
      arrival.alert,
      arrival.acceptedAt,
    );
    placements.push({ arrival, move, before });
    fold = moveFold(fold, arrival, move);
  }
  return { placements, fold };
};

const moveFold = (fold: Fold, { alert, acceptedAt }: Arrival, move: AlertMove): Fold => {
  switch (move.effect) {
    case 'fires':
      return { state: 'firing', startedAt: alert.startedAt, endedAt: null, changedAt: acceptedAt };
    case 'resolves':
      return { ...fold, state: 'resolved', endedAt: alert.endedAt ?? acceptedAt, changedAt: acceptedAt };
    case 'nodata':
      return { ...fold, state: 'nodata', changedAt: acceptedAt };
    case 'repeats':
    case 'late':
      return fold;
  }
};

const repeatAnswer = (applied: AppliedJob): AlertMove => ({
  effect: applied.effect,
  from: applied.from,
  to: applied.to,
  reason: 'this job was applied before',
});

/** The record after the fold, with `incidentId` as the place of every newly applied job. */
export const recordOf = (known: AlertRecord | null, folded: Folded, incidentId: string | null): AlertRecord | null => {
  const fresh = folded.placements.filter((placement) => placement.before === null);
  const first = fresh[0];
  if (!first || folded.fold.state === null) return known;
  const applied = fresh.map(({ arrival, move }) => ({
    jobId: arrival.jobId,
    incidentId,
    effect: move.effect,
    from: move.from,
    to: move.to,
  }));
  return {
    key: first.arrival.alert.key,
    source: first.arrival.alert.source,
    ...folded.fold,
    state: folded.fold.state,
    incidentId,
    applied: [...(known?.applied ?? []), ...applied].slice(-APPLIED_KEPT),
  };
};

/** Whether a firing alert may still enter this incident. */
export const mayJoin = (
  incident: Incident | null,
  nowMs: number,
  reopenWithinMs: number,
): { readonly joins: boolean; readonly reason: string } => {
  if (incident === null) return { joins: true, reason: 'it was claimed and is about to be created' };
  if (isOpen(incident)) return { joins: true, reason: 'it is open' };
  const resolvedMs = Date.parse(incident.milestones.resolved ?? incident.updatedAt);
  return nowMs - resolvedMs <= reopenWithinMs
    ? { joins: true, reason: 'it was resolved a short while ago: reopened in the same thread' }
    : { joins: false, reason: 'it was resolved too long ago: a new incident' };
};
