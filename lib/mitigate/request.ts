import { createHash } from 'node:crypto';
import type { Incident, MitigationSummary } from '../domain/incident.ts';
import { isOpen } from '../domain/incident.ts';
import { changeIncident, type Happening, type Moment } from '../domain/incident-change.ts';
import { reach, statusWhileOpen } from '../domain/incident-steps.ts';
import { isOpenLease, type Lease, type MitigationKind } from '../domain/lease.ts';
import { MITIGATION_NAMES } from '../domain/names.ts';

export type MitigationRequest = { readonly kind: MitigationKind; readonly user: string; readonly leaseId: string };

export type RequestDecision =
  | { readonly lease: Lease; readonly incident: Incident; readonly reason: string }
  | { readonly refused: string };

/** Summaries kept in the incident; the leases themselves are kept all. */
const SUMMARIES_KEPT = 20;

/** The same press always asks for the same lease, so that a press that is delivered twice runs once. */
export const leaseIdOf = (jobId: string): string =>
  `LSE-${createHash('sha256').update(jobId).digest('hex').slice(0, 12).toUpperCase()}`;

/** One open lease of a kind per incident: the second of two presses at the same time finds the first one's. */
export const requestMitigation = (incident: Incident, request: MitigationRequest, moment: Moment): RequestDecision => {
  const { kind, user, leaseId } = request;
  const resumed = incident.mitigations.find((mitigation) => mitigation.id === leaseId);
  if (resumed) return { incident, lease: newLease(incident, request, moment), reason: 'asked before: resumed' };
  if (!isOpen(incident)) return { refused: `${incident.id} is already resolved: reopen it first.` };
  const running = incident.mitigations.find((mitigation) => mitigation.kind === kind && isOpenLease(mitigation.state));
  if (running) return { refused: `<@${running.requestedBy}> has already pressed it: ${running.outcome}` };
  const useless = incident.diagnosis?.notOffered.find((advice) => advice.kind === kind);
  if (useless) return { refused: `Not done, because it would not help: ${useless.why}` };
  const summary: MitigationSummary = {
    id: leaseId,
    kind,
    state: 'proposed',
    requestedBy: user,
    approvedBy: null,
    expiresAt: null,
    outcome: 'it is being prepared.',
  };
  const happening: Happening = {
    kind: 'mitigation',
    actor: user,
    text: `${MITIGATION_NAMES[kind]} asked for by <@${user}>.`,
    refs: [`lease ${leaseId}`],
  };
  const mitigations = [...incident.mitigations, summary].slice(-SUMMARIES_KEPT);
  return {
    incident: changeIncident(incident, moment, { mitigations }, [happening]),
    lease: newLease(incident, request, moment),
    reason: 'nothing of this kind is running',
  };
};

const newLease = (incident: Incident, { kind, user, leaseId }: MitigationRequest, moment: Moment): Lease => ({
  id: leaseId,
  incidentId: incident.id,
  kind,
  service: incident.service,
  environment: incident.environment,
  state: 'proposed',
  requestedBy: user,
  requestedAt: moment.at,
  approvedBy: null,
  expiresAt: null,
  undoneBy: null,
  plan: null,
  outcome: 'it is being prepared.',
});

/** Brings the incident's summary to the lease's state and tells it, once. */
export const reflectLease = (incident: Incident, lease: Lease, moment: Moment, happening: Happening): Incident => {
  const old = incident.mitigations.find((mitigation) => mitigation.id === lease.id);
  if (!old || (old.state === lease.state && old.outcome === lease.outcome && old.approvedBy === lease.approvedBy))
    return incident;
  const mitigations = incident.mitigations.map((mitigation) =>
    mitigation.id === lease.id
      ? {
          ...mitigation,
          state: lease.state,
          approvedBy: lease.approvedBy,
          expiresAt: lease.expiresAt,
          outcome: lease.outcome,
        }
      : mitigation,
  );
  const open = isOpen(incident) && incident.status !== 'monitoring';
  const status = open ? statusWhileOpen({ ...incident, mitigations }) : incident.status;
  const milestones = lease.state === 'active' ? reach(incident, 'mitigated', moment.at) : incident.milestones;
  return changeIncident(incident, moment, { mitigations, status, milestones }, [happening]);
};
