import type { Incident, MitigationSummary, TimerKind } from '../domain/incident.ts';
import { setTimer } from '../domain/incident-change.ts';
import { isLasting, isOpenLease, type Lease, type LeaseState, type LeaseUndo } from '../domain/lease.ts';
import { approvalEndMs } from './approval.ts';

/** What a step of an action brought, in the words of the actions. */
type Result = 'done' | 'failed' | 'unknown';

/** Applied but not verified is not failed: it is in effect and can be undone. */
export const stateAfterApply = (applied: Result, verified: Result): LeaseState => {
  switch (applied) {
    case 'done':
      return verified === 'done' ? 'active' : 'unknown';
    case 'failed':
      return 'failed';
    case 'unknown':
      return 'unknown';
  }
};

type Undone = Pick<Lease, 'expiresAt'> & { readonly state: LeaseState };

/**
 * What an undo leaves: an end that was refused stays until a person presses, so that nothing is tried again and again on its own;
 * one that nobody knows is tried again.
 */
export const afterUndo = (lease: Pick<Lease, 'expiresAt'>, undo: LeaseUndo, result: Result): Undone => {
  const { expiresAt } = lease;
  switch (result) {
    case 'done':
      return { state: undo.why === 'ended' ? 'expired' : 'reverted', expiresAt };
    case 'failed':
      return { state: undo.from, expiresAt: undo.why === 'ended' ? null : expiresAt };
    case 'unknown':
      return { state: 'unknown', expiresAt };
  }
};

/** The minutes of the plan count from the moment it is applied: waiting for an approval costs none of them. */
export const endOf = (plan: Lease['plan'], nowMs: number): string | null => {
  const minutes = Number(plan?.['minutes'] ?? Number.NaN);
  return Number.isFinite(minutes) ? new Date(nowMs + minutes * 60_000).toISOString() : null;
};

/**
 * A lease wakes its incident when its time is over, or the time for its approval. What may be in effect ends like what is.
 * The same list when nothing changes.
 */
export const leaseTimers = (
  timers: Incident['timers'],
  lease: Pick<Lease, 'id' | 'state' | 'expiresAt' | 'requestedAt'>,
  approvalMinutes: number,
): Incident['timers'] => {
  const { id, state, expiresAt } = lease;
  const mayBeInEffect = state === 'active' || state === 'unknown' || state === 'reverting';
  const endsMs = mayBeInEffect && expiresAt !== null ? Date.parse(expiresAt) : null;
  const approvalMs = state === 'awaiting-approval' ? approvalEndMs(lease, approvalMinutes) : null;
  const wanted = [
    { kind: 'lease-end', dueMs: endsMs, refId: id },
    { kind: 'approval-end', dueMs: approvalMs, refId: id },
  ] as const;
  const isSet = wanted.every(({ kind, dueMs }) => dueOf(timers, kind, id) === dueMs);
  return isSet ? timers : wanted.reduce<Incident['timers']>(setTimer, timers);
};

const dueOf = (timers: Incident['timers'], kind: TimerKind, id: string): number | null =>
  timers.find((timer) => timer.kind === kind && timer.refId === id)?.dueMs ?? null;

/** Summaries kept in the incident; the leases themselves are kept all. */
const SUMMARIES_KEPT = 20;

/** The newest ones, and whatever is under way or in effect: without its summary nobody could undo it. */
export const keepSummaries = (mitigations: readonly MitigationSummary[]): readonly MitigationSummary[] => {
  const tooMany = Math.max(0, mitigations.length - SUMMARIES_KEPT);
  const over = mitigations.filter(({ state }) => !isOpenLease(state));
  // Of many rotations the newest is undone first, so the oldest is missed least.
  const lasting = mitigations.slice(0, -1).filter(({ kind, state }) => isLasting(kind) && state === 'active');
  const dropped = new Set([...over, ...lasting].slice(0, tooMany));
  return mitigations.filter((mitigation) => !dropped.has(mitigation));
};
