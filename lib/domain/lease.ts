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
  /** null until it is active, and for mitigations that end only by undo. */
  readonly expiresAt: string | null;
  readonly undoneBy: string | null;
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

/** States in which a second request of the same kind would be a double press. */
export const isOpenLease = (state: LeaseState): boolean =>
  state === 'proposed' ||
  state === 'awaiting-approval' ||
  state === 'applying' ||
  state === 'active' ||
  state === 'reverting' ||
  state === 'unknown';
