import type { Lease } from '../domain/lease.ts';
import { tellNeedless } from '../domain/needless.ts';
import { formatClock } from '../domain/utc.ts';
import type { SecretVersions } from '../ports/secrets.ts';
import { type Action, type ActionPreview, type ActionStep, type ActionWorld, done, failed, unknown } from './action.ts';
import { chooseReleased, MAX_HELD } from './held-labels.ts';
import { applyRotation, undoRotation, withdrawRotation } from './move-key.ts';
import { CURRENT, HELD, NO_PLAN, readPlan, STANDBY } from './rotation-plan.ts';
import { chatCall, describeFailure, findFailure, isRefusal, listCall } from './try-key.ts';

/** By where the keys live: nobody can put one where the embedded Mistral makes them up. */
const provideStandby = ({ keysLiveIn, target }: ActionWorld): string => {
  switch (keysLiveIn) {
    case 'local':
      return 'To provide one: create a key in the Mistral console, set MISTRAL_STANDBY_KEY to it and start the bot again.';
    case 'embedded':
      return 'The embedded Mistral makes its keys up, one pair for each STATE_DIR: start again with a fresh one to have a new pair.';
    case 'aws':
      return `To provide one: create a key in the Mistral console and store it as a version of the secret ${target.secretId} with the label STANDBY: aws secretsmanager put-secret-value --secret-id ${target.secretId} --version-stages STANDBY --secret-string "$(cat)", then paste the key, Enter, Ctrl-D.`;
  }
};

/**
 * The rotation of this secret through another incident, when it was done since this one began and its key is the current one. A label may
 * stay for months: an older rotation says nothing about the key that fails now.
 */
const findOtherRotation = async (lease: Lease, labels: SecretVersions, { store }: ActionWorld) => {
  const began = (await store.read('incident', lease.incidentId))?.record;
  if (began === undefined) return null;
  for (const label of labels.keys()) {
    const other = label.startsWith(HELD) ? (await store.read('lease', label.slice(HELD.length)))?.record : undefined;
    if (other === undefined || other.incidentId === lease.incidentId) continue;
    const incident = (await store.read('incident', other.incidentId))?.record;
    const at = incident?.mitigations.find(({ id }) => id === other.id)?.since ?? other.requestedAt;
    const isSince = at >= (began.milestones.started ?? began.createdAt);
    if (isSince && other.plan?.['to'] === labels.get(CURRENT)) return { incidentId: other.incidentId, at };
  }
  return null;
};

/** Null where the key is still to be rotated. */
const whyNeedless = async (lease: Lease, labels: SecretVersions, world: ActionWorld): Promise<string | null> => {
  const other = await findOtherRotation(lease, labels, world);
  const key = other === null ? null : await world.secrets.value(world.target.secretId, { label: CURRENT });
  if (other === null || key === null || key === '') return null;
  const chat = chatCall(key, world);
  if (findFailure(await Promise.all(chat.length === 0 ? listCall(key, world) : chat)) !== null) return null;
  const now = new Date(world.clock.nowMs()).toISOString();
  return tellNeedless(
    `the key was already rotated at ${formatClock(other.at, now)} (incident ${other.incidentId}), and Mistral accepts it.`,
  );
};

/** Begins with a space. Empty where every rotation that could be undone still can. */
const tellReleased = (lease: Pick<Lease, 'plan'>): string => {
  const released = readPlan(lease)?.released ?? [];
  if (released.length === 0) return '';
  return ` Only the newest ${MAX_HELD} rotations of a secret can be undone: ${released.join(', ')} no more.`;
};

const preview = async (lease: Lease, world: ActionWorld): Promise<ActionPreview> => {
  const { secretId, name } = world.target;
  const labels = await world.secrets.labels(secretId);
  if (labels === null) return { refused: `There is no secret ${secretId}, so the key of ${name} cannot be rotated.` };
  const from = labels.get(CURRENT);
  const to = labels.get(STANDBY);
  if (from === undefined) return { refused: `The secret ${secretId} has no current version.` };
  const needless = await whyNeedless(lease, labels, world);
  if (needless !== null) return { refused: needless };
  if (to === undefined) return { refused: `There is no standby key for ${name}. ${provideStandby(world)}` };
  const key = await world.secrets.value(secretId, { versionId: to });
  if (key === null || key === '') return { refused: `The standby version of ${secretId} has no value.` };
  if (from === to || key === (await world.secrets.value(secretId, { versionId: from }))) {
    return { refused: `The standby key of ${name} is the current key itself. ${provideStandby(world)}` };
  }
  const problem = findFailure(await Promise.all([...listCall(key, world), ...chatCall(key, world)]));
  if (problem !== null) {
    return {
      refused: `The standby key was tried first and ${describeFailure(problem)}. The current key was left in place.`,
    };
  }
  const released = await chooseReleased(labels, world.store);
  const plan = { secretId, from, to, ...(released.length === 0 ? {} : { released: released.join(' ') }) };
  return {
    plan,
    text: `The standby key of ${name} was tried and works. It becomes the current key; the previous key is kept for undo. No standby key will be left.${tellReleased({ plan })}`,
  };
};

const verify = async (lease: Lease, world: ActionWorld): Promise<ActionStep> => {
  const { result, text } = await tryNewKey(lease, world);
  return { result, text: `${text}${tellReleased(lease)}` };
};

const tryNewKey = async (lease: Lease, world: ActionWorld): Promise<ActionStep> => {
  const plan = readPlan(lease);
  if (plan === null) return NO_PLAN;
  const labels = await world.secrets.labels(plan.secretId);
  const key = await world.secrets.value(plan.secretId, { label: CURRENT });
  if (labels?.get(CURRENT) !== plan.to || key === null) {
    return failed('The current key is not the one that was put in place: somebody else changed it.');
  }
  const chat = chatCall(key, world);
  const problem = findFailure(await Promise.all(chat.length === 0 ? listCall(key, world) : chat));
  if (problem === null) return done('The new key works. No standby key is left: store a new one.');
  return isRefusal(problem)
    ? failed(`The new key ${describeFailure(problem)}.`)
    : unknown(`It is not known whether the new key works: it was tried and ${describeFailure(problem)}.`);
};

/** The standby key becomes the current one, by moving labels only; no key is made and none is deleted. */
export const rotateKey: Action = {
  kind: 'rotate-key',
  preview,
  apply: applyRotation,
  verify,
  undo: undoRotation,
  withdraw: withdrawRotation,
};
