import type { Action, ActionStep } from '../actions/action.ts';
import type { Lease, LeaseUndo } from '../domain/lease.ts';
import { afterUndo } from '../mitigate/lease.ts';
import type { Stored } from '../ports/store.ts';
import { actionOf, moveLease, reflect, worldOf } from './apply-mitigation.ts';
import { appendAudit, readAudit } from './audit.ts';
import type { Parts } from './parts.ts';
import { tryUndo } from './try-action.ts';

export type Undo = { readonly leaseId: string; readonly actor: string; readonly why: 'asked' | 'ended' };

/** Takes a mitigation back: by a person, or because its time is over. A crash at any step is gone on from by the next delivery. */
export const undoMitigation = async (parts: Parts, undo: Undo): Promise<void> => {
  const stored = await parts.store.read('lease', undo.leaseId);
  if (!stored) return;
  const { state } = stored.record;
  switch (state) {
    case 'active':
    case 'unknown': {
      const reverting = await moveLease(parts, stored, 'reverting', {
        undoneBy: undo.actor,
        undo: { attempt: (stored.record.undo?.attempt ?? 0) + 1, why: undo.why, from: state },
        outcome: 'it is being undone.',
      });
      return reverting ? revert(parts, reverting) : undefined;
    }
    case 'reverting':
      return revert(parts, stored);
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

/** A lease of an older program that is being undone does not say since when: as if its time were over, which asks the least. */
const UNKNOWN_UNDO: LeaseUndo = { attempt: 1, why: 'ended', from: 'active' };

const revert = async (parts: Parts, stored: Stored<Lease>): Promise<void> => {
  const lease = stored.record;
  const action = actionOf(lease.kind);
  if (!action) return;
  const undo = lease.undo ?? UNKNOWN_UNDO;
  const undone = (await readOutcome(parts, lease, undo)) ?? (await undoOnce(parts, lease, action, undo));
  const { state, expiresAt } = afterUndo(lease, undo, undone.result);
  const moved = await moveLease(parts, stored, state, { expiresAt, outcome: undone.text });
  if (moved) await reflect(parts, moved.record);
};

const undoOnce = async (parts: Parts, lease: Lease, action: Action, undo: LeaseUndo): Promise<ActionStep> => {
  const fact = { incidentId: lease.incidentId, leaseId: lease.id, actor: lease.undoneBy ?? '' };
  const why = undo.why === 'ended' ? 'its time is over' : 'asked to undo';
  await appendAudit(parts, { ...fact, step: 'undo-intent', text: why });
  await parts.checkpoint('intended');
  const undone = await tryUndo(action, lease, worldOf(parts, lease));
  await parts.checkpoint('effected');
  await appendAudit(parts, { ...fact, step: 'undo-outcome', text: `${undone.result}: ${undone.text}` });
  return undone;
};

/** What this attempt brought, where a crash came between its outcome and the lease: it is not made again. */
const readOutcome = async (parts: Parts, lease: Lease, { attempt }: LeaseUndo): Promise<ActionStep | null> => {
  const audit = await readAudit(parts, lease.incidentId);
  const outcomes = audit.filter((entry) => entry.leaseId === lease.id && entry.step === 'undo-outcome');
  const written = outcomes[attempt - 1]?.text ?? null;
  const result = RESULTS.find((one) => written?.startsWith(`${one}: `));
  return written === null || result === undefined ? null : { result, text: written.slice(result.length + 2) };
};

const RESULTS = ['done', 'failed', 'unknown'] as const;
