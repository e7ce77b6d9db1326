import type { Alert } from '../domain/alert.ts';
import { rememberJobs } from '../domain/applied-jobs.ts';
import type { Incident } from '../domain/incident.ts';
import { isOpen } from '../domain/incident.ts';
import { BOT, changeIncident, type Happening, type Moment, setTimer } from '../domain/incident-change.ts';
import { doubtCause, reach, reopen, statusWhileOpen, withoutMitigated } from '../domain/incident-steps.ts';
import { plainText } from '../domain/plain-text.ts';
import { isMoreSevere, moreSevere, type Severity } from '../domain/severity.ts';
import { countAlerts, DEFAULT_SEVERITY, type PlacedAlert } from './count-alerts.ts';
import type { Arrival } from './place-alerts.ts';
import { tellAlerts } from './tell-alerts.ts';

/**
 * All alerts of a batch as one change of the incident. Repeats are counted and not told; a new or returning alert, a resolved one
 * and a raised severity are told, and the first alert always is. Returns the same value when all of it was counted before.
 */
export const applyAlerts = (incident: Incident, placed: readonly PlacedAlert[], moment: Moment): Incident => {
  const { alerts, totals, fresh, news, unnamedJobs } = countAlerts(incident, placed);
  if (fresh.length === 0) return incident;
  const applied = unnamedJobs.length === 0 ? incident.applied : rememberJobs(incident, unnamedJobs);
  const counted: Incident = { ...incident, alerts, totals, applied };
  const reopened = news.some(({ what }) => what === 'firing') ? reopenFor(counted, moment) : counted;
  const happenings = tellAlerts(news, incident.revision > 0);
  const severity = severityOf(reopened, fresh);
  const raised = severity !== reopened.severity;
  if (happenings.length === 0 && !raised && showsTheSame(reopened, incident)) return reopened;
  return changeIncident(reopened, moment, raised ? { severity } : {}, [
    ...happenings,
    ...(raised ? [tellRaised(reopened, severity)] : []),
  ]);
};

/** Whether the counts that the message shows are as they were. */
const showsTheSame = ({ totals }: Incident, before: Incident): boolean =>
  totals.firing === before.totals.firing && totals.resolved === before.totals.resolved;

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
    const patch = { status, ...doubtCause(moment), milestones: withoutMitigated(incident) };
    return changeIncident(incident, moment, patch, [happening]);
  }
  const step = reopen(incident, { actor: BOT, because: 'an alert fires again.' }, moment);
  return 'refused' in step ? incident : step.incident;
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

const SUMMARY_CHARS = 200;

/** One line, or null where it says no more than the title. */
const summaryOf = ({ title, summary }: Alert): string | null => {
  const line = plainText(summary, SUMMARY_CHARS);
  return line === '' || line === plainText(title, SUMMARY_CHARS) ? null : line;
};

/** The incident before its first alert is applied: revision 0, nothing to tell, triage due at once. */
export const openIncident = (first: Arrival, opening: Opening, moment: Moment): Incident => {
  const { alert } = first;
  const summary = summaryOf(alert);
  const started = alert.startedAt !== null && alert.startedAt <= first.acceptedAt ? alert.startedAt : first.acceptedAt;
  const blank: Incident = {
    ...opening,
    group: alert.group,
    integration: alert.integration,
    title: alert.title,
    ...(summary === null ? {} : { summary }),
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
