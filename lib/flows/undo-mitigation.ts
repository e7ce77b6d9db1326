import type { Lease } from '../domain/lease.ts';
import type { Stored } from '../ports/store.ts';
import { actionOf, moveLease, reflect, worldOf } from './apply-mitigation.ts';
import { appendAudit } from './audit.ts';
import type { Parts } from './parts.ts';

export type Undo = { readonly leaseId: string; readonly actor: string; readonly why: 'asked' | 'ended' };

/** Takes a mitigation back: by a person, or because its time is over. A crash at any step is gone on from by the next delivery. */
export const undoMitigation = async (parts: Parts, undo: Undo): Promise<void> => {
  const stored = await parts.store.read('lease', undo.leaseId);
  if (!stored) return;
  switch (stored.record.state) {
    case 'active':
    case 'unknown': {
      const reverting = await moveLease(parts, stored, 'reverting', {
        undoneBy: undo.actor,
        outcome: 'it is being undone.',
      });
      return reverting ? revert(parts, reverting, undo) : undefined;
    }
    case 'reverting':
      return revert(parts, stored, undo);
    case 'proposed':
    case 'awaiting-approval':
    case 'rejected':
    case 'applying':
    case 'failed':
    case 'reverted':
    case 'expired':
      return reflect(parts, stored.record);
  }
};

const revert = async (parts: Parts, stored: Stored<Lease>, undo: Undo): Promise<void> => {
  const lease = stored.record;
  const action = actionOf(lease.kind);
  if (!action) return;
  const fact = { incidentId: lease.incidentId, leaseId: lease.id, actor: undo.actor };
  await appendAudit(parts, {
    ...fact,
    step: 'undo-intent',
    text: undo.why === 'ended' ? 'its time is over' : 'asked to undo',
  });
  await parts.checkpoint('intended');
  const undone = await action.undo(lease, worldOf(parts, lease));
  await parts.checkpoint('effected');
  await appendAudit(parts, { ...fact, step: 'undo-outcome', text: `${undone.result}: ${undone.text}` });
  const state =
    undone.result === 'done'
      ? undo.why === 'ended'
        ? 'expired'
        : 'reverted'
      : undone.result === 'failed'
        ? 'active'
        : 'unknown';
  const moved = await moveLease(parts, stored, state, { outcome: undone.text });
  if (moved) await reflect(parts, moved.record);
};
