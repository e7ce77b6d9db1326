import type { AlertState } from '../domain/alert.ts';
import type { Incident, IncidentAlert } from '../domain/incident.ts';
import { isOpen } from '../domain/incident.ts';
import { BOT, changeIncident, type Happening, type Moment, setTimer } from '../domain/incident-change.ts';
import { reach, reopen, statusWhileOpen } from '../domain/incident-steps.ts';
import { isMoreSevere, moreSevere, type Severity } from '../domain/severity.ts';
import type { AlertMove } from './alert-order.ts';
import type { Arrival } from './place-alerts.ts';

/** An arrival that was placed in this incident. */
export type PlacedAlert = {
  readonly arrival: Arrival;
  readonly move: AlertMove;
  /**
   * The state that the key's record has now, and a number that grows with each change of the record. A job that comes again after a
   * crash may find that its alert has moved on: the newest word counts. Absent: what the move says.
   */
  readonly standing?: { readonly state: AlertState; readonly order: number };
};

/** Members kept in the incident; the totals count all. */
const MEMBERS_KEPT = 50;
/** Jobs remembered: more than are in flight while their leases last. */
const JOBS_KEPT = 100;
/** Severity of an alert whose source has none. */
const DEFAULT_SEVERITY: Severity = 'P3';

/**
 * All alerts of a batch as one change of the incident. Repeats are counted and not told; a new or returning alert, a resolved one
 * and a raised severity are told, and the first alert always is. Returns the same value when every job was applied before.
 */
export const applyAlerts = (incident: Incident, placed: readonly PlacedAlert[], moment: Moment): Incident => {
  const fresh = placed.filter(({ arrival }) => !incident.applied.includes(arrival.jobId));
  if (fresh.length === 0) return incident;
  const counted = fresh.reduce(countAlert, {
    ...incident,
    applied: [...incident.applied, ...new Set(fresh.map(({ arrival }) => arrival.jobId))].slice(-JOBS_KEPT),
  });
  const reopened = fresh.some(isFiringAgain) ? reopenFor(counted, moment) : counted;
  const happenings = fresh.flatMap((one, index) => tell(one, incident.revision === 0 && index === 0, incident));
  const severity = severityOf(reopened, fresh);
  const raised = severity !== reopened.severity;
  if (happenings.length === 0 && !raised && showsTheSame(reopened, incident)) return reopened;
  return changeIncident(reopened, moment, raised ? { severity } : {}, [
    ...happenings,
    ...(raised ? [tellRaised(reopened, severity)] : []),
  ]);
};

const standingOf = ({ move, standing }: PlacedAlert): NonNullable<PlacedAlert['standing']> =>
  standing ?? { state: move.to, order: 0 };

const isFiringAgain = (one: PlacedAlert): boolean => one.move.effect === 'fires' && standingOf(one).state === 'firing';

/** Whether the counts that the message shows are as they were. */
const showsTheSame = ({ totals }: Incident, before: Incident): boolean =>
  totals.firing === before.totals.firing && totals.resolved === before.totals.resolved;

const countAlert = (incident: Incident, one: PlacedAlert): Incident => {
  const { key } = one.arrival.alert;
  const old = incident.alerts.find((member) => member.key === key);
  if (!old && incident.alerts.length >= MEMBERS_KEPT)
    return { ...incident, totals: countTotals(incident.totals, one.move.from, one.move.to) };
  const member = old ? countAgain(old, one) : joinAs(one);
  return {
    ...incident,
    alerts: old ? incident.alerts.map((other) => (other.key === key ? member : other)) : [...incident.alerts, member],
    totals: countTotals(incident.totals, old?.state ?? null, member.state),
  };
};

const isFiring = (one: PlacedAlert): boolean => one.arrival.alert.state === 'firing';

const joinAs = (one: PlacedAlert): IncidentAlert => {
  const { alert, acceptedAt } = one.arrival;
  return {
    key: alert.key,
    source: alert.source,
    title: alert.title,
    ...standingOf(one),
    severity: alert.severity ?? DEFAULT_SEVERITY,
    count: isFiring(one) ? 1 : 0,
    firstSeen: acceptedAt,
    lastSeen: acceptedAt,
  };
};

