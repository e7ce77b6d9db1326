import type { Control } from '../domain/control.ts';
import type { CallEvidence, Diagnosis, Finding } from '../domain/diagnosis.ts';
import type { Incident, IncidentAlert } from '../domain/incident.ts';
import type { Lease } from '../domain/lease.ts';
import type { AuditEntry, TimelineEntry } from '../domain/timeline.ts';
import { findTakenBack } from './course.ts';
import { describeMilestones } from './timeline.ts';

/** The allow-list of the evidence: what is not named here is not kept, also when a record grows. */

export const pickIncident = (incident: Incident, timeline: readonly TimelineEntry[]) => ({
  id: incident.id,
  title: incident.title,
  service: incident.service,
  environment: incident.environment,
  drill: incident.drill,
  status: incident.status,
  severity: incident.severity,
  severitySetBy: incident.severitySetBy,
  createdAt: incident.createdAt,
  updatedAt: incident.updatedAt,
  acknowledgedBy: incident.acknowledgedBy,
  acknowledgementTakenBack: pickTakenBack(findTakenBack(incident, timeline)),
  commander: incident.commander,
  milestones: Object.fromEntries(describeMilestones(incident).map(({ milestone, at }) => [milestone, at ?? 'unknown'])),
  revision: incident.revision,
});

const pickTakenBack = (entry: TimelineEntry | null) => (entry === null ? null : { at: entry.at, by: entry.actor });

export const pickAlerts = (incident: Incident) => ({
  totals: {
    firing: incident.totals.firing,
    resolved: incident.totals.resolved,
    nodata: incident.totals.nodata,
    received: incident.totals.received,
  },
  kept: incident.alerts.length,
  alerts: incident.alerts.map(pickAlert),
});

const pickAlert = (alert: IncidentAlert) => ({
  key: alert.key,
  source: alert.source,
  title: alert.title,
  state: alert.state,
  severity: alert.severity,
  count: alert.count,
  firstSeen: alert.firstSeen,
  lastSeen: alert.lastSeen,
  link: alert.link ?? null,
});

/** `unknown` instead of nothing: there was no diagnosis. */
export const pickDiagnosis = (diagnosis: Diagnosis | null) =>
  diagnosis === null
    ? { verdict: 'unknown', why: 'no diagnosis was made' }
    : {
        verdict: diagnosis.verdict,
        branch: diagnosis.branch,
        owner: diagnosis.owner,
        severity: diagnosis.severity,
        confidence: diagnosis.confidence,
        cause: diagnosis.cause,
        path: diagnosis.path.map(({ question, answer }) => ({ question, answer })),
        mitigations: diagnosis.mitigations.map(({ kind, why }) => ({ kind, why })),
        notOffered: diagnosis.notOffered.map(({ kind, why }) => ({ kind, why })),
        nextSteps: [...diagnosis.nextSteps],
        at: diagnosis.at,
      };

export const pickProbes = (diagnosis: Diagnosis | null) =>
  (diagnosis?.probes ?? []).map((probe) => pickProbe(probe, diagnosis));

const pickProbe = (probe: Finding, diagnosis: Diagnosis | null) => ({
  name: probe.name,
  at: diagnosis?.at ?? 'unknown',
  question: probe.question,
  outcome: probe.outcome,
  branch: probe.branch,
  latencyMs: probe.latencyMs,
  why: probe.why,
  evidence: probe.evidence === undefined ? 'none' : pickCallEvidence(probe.evidence),
});

const pickCallEvidence = (evidence: CallEvidence) => ({
  status: evidence.status,
  model: evidence.model,
  correlationId: evidence.correlationId,
  requestId: evidence.requestId,
  rateLimits: Object.fromEntries(
    Object.entries(evidence.rateLimits ?? {}).filter(([name]) => /^(?:x-)?ratelimit/i.test(name)),
  ),
  retryAfterSeconds: evidence.retryAfterSeconds,
  serverDate: evidence.serverDate,
});

export const pickTimeline = (entry: TimelineEntry) => ({
  id: entry.id,
  at: entry.at,
  kind: entry.kind,
  actor: entry.actor,
  text: entry.text,
  refs: [...entry.refs],
});

export const pickLease = (lease: Lease) => ({
  id: lease.id,
  kind: lease.kind,
  service: lease.service,
  state: lease.state,
  requestedBy: lease.requestedBy,
  requestedAt: lease.requestedAt,
  approvedBy: lease.approvedBy,
  expiresAt: lease.expiresAt,
  undoneBy: lease.undoneBy,
  plan: lease.plan,
  outcome: lease.outcome,
});

export const pickAudit = (entry: AuditEntry) => ({
  incidentId: entry.incidentId,
  sequence: entry.sequence,
  at: entry.at,
  leaseId: entry.leaseId,
  step: entry.step,
  actor: entry.actor,
  text: entry.text,
  previousHash: entry.previousHash,
  hash: entry.hash,
});

export const pickControl = (control: Control) => ({
  service: control.service,
  environment: control.environment,
  version: control.version,
  base: pickValues(control.base),
  leases: control.leases.map((lease) => ({
    leaseId: lease.leaseId,
    values: pickValues(lease.values),
    expiresAt: lease.expiresAt,
  })),
});

const pickValues = ({ fallback, maxConcurrency, timeoutMs, model }: Control['base']) => ({
  fallback,
  maxConcurrency,
  timeoutMs,
  model,
});

/** Members of the configuration whose values are kept, at any depth. */
const CONFIGURATION_NAMES: ReadonlySet<string> = new Set(
  [
    'services name environment models secretId healthUrl channel streams mayMitigate users groups',
    'mitigations fallbackMinutes needApproval approvalMinutes retentionDays mistral slack',
    'cloudwatch metrics label namespace name dimensions statistic periodSeconds logGroups logFields',
    'probing tokensPerHour allowPrivate',
    'intervals recheckMs limitedRecheckMs routineMs quietMs reopenWithinMs probeDeadlineMs',
  ].flatMap((names) => names.split(' ')),
);

export const pickConfiguration = (configuration: Readonly<Record<string, unknown>>): unknown =>
  pickNamed(configuration);

const pickNamed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(pickNamed);
  if (typeof value !== 'object' || value === null) return value;
  return mapMembers(value, (member, name) => {
    if (isEmpty(member)) return member;
    if (!CONFIGURATION_NAMES.has(name)) return 'not collected';
    // Services may be listed by name, dimensions always are: then the names are theirs and not on our list.
    const byName =
      (name === 'services' || name === 'dimensions') &&
      typeof member === 'object' &&
      member !== null &&
      !Array.isArray(member);
    return byName ? mapMembers(member, pickNamed) : pickNamed(member);
  });
};

/** Nothing was configured there, so there is nothing to hold back. */
const isEmpty = (member: unknown): boolean =>
  member === null || member === undefined || (Array.isArray(member) && member.length === 0) || isEmptyObject(member);

const isEmptyObject = (member: unknown): boolean =>
  typeof member === 'object' && member !== null && !Array.isArray(member) && Object.keys(member).length === 0;

const mapMembers = (value: object, pick: (member: unknown, name: string) => unknown): unknown =>
  Object.fromEntries(Object.entries(value).map(([name, member]: [string, unknown]) => [name, pick(member, name)]));
