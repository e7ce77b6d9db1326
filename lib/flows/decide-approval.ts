import { renderWhisper, whisperGone } from '../../templates/whisper.ts';
import type { SlackRequest } from '../domain/job.ts';
import type { ChatMessage } from '../domain/message.ts';
import { mayApprove } from '../mitigate/approval.ts';
import { moveLease, reflect } from './apply-mitigation.ts';
import { appendAudit } from './audit.ts';
import { permit } from './may-press.ts';
import type { Parts } from './parts.ts';
import { buttonName } from './take-step.ts';

/** Approve or reject by a second person, bound to the plan that the lease already holds. Returns what the person is told. */
export const decideApproval = async (
  parts: Parts,
  request: SlackRequest,
  approves: boolean,
): Promise<ChatMessage | null> => {
  const stored = await parts.store.read('lease', request.value);
  if (!stored) return whisperGone(buttonName(request));
  const lease = stored.record;
  const endsMs = Date.parse(lease.requestedAt) + parts.settings.approvalMinutes * 60_000;
  const decided = await permit(parts, request, (presser) =>
    mayApprove(lease, presser, { nowMs: parts.clock.nowMs(), endsMs }),
  );
  if (!decided.allowed) return renderWhisper(decided.why);
  const fact = { incidentId: lease.incidentId, leaseId: lease.id, actor: request.user };
  if (!approves) {
    await appendAudit(parts, { ...fact, step: 'rejected', text: 'rejected' });
    const rejected = await moveLease(parts, stored, 'rejected', {
      outcome: `rejected by <@${request.user}>; nothing was changed.`,
    });
    if (rejected) await reflect(parts, rejected.record);
    return null;
  }
  await appendAudit(parts, { ...fact, step: 'approved', text: lease.outcome });
  const approved = { ...lease, approvedBy: request.user };
  if ((await parts.store.write('lease', lease.id, approved, stored.version)) === null)
    return renderWhisper('Somebody else was faster; look at the message.');
  const body = { kind: 'mitigate', leaseId: lease.id, incidentId: lease.incidentId } as const;
  await parts.jobs.put([{ id: `mitigate:${lease.id}:approved`, queue: 'mitigate', body }]);
  return null;
};
