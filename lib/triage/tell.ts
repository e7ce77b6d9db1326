import type { Branch } from '../domain/branch.ts';
import type { Finding } from '../domain/diagnosis.ts';
import { cluesOf } from './clues.ts';
import { hasCollapsed } from './impact.ts';
import { listNames, nameIn, sentence } from './say.ts';
import { isSlowOnly, missingSecret, modelOf, modelsOf, type Seen } from './seen.ts';
import { BRANCH_WORDS } from './words.ts';

const MOST_BESIDES = 2;

const NAMES: Readonly<Record<string, string>> = {
  health: 'our own service',
  traffic: 'how the calls of our service fare',
};

const nameOf = (finding: Finding): string => {
  const model = modelOf(finding);
  if (model === null) return NAMES[finding.name] ?? 'the model list';
  return finding.name.startsWith('stream:') ? `the stream of ${model}` : model;
};

/** The questions that matter and have no answer, by the names people know. */
export const blindNames = ({ mistral, health, traffic }: Seen): readonly string[] =>
  [
    ...mistral.filter(({ outcome }) => outcome === 'unknown'),
    ...(health?.outcome === 'unknown' ? [health] : []),
    ...(traffic?.state === 'blind' ? [traffic.finding] : []),
  ].map(nameOf);

const tellBlind = (seen: Seen): string => {
  const names = blindNames(seen);
  return names.length === 0 ? '' : `; not known: ${listNames(names)}`;
};

/** Which models it concerns, when others answer or when it is about models. */
const tellScope = (branch: Branch, seen: Seen): string => {
  const hurt = modelsOf(seen.mistral.filter((one) => one.outcome === 'failed' && one.branch === branch));
  const well = modelsOf(seen.mistral.filter(({ outcome }) => outcome === 'ok')).filter(
    (model) => !hurt.includes(model),
  );
  if (hurt.length === 0) return '';
  if (well.length === 0) return /model/.test(branch) ? ` (${listNames(hurt)})` : '';
  return ` (${listNames(hurt)}; ${listNames(well)} ${well.length === 1 ? 'answers' : 'answer'})`;
};

const otherBranches = (branch: Branch, seen: Seen): readonly Branch[] => [
  ...new Set(
    seen.mistral.flatMap((one) =>
      one.outcome === 'failed' && one.branch && one.branch !== branch ? [one.branch] : [],
    ),
  ),
];

const tellBesides = (branch: Branch, seen: Seen): string => {
  const others = otherBranches(branch, seen);
  const told = others.slice(0, MOST_BESIDES).map((other) => `; besides, ${BRANCH_WORDS[other].what}`);
  const more = others.length - told.length;
  const isStorm = seen.storm !== null && branch !== 'app.retry_storm';
  return [
    ...told,
    ...(more > 0 ? [`; and ${more} more kinds of failure`] : []),
    ...(isStorm ? ['; our own retries make it worse'] : []),
    ...(seen.health?.outcome === 'failed' && branch !== 'app.errors' ? ['; our own service fails, too'] : []),
  ].join('');
};

/** The cause in one sentence, with what else failed and what could not be asked. */
export const describeProblem = (
  branch: Branch,
  seen: Seen,
  how: { readonly isListOnly?: boolean; readonly looksAlike?: boolean } = {},
): string => {
  const what = BRANCH_WORDS[branch].what;
  const lead = how.isListOnly === true ? `every model answers, but the model list does not: ${what}` : what;
  const silent = how.looksAlike === true ? ', to any question: Mistral and the way there look alike from here' : '';
  const clues = cluesOf(branch, seen).map((clue) => `; ${clue}`);
  return sentence(
    `${lead}${tellScope(branch, seen)}${silent}${clues.join('')}${tellBesides(branch, seen)}${tellBlind(seen)}`,
  );
};

/** Its health check says so, or the metrics alone while every question of ours is answered well. */
export const describeApp = (seen: Seen): string => {
  if (seen.health?.outcome === 'failed') return describeProblem('app.errors', seen);
  const clues = cluesOf('app.errors', seen).map((clue) => `; ${clue}`);
  const [list] = seen.mistral;
  const whose = list?.outcome === 'failed' ? 'every model answers' : 'every question of ours is answered well';
  const how = isSlowOnly(seen) ? 'have become more than three times as slow within the hour' : 'fail';
  const lead = `calls of our service ${how} while ${whose}`;
  return sentence(`${lead}${clues.join('')}${tellBesides('app.errors', seen)}${tellBlind(seen)}`);
};

export const describeStorm = (seen: Seen): string => describeProblem('app.retry_storm', seen);

const tellMissing = (seen: Seen): string => {
  const secret = missingSecret(seen);
  return secret === null ? '' : `; ${tellSecret(secret)}`;
};

export const describeAppUnknown = (seen: Seen): string =>
  sentence(
    `our own service ${isSlowOnly(seen) ? 'has become slow' : 'fails'}, and whether Mistral is the reason cannot be told${tellMissing(seen)}${tellBlind(seen)}`,
  );

const tellSecret = (secret: string): string =>
  `no key is stored in the secret ${nameIn(secret)}, or it cannot be read, so Mistral could not be asked`;

export const describeUnknown = (seen: Seen): string => {
  const secret = missingSecret(seen);
  return sentence(secret === null ? describeBlind(seen) : `${tellSecret(secret)}${tellBlind(seen)}`);
};

const describeBlind = (seen: Seen): string =>
  `nothing that was answered is wrong, but too little was answered${tellBlind(seen)}`;

export const describeHealthy = ({ mistral, health, traffic }: Seen): string => {
  const models = mistral.length === 2 ? 'the model answers' : 'every model answers';
  const lead = `Mistral accepts our key, ${models} and`;
  const fell = hasCollapsed(traffic) ? '; its calls fell to under a tenth of an hour ago' : '';
  if (health !== null) return sentence(`${lead} our own service is well${fell}`);
  if (traffic?.state === 'few')
    return sentence(
      `Mistral accepts our key and ${models}; our service gets too few calls to tell how they fare${fell}`,
    );
  if (traffic !== null) return sentence(`${lead} the calls of our service succeed${fell}`);
  return sentence(
    `Mistral accepts our key and ${models}; our own service was not asked, because it has no health address`,
  );
};