/** The title stays as it was first told: a repeat is not told. */
const countAgain = (old: IncidentAlert, one: PlacedAlert): IncidentAlert => {
  const { alert, acceptedAt } = one.arrival;
  const standing = standingOf(one);
  return {
    ...old,
    ...(standing.order < (old.order ?? 0) ? {} : standing),
    severity: alert.severity ?? old.severity,
    count: old.count + (isFiring(one) ? 1 : 0),
    firstSeen: old.firstSeen < acceptedAt ? old.firstSeen : acceptedAt,
    lastSeen: old.lastSeen > acceptedAt ? old.lastSeen : acceptedAt,
  };
};

const countTotals = (totals: Incident['totals'], from: AlertState | null, to: AlertState): Incident['totals'] => {
  const next = { ...totals, received: totals.received + 1 };
  if (from === to) return next;
  const left = from === null || next[from] === 0 ? next : { ...next, [from]: next[from] - 1 };
  return { ...left, [to]: left[to] + 1 };
};

const reopenFor = (incident: Incident, moment: Moment): Incident => {
  if (isOpen(incident)) {
    if (incident.status !== 'monitoring') return incident;
    const status = statusWhileOpen(incident);
    const happening: Happening = {
      kind: 'status-changed',
      actor: BOT,
      text: `An alert fires again: back to ${status}.`,
      note: { kind: 'update' },
    };
    return changeIncident(incident, moment, { status, goodChecks: 0, quietSince: null }, [happening]);
  }
  const step = reopen(incident, { actor: BOT, because: 'an alert fires again.' }, moment);
  return 'refused' in step ? incident : step.incident;
};

const tell = (one: PlacedAlert, opens: boolean, before: Incident): readonly Happening[] => {
  const { alert } = one.arrival;
  const refs = [alert.key];
  const joined = standingOf(one).state === 'firing' ? 'Alert firing' : 'Alert fired and is over';
  switch (one.move.effect) {
    case 'fires': {
      const note = before.revision === 0 ? {} : { note: { kind: 'update' } as const };
      return [{ kind: 'alert-joined', actor: BOT, text: `${joined}: ${alert.title}`, refs, ...note }];
    }
    case 'resolves':
      return [{ kind: 'alert-resolved', actor: BOT, text: `Alert resolved: ${alert.title}`, refs }];
    case 'nodata':
    case 'repeats':
    case 'late':
      return opens ? [{ kind: 'alert-joined', actor: BOT, text: `${joined}: ${alert.title}`, refs }] : [];
  }
};

/** What a person set stays; otherwise alerts only raise. */
const severityOf = (incident: Incident, fresh: readonly PlacedAlert[]): Severity => {
  if (incident.severitySetBy === 'person') return incident.severity;
  return fresh
    .filter(({ move }) => move.to === 'firing')
    .map(({ arrival }) => arrival.alert.severity ?? DEFAULT_SEVERITY)
    .filter((severity) => isMoreSevere(severity, incident.severity))
    .reduce(moreSevere, incident.severity);
};

const tellRaised = (incident: Incident, severity: Severity): Happening => ({
  kind: 'severity-changed',
  actor: BOT,
  text: `Severity raised from ${incident.severity} to ${severity}: a more severe alert joined.`,
  note: { kind: 'update' },
});

/** Where and for what an incident is opened. */
export type Opening = {
  readonly id: string;
  readonly service: string;
  readonly environment: string;
  readonly channel: string;
  readonly drill: boolean;
};

/** The incident before its first alert is applied: revision 0, nothing to tell, triage due at once. */
export const openIncident = (first: Arrival, opening: Opening, moment: Moment): Incident => {
  const { alert } = first;
  const started = alert.startedAt !== null && alert.startedAt <= first.acceptedAt ? alert.startedAt : first.acceptedAt;
  const blank: Incident = {
    ...opening,
    group: alert.group,
    integration: alert.integration,
    title: alert.title,
    status: 'investigating',
    severity: alert.severity ?? DEFAULT_SEVERITY,
    severitySetBy: 'alert',
    createdAt: moment.at,
    updatedAt: moment.at,
    alerts: [],
    totals: { firing: 0, resolved: 0, nodata: 0, received: 0 },
    acknowledgedBy: null,
    commander: null,
    milestones: { started },
    diagnosis: null,
    goodChecks: 0,
    quietSince: null,
    mitigations: [],
    applied: [],
    revision: 0,
    outbox: { notes: [], unfiled: [], notBeforeMs: null },
    timers: setTimer([], { kind: 'recheck', dueMs: moment.nowMs, refId: null }),
  };
  return { ...blank, milestones: reach(blank, 'detected', first.acceptedAt) };
};
