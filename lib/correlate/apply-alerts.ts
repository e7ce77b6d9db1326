import type { Incident, IncidentAlert } from '../domain/incident.ts';
import { isOpen } from '../domain/incident.ts';
import { BOT, changeIncident, type Happening, type Moment, setTimer } from '../domain/incident-change.ts';
import { reach, reopen, statusWhileOpen } from '../domain/incident-steps.ts';
import { isMoreSevere, moreSevere, type Severity } from '../domain/severity.ts';
import type { AlertMove } from './alert-order.ts';
import type { Arrival } from './place-alerts.ts';

/** An arrival that was placed in this incident. */
export type PlacedAlert = { readonly arrival: Arrival; readonly move: AlertMove };

/** Members kept in the incident; the totals count all. */
const MEMBERS_KEPT = 50;
/** Jobs remembered: more than are in flight while their leases last. */
const JOBS_KEPT = 100;
/** Severity of an alert whose source has none. */
const DEFAULT_SEVERITY: Severity = 'P3';

/**
 * All alerts of a batch as one change of the incident. Repeats are counted and not told; a new or returning alert, a resolved one
 * and a raised severity are told. Returns the same value when every job was applied before.
 */
export const applyAlerts = (incident: Incident, placed: readonly PlacedAlert[], moment: Moment): Incident => {
  const fresh = placed.filter(({ arrival }) => !incident.applied.includes(arrival.jobId));
  if (fresh.length === 0) return incident;
  const counted = fresh.reduce(countAlert, {
    ...incident,
    applied: [...incident.applied, ...new Set(fresh.map(({ arrival }) => arrival.jobId))].slice(-JOBS_KEPT),
  });
  const reopened = fresh.some(({ move }) => move.effect === 'fires') ? reopenFor(counted, moment) : counted;
  const happenings = fresh.flatMap((one) => tell(one, incident));
  const severity = severityOf(reopened, fresh);
  const raised = severity !== reopened.severity;
  if (happenings.length === 0 && !raised) return reopened;
  return changeIncident(reopened, moment, raised ? { severity } : {}, [
    ...happenings,
    ...(raised ? [tellRaised(reopened, severity)] : []),
  ]);
};

const countAlert = (incident: Incident, { arrival, move }: PlacedAlert): Incident => {
  const { alert, acceptedAt } = arrival;
  const old = incident.alerts.find((member) => member.key === alert.key);
  const member: IncidentAlert = {
    key: alert.key,
    source: alert.source,
    title: alert.title,
    state: move.to,
    severity: alert.severity ?? old?.severity ?? DEFAULT_SEVERITY,
    count: (old?.count ?? 0) + (alert.state === 'firing' ? 1 : 0),
    firstSeen: old?.firstSeen ?? acceptedAt,
    lastSeen: old && old.lastSeen > acceptedAt ? old.lastSeen : acceptedAt,
  };
  const alerts = old
    ? incident.alerts.map((other) => (other.key === alert.key ? member : other))
    : incident.alerts.length < MEMBERS_KEPT
      ? [...incident.alerts, member]
      : incident.alerts;
  return { ...incident, alerts, totals: countTotals(incident.totals, move) };
};

const countTotals = (totals: Incident['totals'], move: AlertMove): Incident['totals'] => {
  const next = { ...totals, received: totals.received + 1 };
  if (move.from === move.to) return next;
  const left = move.from === null || next[move.from] === 0 ? next : { ...next, [move.from]: next[move.from] - 1 };
  return { ...left, [move.to]: left[move.to] + 1 };
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

const tell = ({ arrival, move }: PlacedAlert, before: Incident): readonly Happening[] => {
  const name = arrival.alert.title;
  const refs = [arrival.alert.key];
  switch (move.effect) {
    case 'fires': {
      const first = before.revision === 0;
      return [
        {
          kind: 'alert-joined',
          actor: BOT,
          text: `Alert firing: ${name}`,
          refs,
          ...(first ? {} : { note: { kind: 'update' } as const }),
        },
      ];
    }
    case 'resolves':
      return [{ kind: 'alert-resolved', actor: BOT, text: `Alert resolved: ${name}`, refs }];
    case 'nodata':
    case 'repeats':
    case 'late':
      return [];
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
