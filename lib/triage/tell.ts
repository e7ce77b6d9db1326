import type { Branch } from '../domain/branch.ts';
import type { Finding } from '../domain/diagnosis.ts';
import { isDeadKey, isSlowChat, numberFact } from '../domain/finding-facts.ts';
import { roughSeconds } from '../domain/finding-words.ts';
import { nameIn } from '../domain/plain-text.ts';
import { areMostCallsFailing, hurtModels, isMetricsOnly, isNowhere, isOwnCodeOnly } from './cases.ts';
import { cluesOf, tellDeploy } from './clues.ts';
import { hasCollapsed, waitingMs } from './impact.ts';
import { isLate, tellLate, tellSlowBeside, tellWell } from './late.ts';
import { leadOf } from './leads.ts';
import { tellGrowth } from './retry-storm.ts';
import { listNames, sentence } from './say.ts';
import { isSlowOnly, isUnasked, missingSecret, modelOf, modelsOf, type Seen } from './seen.ts';
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

/** The questions that matter and have no answer, by the names people know. What our own code spoilt was not asked. */
export const blindNames = (seen: Seen): readonly string[] => [
  ...unansweredNames(seen),
  // Beside a failure that is known nobody wonders.
  ...(isUnasked(seen) && !isFailing(seen) ? ['our own service'] : []),
  ...(seen.traffic?.state === 'doubtful' && !isFailing(seen) ? [nameOf(seen.traffic.finding)] : []),
];

const isFailing = ({ mistral, health }: Seen): boolean =>
  health?.outcome === 'failed' || mistral.some(({ outcome }) => outcome === 'failed');

const unansweredNames = ({ mistral, health, traffic }: Seen): readonly string[] =>
  [
    ...mistral.filter(({ outcome }) => outcome === 'unknown' || isOwnCodeOnly({ mistral })),
    ...(health?.outcome === 'unknown' ? [health] : []),
    ...(traffic?.state === 'blind' ? [traffic.finding] : []),
  ].map(nameOf);

const tellBlind = (seen: Seen): string => {
  const names = unansweredNames(seen);
  return names.length === 0 ? '' : `; not known: ${listNames(names)}`;
};

/** Which models it concerns, when others answer or when it is about models. */
const tellScope = (branch: Branch, seen: Seen): string => {
  if (isNowhere(branch, seen)) return '';
  const hurt = hurtModels(seen, branch);
  const well = modelsOf(seen.mistral.filter(({ outcome }) => outcome === 'ok')).filter(
    (model) => !hurt.includes(model),
  );
  if (hurt.length === 0) return '';
  if (well.length === 0) return /model/.test(branch) ? ` (${listNames(hurt)})` : '';
  return ` (${[listNames(hurt), ...tellWell(well, seen)].join('; ')})`;
};

/** What failed otherwise, and that it was the model list where nothing else did so. */
const tellOther = (other: Branch, { mistral }: Seen): string => {
  const isList = mistral.filter((one) => one.branch === other).every(({ name }) => name === 'models');
  return `; besides, ${BRANCH_WORDS[other].what}${isList ? ' (the model list)' : ''}`;
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
  const told = others.slice(0, MOST_BESIDES).map((other) => tellOther(other, seen));
  const more = others.length - told.length;
  const isStorm = seen.storm !== null && branch !== 'app.retry_storm';
  return [
    ...told,
    ...(more > 0 ? [`; and ${more} more kinds of failure`] : []),
    ...(isStorm ? [`; ${tellGrowth(seen.traffic)}: our retries, or more users`] : []),
    ...(seen.health?.outcome === 'failed' && branch !== 'app.errors' ? ['; our own service fails, too'] : []),
  ].join('');
};

/** The cause in one sentence, with what else failed and what could not be asked. */
export const describeProblem = (
  branch: Branch,
  seen: Seen,
  how: { readonly isListOnly?: boolean; readonly looksAlike?: boolean } = {},
): string => {
  if (isLate(branch, seen)) return sentence(`${tellLate(seen)}${tellBesides(branch, seen)}${tellBlind(seen)}`);
  const lead =
    how.isListOnly === true
      ? `every model answers, but the model list does not: ${BRANCH_WORDS[branch].what}`
      : leadOf(branch, seen);
  const silent = how.looksAlike === true ? ', to any question: Mistral and the way there look alike from here' : '';
  const clues = cluesOf(branch, seen).map((clue) => `; ${clue}`);
  return sentence(
    `${lead}${tellScope(branch, seen)}${silent}${clues.join('')}${tellBesides(branch, seen)}${tellBlind(seen)}`,
  );
};

/** In steps of ten, since each change of the cause rewrites the message; the exact share stands beside. */
const roughly = (share: number | null): string => {
  if (share === null) return '';
  if (share >= 0.95) return 'nearly all of ';
  return `about ${share < 0.075 ? 5 : Math.round(share * 10) * 10} % of `;
};

/** What the metrics say of the calls to Mistral, whoever makes them fail. */
const tellFailing = (seen: Seen): string =>
  isSlowOnly(seen)
    ? 'our calls to Mistral have become more than three times as slow within the hour'
    : `${roughly(seen.traffic?.share ?? null)}our calls to Mistral fail`;

