import type { Branch } from '../domain/branch.ts';
import type { Diagnosis, Finding } from '../domain/diagnosis.ts';
import { whyBeyond } from '../domain/finding-words.ts';
import type { Seen } from './seen.ts';
import { BRANCH_WORDS } from './words.ts';

const MOST_NAMES = 3;

const listNames = (names: readonly string[]): string => {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const modelOf = (finding: Finding): string | null =>
  finding.name.startsWith('chat:') ? finding.name.slice('chat:'.length) : null;

const modelsOf = (findings: readonly Finding[]): readonly string[] =>
  findings.map(modelOf).filter((model) => model !== null);

/** The questions that have no answer, by the names people know. */
const blindNames = (seen: Seen): readonly string[] =>
  [...seen.mistral, ...(seen.health === null ? [] : [seen.health])]
    .filter((finding) => finding.outcome === 'unknown')
    .map((finding) => modelOf(finding) ?? (finding.name === 'health' ? 'our own service' : 'the model list'));

const tellBlind = (seen: Seen): string => {
  const names = blindNames(seen);
  return names.length === 0 ? '' : `; not known: ${listNames(names)}`;
};

/** Which models it concerns, when others answer or when it is about models. */
const tellScope = (branch: Branch, seen: Seen): string => {
  const chats = seen.mistral.filter((finding) => modelOf(finding) !== null);
  const hurt = chats.filter((chat) => chat.outcome === 'failed' && chat.branch === branch);
  const well = chats.filter((chat) => chat.outcome === 'ok');
  if (hurt.length === 0) return '';
  if (well.length === 0) return /model/.test(branch) ? ` (${listNames(modelsOf(hurt))})` : '';
  return ` (${listNames(modelsOf(hurt))}; ${listNames(modelsOf(well))} ${well.length === 1 ? 'answers' : 'answer'})`;
};

const tellBesides = (branch: Branch, seen: Seen): string => {
  const others = new Set(
    seen.mistral.flatMap((one) =>
      one.outcome === 'failed' && one.branch && one.branch !== branch ? [one.branch] : [],
    ),
  );
  const besides = [...others].map((other) => `; besides, ${BRANCH_WORDS[other].what}`).join('');
  return seen.health?.outcome === 'failed' && branch !== 'app.errors'
    ? `${besides}; our own service fails, too`
    : besides;
};

/** The cause in one sentence, with what else failed and what could not be asked. */
export const describeProblem = (
  branch: Branch,
  seen: Seen,
  how: { readonly isListOnly?: boolean; readonly isSilent?: boolean } = {},
): string => {
  const what = BRANCH_WORDS[branch].what;
  const lead = how.isListOnly === true ? `every model answers, but the model list does not: ${what}` : what;
  const silent = how.isSilent === true ? ', to any question: Mistral and the way there look alike from here' : '';
  return sentence(`${lead}${tellScope(branch, seen)}${silent}${tellBesides(branch, seen)}${tellBlind(seen)}`);
};

export const describeAppUnknown = (seen: Seen): string =>
  sentence(`our own service fails, and whether Mistral is the reason cannot be told${tellBlind(seen)}`);

export const describeUnknown = (seen: Seen): string =>
  sentence(`nothing that was answered is wrong, but too little was answered${tellBlind(seen)}`);

export const describeHealthy = (seen: Seen): string => {
  const models = seen.mistral.length === 2 ? 'the model answers' : 'every model answers';
  return seen.health === null
    ? sentence(`Mistral accepts our key and ${models}; our own service was not asked, because it has no health address`)
    : sentence(`Mistral accepts our key, ${models} and our own service is well`);
};

/** What the cause says is not said again. */
const tellAnswer = ({ outcome, latencyMs, why = 'no reason given' }: Finding, cause: string): string => {
  if (outcome === 'ok') return `yes, in ${latencyMs} ms`;
  if (outcome === 'unknown') return `unknown: ${why}`;
  const beyond = whyBeyond(why, cause);
  return beyond === '' ? 'no' : `no: ${beyond}`;
};

/** The questions on the way to the verdict; it ends where the verdict was clear. */
export const drawPath = (seen: Seen, { branch, cause }: Pick<Diagnosis, 'branch' | 'cause'>): Diagnosis['path'] => {
  const [models, ...chats] = seen.mistral;
  const decidedByKey = models?.outcome === 'failed' && models.branch === branch;
  const decidedByModels = chats.some((chat) => chat.outcome === 'failed' && chat.branch === branch);
  const asked = decidedByKey ? [models] : [...seen.mistral];
  const health = seen.health === null || decidedByKey || decidedByModels ? [] : [seen.health];
  return [...asked, ...health].map((finding) => ({ question: finding.question, answer: tellAnswer(finding, cause) }));
};

/** What the responder does, with the key made by hand where no standby is kept. */
export const nextSteps = (
  branch: Branch,
  context: { readonly service: string; readonly standby: 'present' | 'absent' | 'unknown' },
): readonly string[] => {
  const steps = BRANCH_WORDS[branch].next;
  if (branch !== 'auth.invalid_key' || context.standby !== 'absent') return steps;
  return [
    `Create a key in the Mistral console, in the workspace that ${context.service} uses.`,
    'Store it as the standby version of the secret, then rotate the key.',
    ...steps.slice(1),
  ];
};
