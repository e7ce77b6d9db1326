import type { Lease } from '../domain/lease.ts';
import { tellNeedless } from '../domain/needless.ts';
import { formatClock } from '../domain/utc.ts';
import type { CallResult } from '../ports/probes.ts';
import type { SecretVersions } from '../ports/secrets.ts';
import {
  type Action,
  type ActionPreview,
  type ActionStep,
  type ActionWorld,
  done,
  failed,
  MAX_ROUNDS,
  unknown,
} from './action.ts';

const CURRENT = 'AWSCURRENT';
const STANDBY = 'STANDBY';
const HELD = 'HELD-';

/** The label that keeps the previous version from being pruned, and the proof that this lease rotated it. */
const heldLabel = (lease: Lease): string => `${HELD}${lease.id}`;

type RotationPlan = { readonly secretId: string; readonly from: string; readonly to: string };

const readPlan = (lease: Lease): RotationPlan | null => {
  const { secretId, from, to } = lease.plan ?? {};
  return secretId === undefined || from === undefined || to === undefined ? null : { secretId, from, to };
};

const NO_PLAN = failed('This rotation has no stored plan. Nothing was changed.');

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
    return { refused: `The standby key was tried first and ${describe(problem)}. The current key was left in place.` };
  }
  return {
    plan: { secretId, from, to },
    text: `The standby key of ${name} was tried and works. It becomes the current key; the previous key is kept for undo. No standby key will be left.`,
  };
};

const listCall = (key: string, { mistral, timeoutMs }: ActionWorld): readonly Promise<CallResult>[] => [
  mistral.listModels(key, timeoutMs),
];

/** Empty when the service names no model. */
const chatCall = (key: string, { mistral, target, timeoutMs }: ActionWorld): readonly Promise<CallResult>[] =>
  target.models.slice(0, 1).map((model) => mistral.chatOnce(key, model, timeoutMs));

type FailedCall = Extract<CallResult, { readonly ok: false }>;

const findFailure = (results: readonly CallResult[]): FailedCall | null => {
  for (const result of results) if (!result.ok) return result;
  return null;
};

const statusOf = (call: FailedCall): number | undefined => call.failure.status ?? call.evidence.status;

const isRefusal = (call: FailedCall): boolean => statusOf(call) === 401 || statusOf(call) === 403;

/** The fact alone, without a judgement on its cause. */
const describe = (call: FailedCall): string => {
  const status = statusOf(call);
  if (isRefusal(call)) return `was refused with ${status}`;
  if (status !== undefined) return status < 400 ? `got no usable answer (${status})` : `the API answered ${status}`;
  const code = call.failure.codes[0] ?? call.failure.names[0];
  return code === undefined ? 'got no answer' : `got no answer (${code})`;
};

const apply = async (lease: Lease, world: ActionWorld): Promise<ActionStep> => {
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
  { secretId, from, to }: RotationPlan,
  labels: SecretVersions,
  { secrets }: ActionWorld,
): Promise<ActionStep | null> => {
  const held = heldLabel(lease);
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
  if (!isOurs && !(await secrets.move(secretId, held, labels.get(held) ?? null, from))) return null;
  await secrets.move(secretId, CURRENT, from, to);
  // Whether it moved or not: the next round sees it and goes on from there.
  return null;
};

const verify = async (lease: Lease, world: ActionWorld): Promise<ActionStep> => {
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
    ? failed(`The new key ${describe(problem)}.`)
    : unknown(`It is not known whether the new key works: it was tried and ${describe(problem)}.`);
};

const undo = async (lease: Lease, world: ActionWorld): Promise<ActionStep> => {
  const plan = readPlan(lease);
  if (plan === null) return NO_PLAN;
  return repeatUntilSettled(plan, world, (labels) => undoOnce(lease, plan, labels, world));
};

const undoOnce = async (
  lease: Lease,
  { secretId, from, to }: RotationPlan,
  labels: SecretVersions,
  { secrets }: ActionWorld,
): Promise<ActionStep | null> => {
  const held = heldLabel(lease);
  const current = labels.get(CURRENT);
  if (labels.get(held) !== from) {
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

/** Our key is the previous key of a later rotation of ours. */
const isHeldByAnother = (labels: SecretVersions, to: string): boolean =>
  [...labels].some(([label, version]) => label.startsWith(HELD) && version === to);

/** The standby key becomes the current one, by moving labels only; no key is made and none is deleted. */
export const rotateKey: Action = { kind: 'rotate-key', preview, apply, verify, undo };
