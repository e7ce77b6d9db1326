import { type ControlLease, effectiveValues } from '../domain/control.ts';
import type { Lease } from '../domain/lease.ts';
import { tellNeedless } from '../domain/needless.ts';
import { formatClock } from '../domain/utc.ts';
import { type Action, type ActionPreview, type ActionStep, type ActionWorld, done, failed } from './action.ts';
import {
  applyControlLease,
  loadControl,
  undoControlLease,
  verifyControlLease,
  withdrawControlLease,
} from './control-lease.ts';

const readableTime = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

/** Until when it is on, and through which other incident. */
const tellOn = async (lease: Lease, on: ControlLease | undefined, { store, clock }: ActionWorld): Promise<string> => {
  const now = new Date(clock.nowMs()).toISOString();
  const until = on?.expiresAt ? ` until ${formatClock(on.expiresAt, now)}` : '';
  const other = on === undefined ? null : await store.read('lease', on.leaseId);
  const through =
    other === null || other.record.incidentId === lease.incidentId ? '' : `, through ${other.record.incidentId}`;
  return tellNeedless(`the fallback is already on${until}${through}.`);
};

const preview = async (lease: Lease, world: ActionWorld): Promise<ActionPreview> => {
  const { control } = await loadControl(world);
  if (effectiveValues(control).fallback === true) {
    return { refused: await tellOn(lease, control.leases.at(-1), world) };
  }
  const minutes = String(world.fallbackMinutes);
  return {
    plan: { fallback: 'true', minutes },
    text: `Applications of ${world.target.name} are told to use their fallback for ${minutes} minutes. It can be undone at any time.`,
  };
};

const apply = async (lease: Lease, world: ActionWorld): Promise<ActionStep> => {
  const { plan, expiresAt } = lease;
  if (plan === null || expiresAt === null) return failed('This change has no stored plan. Nothing was changed.');
  const step = await applyControlLease(lease, (control) => ({ ...control.base, fallback: true }), expiresAt, world);
  return step.result === 'done'
    ? done(`The fallback of ${world.target.name} is on until ${readableTime(expiresAt)}.`)
    : step;
};

const verify = async (lease: Lease, world: ActionWorld): Promise<ActionStep> => {
  const step = await verifyControlLease(lease, world);
  if (step.result !== 'done') return step;
  const { control } = await loadControl(world);
  return effectiveValues(control).fallback === true
    ? done(`Applications of ${world.target.name} can read that their fallback is on.`)
    : done(`A newer change is in effect for ${world.target.name}; the fallback follows when that one ends.`);
};

const undo = async (lease: Lease, world: ActionWorld): Promise<ActionStep> => {
  const step = await undoControlLease(lease, world);
  if (step.result !== 'done') return step;
  const { control } = await loadControl(world);
  return effectiveValues(control).fallback === true
    ? done(`This fallback of ${world.target.name} ended; another change keeps it on.`)
    : done(`The fallback of ${world.target.name} is off.`);
};

/** Tells the service's applications to use their fallback, for a time. */
export const enableFallback: Action = {
  kind: 'enable-fallback',
  preview,
  apply,
  verify,
  undo,
  withdraw: withdrawControlLease,
};
