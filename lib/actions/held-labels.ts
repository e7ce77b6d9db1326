import type { Lease } from '../domain/lease.ts';
import type { SecretVersions } from '../ports/secrets.ts';
import type { Store } from '../ports/store.ts';
import { CURRENT, HELD, PREVIOUS, readPlan } from './rotation-plan.ts';

/** Rotations of one secret that can be undone; older ones are many keys ago. */
export const MAX_HELD = 10;

/** Of one secret, on all its versions (quotas of AWS Secrets Manager, read 2026-11). */
const MAX_LABELS = 20;

/** A rotation may put these on. */
const WITH_ROTATION = [CURRENT, PREVIOUS];

/** Ids of the leases that hold a version of this secret. */
const holdersOf = (labels: SecretVersions): readonly string[] =>
  [...labels.keys()].flatMap((label) => (label.startsWith(HELD) ? [label.slice(HELD.length)] : []));

/** Whose label is needed least: of what is over or nobody knows, then of the oldest. */
const ageOf = (lease: Lease | undefined): string =>
  lease === undefined || lease.state === 'failed' || lease.state === 'reverted' || lease.state === 'expired'
    ? ''
    : lease.requestedAt;

/**
 * The leases whose labels are to be taken off so that one more can be held: otherwise AWS refuses the label, and with it every further
 * rotation. Empty as long as there is room.
 */
export const chooseReleased = async (
  labels: SecretVersions,
  store: Pick<Store, 'read'>,
): Promise<readonly string[]> => {
  const holders = holdersOf(labels);
  const others = new Set([...labels.keys(), ...WITH_ROTATION].filter((label) => !label.startsWith(HELD))).size;
  const room = Math.min(MAX_HELD, MAX_LABELS - others) - 1;
  if (holders.length <= room) return [];
  const aged = await Promise.all(
    holders.map(async (id) => ({ id, age: ageOf((await store.read('lease', id))?.record) })),
  );
  return aged
    .toSorted((one, other) => (one.age < other.age ? -1 : Number(one.age > other.age)))
    .slice(0, holders.length - Math.max(0, room))
    .map(({ id }) => id);
};

/** Whether a later rotation took the label of this one off. */
export const wasReleased = async (
  lease: Lease,
  labels: SecretVersions,
  store: Pick<Store, 'read'>,
): Promise<boolean> => {
  const holders = await Promise.all(holdersOf(labels).map((id) => store.read('lease', id)));
  return holders.some((holder) => holder !== null && readPlan(holder.record)?.released.includes(lease.id));
};
