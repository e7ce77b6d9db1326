import { type Alert, type AlertRecord, type AppliedJob, NO_TALLY, type Tally } from '../domain/alert.ts';
import { shortJob } from '../domain/applied-jobs.ts';
import { type Incident, isOpen } from '../domain/incident.ts';
import { type AlertMove, decideAlertMove, type Home } from './alert-order.ts';

/** One accepted alert on its way: which job brought it, and when the door took it. */
export type Arrival = { readonly jobId: string; readonly alert: Alert; readonly acceptedAt: string };

/**
 * What an arrival means; `before` is set when this job was applied before, with where it went (null: nowhere, it opened nothing).
 * `tally` is the key's with this arrival.
 */
export type Placement = {
  readonly arrival: Arrival;
  readonly move: AlertMove;
  readonly before: AppliedJob | null;
  readonly tally: Tally;
};

/**
 * Jobs remembered per key, for those that are in flight when a process dies: they come again after their lease, behind whatever else
 * came meanwhile. A job older than that counts once more; it is told once more only if it is one of those that moved the key.
 */
const MOVES_KEPT = 60;
const REPEATS_KEPT = 800;

type Fold = Pick<AlertRecord, 'startedAt' | 'endedAt' | 'changedAt'> & {
  readonly state: AlertRecord['state'] | null;
  readonly tally: Tally;
};

/** All arrivals of one alert key, judged in the order in which the door took them, and the state they leave. */
export type Folded = { readonly placements: readonly Placement[]; readonly fold: Fold };

/**
 * A job that the record already knows repeats its first answer, so that redelivery after a crash at any point changes nothing twice.
 */
export const foldArrivals = (known: AlertRecord | null, arrivals: readonly Arrival[], home: Home): Folded => {
  const placements: Placement[] = [];
  const { state = null, startedAt = null, endedAt = null, changedAt = '', tally = NO_TALLY } = known ?? {};
  let fold: Fold = { state, startedAt, endedAt, changedAt, tally };
  const answers = answersOf(known);
  for (const arrival of [...arrivals].sort((one, other) => one.acceptedAt.localeCompare(other.acceptedAt))) {
    const before = takeAnswer(answers, arrival);
    if (before) {
      const move = { effect: before.effect, from: before.from, to: before.to, reason: 'this job was applied before' };
      placements.push({ arrival, move, before, tally: before.tally ?? NO_TALLY });
      continue;
    }
    const last = fold.state === null ? null : { ...fold, state: fold.state };
    const move = decideAlertMove(last, arrival.alert, arrival.acceptedAt, home);
    fold = moveFold(fold, arrival, move);
    placements.push({ arrival, move, before, tally: fold.tally });
  }
  return { placements, fold };
};

const answersOf = (known: AlertRecord | null): AppliedJob[] => [
  ...(known?.applied ?? []),
  ...(known?.repeats ?? []).map(
    (jobId): AppliedJob => ({
      jobId,
      incidentId: known?.incidentId ?? null,
      effect: 'repeats',
      from: known?.state ?? null,
      to: known?.state ?? 'firing',
    }),
  ),
];

/** A job may bring the same alert more than once: the first time has the first answer, and so on. */
const takeAnswer = (answers: AppliedJob[], { jobId, alert }: Arrival): AppliedJob | null => {
  const short = shortJob(jobId);
  const fits = ({ effect }: AppliedJob): boolean =>
    effect === 'fires' ? alert.state === 'firing' : effect !== 'resolves' || alert.state === 'resolved';
  const best = answers.findIndex((answer) => answer.jobId === short && fits(answer));
  const place = best >= 0 ? best : answers.findIndex((answer) => answer.jobId === short);
  return place < 0 ? null : (answers.splice(place, 1)[0] ?? null);
};

const moveFold = (fold: Fold, { alert, acceptedAt }: Arrival, { effect }: AlertMove): Fold => {
  const tally: Tally = {
    received: fold.tally.received + 1,
    fired: fold.tally.fired + (alert.state === 'firing' ? 1 : 0),
    episodes: fold.tally.episodes + (effect === 'fires' ? 1 : 0),
  };
  switch (effect) {
    case 'fires':
      return { state: 'firing', startedAt: alert.startedAt, endedAt: null, changedAt: acceptedAt, tally };
    case 'resolves':
      return { ...fold, state: 'resolved', endedAt: alert.endedAt ?? acceptedAt, changedAt: acceptedAt, tally };
    case 'nodata':
      return { ...fold, state: 'nodata', changedAt: acceptedAt, tally };
    case 'repeats':
    case 'late':
      return { ...fold, tally };
  }
};

