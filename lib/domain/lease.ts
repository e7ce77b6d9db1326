/** Mitigations that can be asked for. */
export const MITIGATIONS = [
  'rotate-key',
  'enable-fallback',
  'reduce-concurrency',
  'raise-timeout',
  'switch-model',
  'rollback',
] as const;
export type MitigationKind = (typeof MITIGATIONS)[number];

export const LEASE_STATES = [
  'proposed',
  'awaiting-approval',
  'rejected',
  'applying',
  'active',
  'failed',
  'unknown',
  'reverting',
  'reverted',
  'expired',
] as const;
export type LeaseState = (typeof LEASE_STATES)[number];

/** The attempt to take a mitigation back that is under way, or was the last one. */
export type LeaseUndo = {
  /** 1, 2, 3, …: a person who asks again makes another attempt, a crash does not. */
  readonly attempt: number;
  /** `ended`: nobody asked, its time is over. */
  readonly why: 'asked' | 'ended';
  /** The state to return to when it cannot be taken back. */
  readonly from: 'active' | 'unknown';
};

/**
 * A mitigation as a lease: it remembers the previous value, who asked, who approved, when it ends, and can be undone.
 * The lease is the truth; the incident keeps a summary of it for the message.
 */
export type Lease = {
  readonly id: string;
  readonly incidentId: string;
  readonly kind: MitigationKind;
  readonly service: string;
  /** With the service: whose key and whose controls. */
  readonly environment: string;
  readonly state: LeaseState;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly approvedBy: string | null;
  readonly rejectedBy?: string | null;
  /** null until it is applied, and for mitigations that end only by undo. */
  readonly expiresAt: string | null;
  readonly undoneBy: string | null;
  readonly undo?: LeaseUndo | null;
  /** What was before and what is wanted, ids and values without secrets; the action defines the members. */
  readonly plan: Readonly<Record<string, string>> | null;
  /** One sentence for people: what happened, or what to do by hand. */
  readonly outcome: string;
};

const NEXT: Readonly<Record<LeaseState, readonly LeaseState[]>> = {
  proposed: ['awaiting-approval', 'applying', 'failed'],
  'awaiting-approval': ['applying', 'rejected', 'expired'],
  rejected: [],
  applying: ['active', 'failed', 'unknown'],
  active: ['reverting'],
  failed: [],
  unknown: ['active', 'failed', 'reverting'],
  reverting: ['reverted', 'expired', 'active', 'unknown'],
  reverted: [],
  expired: [],
};

export const mayMove = (from: LeaseState, to: LeaseState): boolean => NEXT[from].includes(to);

/** Under way, or (perhaps) in effect. */
export const isOpenLease = (state: LeaseState): boolean =>
  state === 'proposed' ||
  state === 'awaiting-approval' ||
  state === 'applying' ||
  state === 'active' ||
  state === 'reverting' ||
  state === 'unknown';

/** Done at once and for good: the next one of its kind is another mitigation, not a second press. */
export const isLasting = (kind: MitigationKind): boolean => kind === 'rotate-key' || kind === 'rollback';

/** Whether a second request of this kind would be a double press. */
export const blocksAnother = (kind: MitigationKind, state: LeaseState): boolean =>
  isOpenLease(state) && !(isLasting(kind) && (state === 'active' || state === 'unknown'));

type Begun = { readonly kind: MitigationKind; readonly state: LeaseState; readonly since?: string };

/** Whether its button is gone, or should be. What is done for good is offered again by a diagnosis that knows of it, not by the one that it answered. */
export const isAtWork = ({ kind, state, since }: Begun, diagnosedAt: string): boolean =>
  blocksAnother(kind, state) || (isOpenLease(state) && (since === undefined || diagnosedAt <= since));
