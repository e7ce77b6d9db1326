import type { Lease } from '../domain/lease.ts';
import { failed } from './action.ts';

export const CURRENT = 'AWSCURRENT';
export const PREVIOUS = 'AWSPREVIOUS';
export const STANDBY = 'STANDBY';
export const HELD = 'HELD-';

/** The label that keeps the previous version from being pruned, and the proof that this lease rotated it. */
export const heldLabel = (leaseId: string): string => `${HELD}${leaseId}`;

export type RotationPlan = {
  readonly secretId: string;
  readonly from: string;
  readonly to: string;
  /** Ids of older leases whose labels make room for this one's. */
  readonly released: readonly string[];
};

export const readPlan = ({ plan }: Pick<Lease, 'plan'>): RotationPlan | null => {
  const { secretId, from, to, released = '' } = plan ?? {};
  if (secretId === undefined || from === undefined || to === undefined) return null;
  return { secretId, from, to, released: released.split(' ').filter((id) => id !== '') };
};

export const NO_PLAN = failed('This rotation has no stored plan. Nothing was changed.');