/** The record after the fold, with `incidentId` as the place of every newly applied job. */
export const recordOf = (known: AlertRecord | null, folded: Folded, incidentId: string | null): AlertRecord | null => {
  const fresh = folded.placements.filter((placement) => placement.before === null);
  const first = fresh[0];
  const { state, ...fold } = folded.fold;
  if (!first || state === null) return known;
  const moved = fresh.filter(({ move }) => move.effect !== 'repeats');
  const repeated = fresh.filter(({ move }) => move.effect === 'repeats');
  return {
    key: first.arrival.alert.key,
    source: first.arrival.alert.source,
    ...fold,
    state,
    incidentId,
    since: (known?.incidentId === incidentId ? known.since : known?.tally) ?? NO_TALLY,
    applied: [...(known?.applied ?? []), ...moved.map((one) => appliedOf(one, incidentId))].slice(-MOVES_KEPT),
    repeats: [...(known?.repeats ?? []), ...repeated.map(({ arrival }) => shortJob(arrival.jobId))].slice(
      -REPEATS_KEPT,
    ),
  };
};

const appliedOf = ({ arrival, move, tally }: Placement, incidentId: string | null): AppliedJob => ({
  jobId: shortJob(arrival.jobId),
  incidentId,
  effect: move.effect,
  from: move.from,
  to: move.to,
  tally,
});

/** What is known of a key, as its incident takes it over: the newest word, not the word of the job that brings it. */
export type Standing = {
  readonly state: AlertRecord['state'];
  readonly tally: Tally;
  /** The tally with which the key entered the incident. */
  readonly since: Tally;
};

/** Where a job went before its key moved to another incident, its own word is the last one there. */
export const standingOf = (placement: Placement, record: AlertRecord | null, incidentId: string): Standing => {
  if (record && record.incidentId === incidentId)
    return { state: record.state, tally: record.tally ?? NO_TALLY, since: record.since ?? NO_TALLY };
  const { arrival, move, tally } = placement;
  const fired = tally.fired - (arrival.alert.state === 'firing' ? 1 : 0);
  const episodes = tally.episodes - (move.effect === 'fires' ? 1 : 0);
  return { state: move.to, tally, since: { received: tally.received - 1, fired, episodes } };
};

export const resolvedAtOf = (incident: Incident | null): string | null =>
  incident === null || isOpen(incident) ? null : (incident.milestones.resolved ?? incident.updatedAt);

/** Whether a firing alert may enter this incident: it is open (or claimed and about to be created), or was resolved a short while ago. */
export const mayJoin = (incident: Incident | null, nowMs: number, reopenWithinMs: number): boolean => {
  const resolvedAt = resolvedAtOf(incident);
  return resolvedAt === null || nowMs - Date.parse(resolvedAt) <= reopenWithinMs;
};

/** An incident that a firing alert might enter; null: it was claimed and is about to be created. */
export type Candidate = { readonly id: string; readonly incident: Incident | null };

export type Choice = {
  /** null: a new incident. */
  readonly incidentId: string | null;
  /** Whether the group is to point at it. */
  readonly pointsGroup: boolean;
  readonly reason: string;
};

/** The group's open incident comes first, so that a group has one; then the alert's own of before, then the group's last. */
export const chooseHome = (
  group: string,
  { ofGroup, own }: { readonly ofGroup: Candidate | null; readonly own: Candidate | null },
  joins: (incident: Incident | null) => boolean,
): Choice => {
  if (ofGroup && (ofGroup.incident === null || isOpen(ofGroup.incident)))
    return { incidentId: ofGroup.id, pointsGroup: false, reason: 'it is the open incident of the group' };
  if (own && joins(own.incident)) {
    const pointsGroup = own.incident === null || own.incident.group === group;
    return { incidentId: own.id, pointsGroup, reason: 'the alert was in it, and it may be entered' };
  }
  if (ofGroup && joins(ofGroup.incident))
    return {
      incidentId: ofGroup.id,
      pointsGroup: false,
      reason: 'it is the last of the group, resolved a short while ago',
    };
  return { incidentId: null, pointsGroup: true, reason: 'none of the group may be entered: a new incident' };
};
