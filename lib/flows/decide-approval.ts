import { whisperGone } from '../../templates/whisper.ts';
import type { SlackRequest } from '../domain/job.ts';
import type { Lease } from '../domain/lease.ts';
import type { ChatMessage } from '../domain/message.ts';
import { approvalEndMs, mayApprove, type Permission } from '../mitigate/approval.ts';
import type { Stored } from '../ports/store.ts';
import { auditDecision, isIncidentOpen, moveLease, reflect } from './apply-mitigation.ts';
import { permit } from './may-press.ts';
import type { Parts } from './parts.ts';
import { refuseMitigation } from './refuse-press.ts';
import { type Asked, buttonName } from './take-step.ts';

/**
 * Approve or reject by a second person, bound to the plan that the lease already holds. The lease decides who was first, then it is
 * audited: a press that comes again after a crash finds its own decision and finishes it. Returns what the person is told.
 */
export const decideApproval = async (parts: Parts, asked: Asked, approves: boolean): Promise<ChatMessage | null> => {
  const { request } = asked;
  for (;;) {
    const stored = await parts.store.read('lease', request.value);
    if (!stored) return whisperGone(buttonName(request));
    const lease = stored.record;
    if ((approves ? lease.approvedBy : lease.rejectedBy) === request.user) return finishDecision(parts, lease);
    const refused = await findRefusal(parts, request, lease, approves);
    if (refused !== null) return refuseMitigation(parts, asked, refused, lease.incidentId);
    const written = await (approves ? approve : reject)(parts, stored, request.user);
    if (written !== null) return finishDecision(parts, written);
  }
};

const findRefusal = async (
  parts: Parts,
  request: SlackRequest,
  lease: Lease,
  approves: boolean,
): Promise<Permission | null> => {
  const now = {
    nowMs: parts.clock.nowMs(),
    endsMs: approvalEndMs(lease, parts.settings.approvalMinutes),
    // Rejecting changes nothing, so it is never too late for it.
    isIncidentOpen: !approves || (await isIncidentOpen(parts, lease)),
  };
  const decided = await permit(parts, request, (presser) => mayApprove(lease, presser, now));
  if (decided.allowed) return null;
  // Nobody can approve it any more: it is over, and its buttons go.
  if (!now.isIncidentOpen) await goOn(parts, lease, 'resolved');
  return decided;
};

/** null: somebody else was faster; look again. */
const approve = async (parts: Parts, { record, version }: Stored<Lease>, user: string): Promise<Lease | null> => {
  const approved = { ...record, approvedBy: user };
  return (await parts.store.write('lease', record.id, approved, version)) === null ? null : approved;
};

const reject = async (parts: Parts, stored: Stored<Lease>, user: string): Promise<Lease | null> => {
  const outcome = `rejected by <@${user}>; nothing was changed.`;
  return (await moveLease(parts, stored, 'rejected', { rejectedBy: user, outcome }))?.record ?? null;
};

const finishDecision = async (parts: Parts, lease: Lease): Promise<null> => {
  await auditDecision(parts, lease);
  await reflect(parts, lease);
  if (lease.state === 'awaiting-approval') await goOn(parts, lease, 'approved');
  return null;
};

const goOn = (parts: Parts, lease: Lease, because: 'approved' | 'resolved'): Promise<void> => {
  const body = { kind: 'mitigate', leaseId: lease.id, incidentId: lease.incidentId } as const;
  return parts.jobs.put([{ id: `mitigate:${lease.id}:${because}`, queue: 'mitigate', body }]);
};
