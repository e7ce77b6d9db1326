import { effectiveValues } from '../domain/control.ts';
import type { Lease } from '../domain/lease.ts';
import { type Action, type ActionPreview, type ActionStep, type ActionWorld, done, failed } from './action.ts';
import { applyControlLease, loadControl, undoControlLease, verifyControlLease } from './control-lease.ts';

const readableTime = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

const preview = async (_lease: Lease, world: ActionWorld): Promise<ActionPreview> => {
  const { name } = world.target;
  const { control } = await loadControl(world);
  if (effectiveValues(control).fallback === true) {
    const until = control.leases.at(-1)?.expiresAt;
    const end = until === undefined || until === null ? '' : ` until ${readableTime(until)}`;
    return { refused: `The fallback of ${name} is already on${end}.` };
  }
  const minutes = String(world.fallbackMinutes);
  return {
    plan: { fallback: 'true', minutes },
    text: `Applications of ${name} are told to use their fallback for ${minutes} minutes. It can be undone at any time.`,
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
export const enableFallback: Action = { kind: 'enable-fallback', preview, apply, verify, undo };
