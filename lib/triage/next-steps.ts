import type { Branch } from '../domain/branch.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import { isDeadKey, isLivingKey } from '../domain/finding-facts.ts';
import { nameIn } from '../domain/plain-text.ts';
import { BRANCH_FACTS } from './branches.ts';
import { codeInSuccess, hasPadding, hasUnusedProxy, keyEnded } from './cases.ts';
import { replacementOf, tellDeploy } from './clues.ts';
import { contradictionOf, isBlip } from './contradictions.ts';
import { mayBreak } from './deploy.ts';
import { isListOnly } from './impact.ts';
import { isLate } from './late.ts';
import { certificateSteps, isFront, narrowSteps } from './narrow-steps.ts';
import { clockSteps, remarks, STORE_PLAIN, standbySteps } from './remarks.ts';
import { EASED } from './retry-storm.ts';
import { clockOf } from './say.ts';
import { isEveryModel, isKeyAccepted, missingSecret, modelsOf, openRegions, type Seen } from './seen.ts';
import { isOpenPath } from './sharpen.ts';
import { BRANCH_WORDS } from './words.ts';

type StepContext = { readonly service: string; readonly standby: 'present' | 'absent' | 'unknown' };

const MOST_STEPS = 6;
const CAP_RETRIES = 'Cap the retries first.';
const CAP_AFTER = 'Cap the retries.';
const USE_PROXY =
  'See whether calls should take the proxy: the environment names one that they do not take (NODE_USE_ENV_PROXY is not 1).';
const ROTATE = 'Rotate the key to the standby.';

/** A key that lives at another endpoint than the one that is configured. */
const endpointSteps = (seen: Seen): readonly string[] =>
  openRegions(seen)
    .slice(0, 1)
    .map((region) => `Use a key of the endpoint that is configured, or configure the endpoint ${nameIn(region)}.`);

/** The standby was let in at our address just now, so it ends the outage; how a key of another endpoint came here can wait. null: it was not. */
const provenSteps = (seen: Seen): readonly string[] | null => {
  const [region] = openRegions(seen);
  if (region === undefined || isKeyAccepted(seen) || !isLivingKey(seen.asked('standby'))) return null;
  return [ROTATE, `Tomorrow, find out how a key of the endpoint ${nameIn(region)} came to be used here.`];
};

/** A key that is let in elsewhere lacks a right; one that is let in nowhere may belong to another endpoint. */
const rightSteps = (seen: Seen): readonly string[] => {
  const { next } = BRANCH_WORDS['access.forbidden'];
  const proven = provenSteps(seen);
  if (proven !== null) return [...proven, ...next];
  if (!isKeyAccepted(seen)) return [...endpointSteps(seen), ...next];
  return [
    'Look in the Mistral console which workspace the key belongs to, and which models it may use there.',
    'Compare with the last change of workspaces, members and keys.',
  ];
};

const keySteps = (seen: Seen, { service, standby }: StepContext): readonly string[] => {
  const rest = keyEnded(seen) === null ? BRANCH_WORDS['auth.invalid_key'].next.slice(1) : [];
  const proven = provenSteps(seen);
  if (proven !== null) return proven;
  if (openRegions(seen).length > 0 && !isKeyAccepted(seen)) return endpointSteps(seen);
  if (contradictionOf('auth.invalid_key', seen) !== null)
    return [
      'Ask the refused chat once more by hand: the same key is accepted elsewhere.',
      'Look in the Mistral console at the workspace and the rights of the key.',
      'Send the correlation ids of the refused calls to Mistral support if it stays.',
    ];
  if (isDeadKey(seen.asked('standby')))
    return [
      'Look at the organisation in the Mistral console: is it active, paid, and are both keys still listed?',
      ...rest,
    ];
  if (standby !== 'absent') return [ROTATE, ...rest];
  return [
    `Create a key in the Mistral console, in the workspace that ${service} uses.`,
    'Store it as the standby version of the secret, then rotate the key.',
    ...rest,
  ];
};

const modelSteps = (seen: Seen): readonly string[] =>
  modelsOf(seen.mistral.filter(({ branch }) => branch === 'model.retired_or_unknown')).flatMap((model) => {
    const name = replacementOf(seen, model);
    return name === null ? [] : [`Configure ${name} in place of ${nameIn(model)}.`];
  });

const regionSteps = (seen: Seen): readonly string[] => {
  const [region] = openRegions(seen);
  // Where a model answers at our address, the address is not the trouble.
  const isModelWell = seen.mistral.slice(1).some(({ outcome }) => outcome === 'ok');
  return region === undefined || isModelWell
    ? []
    : [
        `Point MISTRAL_SERVER_URL at the endpoint ${nameIn(region)} until this is over, if it has your models (it has fewer, and no agents, batch or files) and your data may go there.`,
      ];
};

/** Failures that another endpoint may not have. */
const AROUND = /^(?:net|timeout|provider|content|stream)\./;

