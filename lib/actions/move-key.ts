import type { Lease } from '../domain/lease.ts';
import { isFinal } from '../ports/final-failure.ts';
import type { Secrets, SecretVersions } from '../ports/secrets.ts';
import { type ActionStep, type ActionWorld, done, failed, MAX_ROUNDS, unknown } from './action.ts';
import { MAX_HELD, wasReleased } from './held-labels.ts';
import { CURRENT, HELD, heldLabel, NO_PLAN, type RotationPlan, readPlan, STANDBY } from './rotation-plan.ts';

export const applyRotation = async (lease: Lease, world: ActionWorld): Promise<ActionStep> => {
  const plan = readPlan(lease);
  if (plan === null) return NO_PLAN;
  return repeatUntilSettled(plan, world, (labels) => applyOnce(lease, plan, labels, world));
};

/** One load and one decision per round; null when somebody else moved a label between the two. */
const repeatUntilSettled = async (
  { secretId }: RotationPlan,
  world: ActionWorld,
  round: (labels: SecretVersions) => Promise<ActionStep | null>,
): Promise<ActionStep> => {
  for (let count = 0; count < MAX_ROUNDS; count += 1) {
    const labels = await world.secrets.labels(secretId);
    if (labels === null) return failed(`There is no secret ${secretId} any more. Nothing was changed.`);
    const step = await round(labels);
    if (step !== null) return step;
  }
  return unknown(
    `The labels of ${secretId} keep being changed by somebody else. Look at its versions before anything else.`,
  );
};

const applyOnce = async (
  lease: Lease,
  plan: RotationPlan,
  labels: SecretVersions,
  { secrets }: ActionWorld,
): Promise<ActionStep | null> => {
  const { secretId, from, to } = plan;
  const held = heldLabel(lease.id);
  const current = labels.get(CURRENT);
  const isOurs = labels.get(held) === from;
  if (current === to && isOurs) {
    if (labels.get(STANDBY) === to && !(await secrets.move(secretId, STANDBY, to, null))) return null;
    return done('The standby key is now the current key; the previous key is kept for undo.');
  }
  if (current !== from || labels.get(STANDBY) !== to) {
    if (isOurs && !(await secrets.move(secretId, held, from, null))) return null;
    const what = current === from ? 'The standby key was replaced' : 'The key was rotated';
    return failed(`${what} by somebody else in the meantime. Their change was left as it is; run triage again.`);
  }
  if (!isOurs && !(await hold(lease, plan, labels, secrets))) return null;
  await secrets.move(secretId, CURRENT, from, to);
  // Whether it moved or not: the next round sees it and goes on from there.
  return null;
};

/** Makes room first. False when somebody else moved one of the labels meanwhile. */
const hold = async (
  lease: Lease,
  { secretId, from, released }: RotationPlan,
  labels: SecretVersions,
  secrets: Secrets,
): Promise<boolean> => {
  for (const label of released.map(heldLabel)) {
    const version = labels.get(label);
    if (version !== undefined && !(await secrets.move(secretId, label, version, null))) return false;
  }
  const held = heldLabel(lease.id);
  return secrets.move(secretId, held, labels.get(held) ?? null, from);
};

export const undoRotation = async (lease: Lease, world: ActionWorld): Promise<ActionStep> => {
  const plan = readPlan(lease);
  if (plan === null) return NO_PLAN;
  return repeatUntilSettled(plan, world, (labels) => undoOnce(lease, plan, labels, world));
};

const undoOnce = async (
  lease: Lease,
  { secretId, from, to }: RotationPlan,
  labels: SecretVersions,
  { secrets, store }: ActionWorld,
): Promise<ActionStep | null> => {
  const held = heldLabel(lease.id);
  const current = labels.get(CURRENT);
  if (labels.get(held) !== from) {
    if (current !== from && (await wasReleased(lease, labels, store))) return failed(RELEASED);
    return done(
      current === from
        ? 'The previous key is the current key.'
        : 'This rotation is not in effect: no previous key is held for it. Nothing was changed.',
    );
  }
  if (current === to) {
    await secrets.move(secretId, CURRENT, to, from);
    return null;
  }
  if (current !== from) {
    return failed(
      isHeldByAnother(labels, to)
        ? 'A later rotation replaced the key of this one: undo that one first. Nothing was changed.'
        : 'The key was rotated again by somebody else. Their change was left as it is.',
    );
  }
  const standby = labels.get(STANDBY);
  if (standby === undefined && !(await secrets.move(secretId, STANDBY, null, to))) return null;
  if (!(await secrets.move(secretId, held, from, null))) return null;
  return done(
    standby === undefined || standby === to
      ? 'The previous key is the current key again, and the other one is the standby key again.'
      : 'The previous key is the current key again. The standby key that was provided since then stays.',
  );
};

const RELEASED = `It cannot be undone any more: of the rotations of one secret the newest ${MAX_HELD} are held for that, because AWS allows few labels. Nothing was changed.`;

/** Our key is the previous key of a later rotation of ours. */
const isHeldByAnother = (labels: SecretVersions, to: string): boolean =>
  [...labels].some(([label, version]) => label.startsWith(HELD) && version === to);

/** What is held is let go of where the key has not been moved; where even that is refused, a label too many harms nobody. */
export const withdrawRotation = async (lease: Lease, world: ActionWorld): Promise<boolean> => {
  const plan = readPlan(lease);
  const labels = plan === null ? null : await world.secrets.labels(plan.secretId);
  if (plan === null || labels === null) return true;
  const held = heldLabel(lease.id);
  if (labels.get(held) !== plan.from) return true;
  if (labels.get(CURRENT) === plan.to) return false;
  try {
    await world.secrets.move(plan.secretId, held, plan.from, null);
  } catch (error) {
    if (!isFinal(error)) throw error;
  }
  return true;
};
