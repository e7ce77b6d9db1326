import { createHash } from 'node:crypto';
import type { Incident, MitigationSummary, Note } from '../domain/incident.ts';
import { isOpen } from '../domain/incident.ts';
import { BOT, changeIncident, type Happening, type Moment } from '../domain/incident-change.ts';
import { statusWhileOpen, withoutMitigated } from '../domain/incident-steps.ts';
import { blocksAnother, isAtWork, isOpenLease, type Lease, type MitigationKind } from '../domain/lease.ts';
import { MITIGATION_NAMES } from '../domain/names.ts';
import { neededApproval } from './approval.ts';
import { keepSummaries } from './lease.ts';

export type MitigationRequest = {
  readonly kind: MitigationKind;
  readonly user: string;
  readonly leaseId: string;
  /** A button may be pressed again before its message shows what the first press has done; a command is meant as it is typed. */
  readonly isButton?: boolean;
};

export type RequestDecision =
  | { readonly lease: Lease; readonly incident: Incident; readonly reason: string }
  | { readonly refused: string };

/** The same press always asks for the same lease, so that a press that is delivered twice runs once. */
export const leaseIdOf = (jobId: string): string =>
  `LSE-${createHash('sha256').update(jobId).digest('hex').slice(0, 12).toUpperCase()}`;

/** One lease of a kind at a time per incident: the second of two presses at the same time finds the first one's. */
export const requestMitigation = (incident: Incident, request: MitigationRequest, moment: Moment): RequestDecision => {
  const { kind, user, leaseId } = request;
  const resumed = incident.mitigations.find((mitigation) => mitigation.id === leaseId);
  if (resumed) return { incident, lease: newLease(incident, request, moment), reason: 'asked before: resumed' };
  if (!isOpen(incident)) return { refused: `${incident.id} is already resolved: reopen it first.` };
  const running = findRunning(incident, request);
  if (running) return { refused: `<@${running.requestedBy}> has already pressed it: ${running.outcome}` };
  const useless = incident.diagnosis?.notOffered.find((advice) => advice.kind === kind);
  // What the application does without its models its people know better than its configuration here: who types it means it.
  const isKnownBetter = kind === 'enable-fallback' && request.isButton !== true;
  if (useless && !isKnownBetter) return { refused: `Not done, because it would not help: ${useless.why}` };
  const summary: MitigationSummary = {
    id: leaseId,
    kind,
    state: 'proposed',
    requestedBy: user,
    approvedBy: null,
    expiresAt: null,
    outcome: 'it is being prepared.',
    since: moment.at,
  };
  const happening: Happening = {
    kind: 'mitigation',
    actor: user,
    text: `${MITIGATION_NAMES[kind]} asked for by <@${user}>.`,
    refs: [`lease ${leaseId}`],
  };
  const mitigations = keepSummaries([...incident.mitigations, summary]);
  return {
    incident: changeIncident(incident, moment, { mitigations }, [happening]),
    lease: newLease(incident, request, moment),
    reason: 'nothing of this kind is running',
  };
};

/** By a button, what was done for good may be done again only where a diagnosis that knows of it offers the button. */
const findRunning = (
  { diagnosis, mitigations }: Incident,
  { kind, isButton = false }: MitigationRequest,
): MitigationSummary | undefined => {
  const ofKind = mitigations.filter((mitigation) => mitigation.kind === kind);
  if (!isButton || diagnosis === null) return ofKind.find(({ state }) => blocksAnother(kind, state));
  const isOffered = diagnosis.mitigations.some((advice) => advice.kind === kind);
  return ofKind.find((mitigation) => (isOffered ? isAtWork(mitigation, diagnosis.at) : isOpenLease(mitigation.state)));
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
export const reflectLease = (incident: Incident, lease: Lease, moment: Moment): Incident => {
  const old = incident.mitigations.find((mitigation) => mitigation.id === lease.id);
  if (!old || isTold(old, lease)) return incident;
  const { state, approvedBy, expiresAt, outcome } = lease;
  const since = old.state === state ? (old.since ?? moment.at) : moment.at;
  const mitigations = incident.mitigations.map((mitigation) =>
    mitigation.id === lease.id ? { ...mitigation, state, approvedBy, expiresAt, outcome, since } : mitigation,
  );
  const open = isOpen(incident) && incident.status !== 'monitoring';
  const status = open ? statusWhileOpen({ ...incident, mitigations }) : incident.status;
  const milestones = state === 'reverted' && open ? withoutMitigated(incident) : incident.milestones;
  const changed = changeIncident(incident, moment, { mitigations, status, milestones }, [happeningOf(lease)]);
  return neededApproval(lease) ? showDecision(changed, lease, moment) : changed;
};

const isTold = (old: MitigationSummary, lease: Lease): boolean =>
  old.state === lease.state &&
  old.outcome === lease.outcome &&
  old.approvedBy === lease.approvedBy &&
  old.expiresAt === lease.expiresAt;

/** What is under way is shown by the messages that are there; how it ended is told anew. */
const happeningOf = (lease: Lease): Happening => {
  const isUnderWay = lease.state === 'awaiting-approval' || lease.state === 'applying';
  return {
    kind: 'mitigation',
    // A time that is over was nobody's wish.
    actor: lease.undo?.why === 'asked' ? (lease.undoneBy ?? BOT) : BOT,
    text: `${MITIGATION_NAMES[lease.kind]}: ${lease.outcome}`,
    refs: [`lease ${lease.id}`],
    ...(isUnderWay ? {} : { note: { kind: 'update' } as const }),
  };
};

/**
 * The message that asks for the approval is due, as often as its lease changes: posted once, then edited. A note that waits is
 * replaced and not kept, because it may be told right now as the lease was before.
 */
const showDecision = (incident: Incident, lease: Lease, moment: Moment): Incident => {
  const notes = incident.outbox.notes.filter((note) => note.kind !== 'approval' || note.refId !== lease.id);
  const text = `${MITIGATION_NAMES[lease.kind]}: ${lease.outcome}`;
  const note: Note = { id: moment.newId(), kind: 'approval', at: moment.at, text, refId: lease.id };
  return { ...incident, outbox: { ...incident.outbox, notes: [...notes, note] } };
};