/** Its health check says so, or the metrics alone while every question of ours is answered well. */
export const describeApp = (seen: Seen): string => {
  const clues = cluesOf('app.errors', seen).map((clue) => `; ${clue}`);
  const [list] = seen.mistral;
  const isSlow = seen.mistral.some(isSlowChat);
  const whose =
    list?.outcome === 'failed' ? 'every model answers' : `our one-token questions are answered${isSlow ? '' : ' well'}`;
  const isDown = seen.health?.outcome === 'failed';
  const calls = isDown && seen.traffic?.state === 'failing' ? `; ${tellFailing(seen)}` : '';
  const lead = isDown ? `${leadOf('app.errors', seen)}${calls}` : `${tellFailing(seen)} while ${whose}`;
  return sentence(
    `${lead}${clues.join('')}${tellSlowBeside(seen)}${tellBesides('app.errors', seen)}${tellBlind(seen)}`,
  );
};

export const describeStorm = (seen: Seen): string => describeProblem('app.retry_storm', seen);

const tellMissing = (seen: Seen): string => {
  const secret = missingSecret(seen);
  return secret === null ? '' : `; ${tellSecret(secret)}`;
};

/** A deploy right before is told, and what of Mistral was heard beside it. */
const tellWhose = (seen: Seen): string => {
  const { deploy, mistral, atMs } = seen;
  if (deploy === null)
    return isMetricsOnly(seen) ? '; why is not known' : ', and whether Mistral is the reason cannot be told';
  const heard = mistral[0]?.outcome === 'ok' ? "; Mistral's model list answers our key" : '';
  return `; ${tellDeploy(deploy, atMs)} went out right before${heard}`;
};

const tellOurs = (seen: Seen): string => {
  if (isMetricsOnly(seen)) return tellFailing(seen);
  return `our own service fails${areMostCallsFailing(seen) ? `; ${tellFailing(seen)}` : ''}`;
};

export const describeAppUnknown = (seen: Seen): string =>
  sentence(`${tellOurs(seen)}${tellWhose(seen)}${tellMissing(seen)}${tellBlind(seen)}`);

/** Every question ended in mistral-triage itself. */
export const describeOwnCode = (seen: Seen): string =>
  sentence(
    `mistral-triage could not ask: its own calls fail or were given up, so nothing is known of Mistral${tellMissing(seen)}`,
  );

const tellSecret = (secret: string): string =>
  `no key is stored in the secret ${nameIn(secret)}, or it cannot be read, so Mistral could not be asked`;

export const describeUnknown = (seen: Seen): string => {
  const secret = missingSecret(seen);
  const told = secret === null ? describeBlind(seen) : `${tellSecret(secret)}${tellBlind(seen)}`;
  return sentence(`${told}${tellCalls(seen)}`);
};

const tellModels = ({ mistral }: Seen): string => (mistral.length === 2 ? 'the model answers' : 'every model answers');

/** What the calls of the service leave open. */
const tellCalls = (seen: Seen): string => {
  const { traffic } = seen;
  const [now, before] = [traffic?.perMinute ?? 0, traffic?.perMinuteBefore ?? 0].map(Math.round);
  if (isUnasked(seen))
    return `; hardly any calls come (${now} a minute, ${before} an hour ago), and nobody asked whether our service is up`;
  if (traffic?.state !== 'doubtful') return '';
  const calls = Math.floor((traffic.perMinute ?? 0) * traffic.windowMinutes);
  const isHalf = Math.abs((numberFact(traffic.finding, 'failingShare') ?? 1) - 0.5) < 0.05;
  return `; ${isHalf ? 'half' : 'most'} of about ${calls} calls in ${Math.round(traffic.windowMinutes)} minutes failed: too few to be sure`;
};

const describeBlind = (seen: Seen): string => {
  const { mistral, health } = seen;
  if (mistral.every(({ outcome }) => outcome === 'ok')) {
    const service = health?.outcome === 'ok' ? ', and our own service is well' : '';
    return `Mistral accepts our key and ${tellModels(seen)}${service}${tellBlind(seen)}`;
  }
  const isAnswered = [...mistral, ...(health === null ? [] : [health])].some(({ outcome }) => outcome === 'ok');
  if (isDeadKey(seen.asked('standby')))
    return `too little was answered, and the standby key is refused${tellBlind(seen)}`;
  const lead = isAnswered ? 'nothing that was answered is wrong, but too little was answered' : 'nothing was answered';
  return `${lead}${tellBlind(seen)}`;
};

/** `they succeed and are slow: 95 % within 30 s, as an hour ago`; null: they are not, or nobody knows. */
const tellWaiting = ({ traffic }: Seen): string | null => {
  const nowMs = waitingMs(traffic);
  if (nowMs === null) return null;
  const beforeMs = numberFact(traffic?.finding ?? null, 'p95MsBefore');
  const isAsBefore = beforeMs !== null && beforeMs > nowMs / 1.5 && beforeMs < nowMs * 1.5;
  return `slow: 95 % within ${roughSeconds(nowMs)} s${isAsBefore ? ', as an hour ago' : ''}`;
};

export const describeHealthy = (seen: Seen): string => {
  const { health, traffic } = seen;
  const models = tellModels(seen);
  const lead = `Mistral accepts our key, ${models} and`;
  const fell = hasCollapsed(traffic) ? '; its calls fell to under a tenth of an hour ago' : '';
  const slow = tellWaiting(seen);
  if (health !== null)
    return sentence(
      `${lead} our own service is well${slow === null ? '' : `; its calls succeed and are ${slow}`}${fell}`,
    );
  if (traffic?.state === 'few')
    return sentence(
      `Mistral accepts our key and ${models}; our service gets too few calls to tell how they fare${fell}`,
    );
  if (traffic !== null)
    return sentence(`${lead} the calls of our service succeed${slow === null ? '' : ` and are ${slow}`}${fell}`);
  return sentence(
    `Mistral accepts our key and ${models}; our own service was not asked, because it has no health address`,
  );
};