/** What is left to do where nothing but the model list fails. */
const listSteps = (branch: Branch): readonly string[] => {
  const ours = /^(?:auth|access|billing|config)\./.test(branch)
    ? 'Look in the Mistral console whether the key may list models.'
    : 'Run triage again in some minutes, before anybody is woken for it.';
  return [
    'Users need nothing: every model answers and only the model list fails.',
    BRANCH_FACTS[branch].owner === 'theirs'
      ? 'Note the correlation ids of the model list; if it stays, send them to Mistral support.'
      : ours,
  ];
};

const usualSteps = (branch: Branch, seen: Seen, context: StepContext): readonly string[] => {
  const { next } = BRANCH_WORDS[branch];
  if (isListOnly(seen.mistral) && !branch.startsWith('app.')) return listSteps(branch);
  const narrow = narrowSteps(branch, seen);
  const isOfAddress = (AROUND.test(branch) && !isLate(branch, seen)) || isFront(branch, seen);
  const around = isOfAddress ? regionSteps(seen) : [];
  if (narrow !== null) return [...around, ...narrow];
  if (branch === 'auth.invalid_key') return keySteps(seen, context);
  if (branch === 'access.forbidden') return rightSteps(seen);
  if (branch === 'model.retired_or_unknown') return [...modelSteps(seen), ...next].slice(0, MOST_STEPS);
  const secret = missingSecret(seen);
  if (branch === 'unknown' && secret !== null)
    return [
      `Look whether the secret ${nameIn(secret)} exists, holds a key and may be read by mistral-triage.`,
      'Then run triage again.',
    ];
  if (branch === 'quota.zero_for_model' && isEveryModel(branch, seen))
    return ['In the Mistral console of the organisation: activate the plan or have its limits raised.'];
  if (isBlip(branch, seen)) return ['Run triage again in a minute: the next call most likely finds the name.', ...next];
  if (branch === 'net.tls_dates_clock_skew') return [...clockSteps(seen), ...certificateSteps(seen), ...next];
  return [...around, ...next];
};

/** Steps that only ask what a probe has asked, by how they begin. */
const ASKED_ALREADY: readonly (readonly [RegExp, (seen: Seen) => boolean])[] = [
  [/^Compare our clock with/, ({ asked }) => asked('clock')?.outcome === 'ok' || asked('clock')?.outcome === 'failed'],
  [/^Ask the same address from another network/, (seen) => isOpenPath(seen.asked) || openRegions(seen).length > 0],
  [/^Compare the version of the SDK with its/, (seen) => codeInSuccess('content.schema_mismatch', seen) !== null],
  [
    /^Roll back if it began/,
    ({ asked, deploy, earlier }) => asked('deployments')?.outcome === 'ok' && deploy === null && earlier === null,
  ],
];

const isAnswered = (step: string, seen: Seen): boolean =>
  ASKED_ALREADY.some(([begins, isKnown]) => begins.test(step) && isKnown(seen));

const stepBack = (deploy: NonNullable<Seen['deploy']>, atMs: number, isSure: boolean): string => {
  const { later } = deploy;
  if (later === undefined)
    return `Roll back ${tellDeploy(deploy, atMs)}, ${isSure ? 'with which it began' : 'right before it'}.`;
  return later.isBack
    ? `Look whether ${later.version ?? 'what ran before'} runs everywhere again: it went out at ${clockOf(Date.parse(later.at), atMs)}, and it goes on.`
    : `Roll back to what ran before ${tellDeploy(deploy, atMs)}, with which it began.`;
};

/** What the responder does, the most certain first. */
export const nextSteps = (
  { verdict, branch }: Pick<Diagnosis, 'verdict' | 'branch'>,
  seen: Seen,
  context: StepContext,
): readonly string[] => {
  if (branch === 'healthy') return remarks(seen);
  const usual = usualSteps(branch, seen, context);
  const { deploy } = seen;
  const rollback =
    deploy !== null && mayBreak({ verdict, branch }) ? [stepBack(deploy, seen.atMs, branch.startsWith('app.'))] : [];
  const rest = rollback.length === 0 ? usual : usual.filter((step) => !/^Roll back if/.test(step));
  const first = [
    ...(seen.storm !== null && EASED.test(branch) ? [CAP_RETRIES] : []),
    ...(branch.startsWith('app.') && hasPadding(seen) ? [STORE_PLAIN] : []),
    ...(branch.startsWith('net.') && hasUnusedProxy(seen) && !isKeyAccepted(seen) ? [USE_PROXY] : []),
  ];
  const last = verdict === 'unknown' ? standbySteps(seen) : [];
  const after = seen.storm !== null && !EASED.test(branch) ? [CAP_AFTER] : [];
  const left = rest.filter((step) => !isAnswered(step, seen));
  const [fix, ...others] = left;
  // What is wrong is known and quickly corrected; a rollback corrects it only if the deploy brought it.
  const isCorrected = /^(?:config|model_or_route)\./.test(branch) && fix !== undefined;
  const ordered = isCorrected ? [fix, ...rollback, ...others] : [...rollback, ...left];
  return [...new Set([...first, ...ordered.slice(0, MOST_STEPS - 1), ...after, ...last])].slice(0, MOST_STEPS);
};
