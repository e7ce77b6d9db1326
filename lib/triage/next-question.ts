import type { Branch } from '../domain/branch.ts';
import { isDeadKey } from '../domain/finding-facts.ts';
import {
  areMostCallsFailing,
  hasPadding,
  hasUnusedRoom,
  hurtModels,
  isLimitedAlike,
  isMetricsOnly,
  isNowhere,
  isOwnProxy,
  isRefusedAlike,
  isServiceFailing,
} from './cases.ts';
import { contradictionOf } from './contradictions.ts';
import { isListOnly } from './impact.ts';
import { isLate, lateOwner } from './late.ts';
import { EASED } from './retry-storm.ts';
import {
  isEveryModel,
  isKeyAccepted,
  isSlowOnly,
  missingSecret,
  modelsOf,
  nearlySpentModels,
  openRegions,
  type Seen,
} from './seen.ts';
import { isConfirmed, isOpenPath, proxyOf } from './sharpen.ts';

type Ask = {
  readonly branches: RegExp;
  /** Whether two causes still look alike. */
  readonly when: (seen: Seen, branch: Branch) => boolean;
  readonly ask: string;
};

const isWayUnknown = (seen: Seen, branch: Branch): boolean =>
  seen.isSilent && !isOpenPath(seen.asked) && openRegions(seen).length === 0 && !isConfirmed(branch, seen.asked);

const isAnswered = (seen: Seen, name: string): boolean => {
  const outcome = seen.asked(name)?.outcome;
  return outcome === 'ok' || outcome === 'failed';
};

/** Another model was asked at the same moment, whatever it answered. */
const isOtherHeard = (seen: Seen, branch: Branch): boolean =>
  hasUnusedRoom(branch, seen) && modelsOf(seen.mistral.filter(({ outcome }) => outcome !== 'unknown')).length > 1;

/** Whether the card of each model that is not found was read, or told nothing. */
const areCardsAsked = (seen: Seen, branch: Branch): boolean =>
  hurtModels(seen, branch).every((model) => isAnswered(seen, `model:${model}`));

const RETRIES =
  'Is it retries or more users? Compare the calls to Mistral with the requests of users: retries raise only the calls.';

/** The first that applies. Each names the two causes and how to tell them apart in a minute. */
const ASKS: readonly Ask[] = [
  {
    branches: EASED,
    when: ({ storm }) => storm !== null,
    ask: RETRIES,
  },
  {
    branches: /^auth\./,
    when: (seen, branch) => contradictionOf(branch, seen) !== null,
    ask: 'Is it the key or these calls? Ask the refused chat with another key of the same organisation: if it is refused as well, it is not the key.',
  },
  {
    branches: /^net\.egress_blocked$/,
    when: (seen, branch) => contradictionOf(branch, seen) !== null,
    ask: 'Is it a filter of ours or the edge of Mistral? Send the same chat from another network: an answer means that a filter of ours stops it.',
  },
  {
    branches: /^auth\./,
    when: (seen) => isDeadKey(seen.asked('standby')) && openRegions(seen).length === 0,
    ask: 'Are the keys revoked, or is the organisation closed or unpaid? The Mistral console shows both under its keys and its billing.',
  },
  {
    branches: /^auth\./,
    when: (seen) => seen.asked('standby')?.outcome === 'unknown' && openRegions(seen).length === 0,
    ask: 'Is it this key or the whole organisation? List the models with another key of the same organisation: 200 means it is this key.',
  },
  {
    branches: /^access\.forbidden$/,
    when: (seen, branch) => isRefusedAlike(branch, seen),
    ask: 'Is it our address or everybody? Ask the same address without a key from another network, for example a phone: 401 means that ours is refused.',
  },
  {
    branches: /^access\.forbidden$/,
    when: isKeyAccepted,
    ask: 'Is it this key or its whole workspace? Ask the refused chat with another key of the same workspace: an answer means that it is this key.',
  },
  {
    branches: /^access\.forbidden$/,
    when: (seen) => seen.asked('standby')?.outcome !== 'ok' && openRegions(seen).length === 0,
    ask: 'Is it the rights of this key, or does something refuse our address? List the models with another key from the same machine: 200 means it is this key.',
  },
  {
    branches: /^(?:net\.(?:refused|reset|connect_timeout|unknown|protocol|egress_blocked)|timeout\.headers)$/,
    when: isWayUnknown,
    ask: 'Is it Mistral or our way there? Ask the address of the API without a key from another network, for example a phone: 401 means that Mistral is up and our way is broken.',
  },
  {
    branches: /^timeout\.headers$/,
    when: (seen, branch) => isLate(branch, seen) && lateOwner(seen) !== 'theirs',
    ask: 'Is it Mistral or our way there? Ask the same chat from another network, for example a phone: as slow there means that it is Mistral.',
  },
  {
    branches: /^net\.dns$/,
    when: (seen, branch) =>
      openRegions(seen).length === 0 && contradictionOf(branch, seen) === null && !isOwnProxy(branch, seen),
    ask: 'Is it our resolver or the name? Ask a public DNS server for the same name: an answer means that our resolver is at fault.',
  },
  {
    branches: /^net\.tls_dates_clock_skew$/,
    when: (seen) => !isAnswered(seen, 'clock'),
    ask: 'Is it our clock or the certificate? Compare our clock with a phone: if it is right, the certificate is out of date.',
  },
  {
    branches: /^(?:content|stream)\.|^request\.(?:context|invalid)|^timeout\.body/,
    when: ({ asked }) => proxyOf(asked) !== null,
    ask: 'Is it Mistral or the proxy? Ask the same once around the proxy: a whole answer means it is the proxy.',
  },
  {
    branches: /^model_or_route\./,
    when: (seen, branch) => !isNowhere(branch, seen) && !areCardsAsked(seen, branch),
    ask: 'Is it the model or the path? Read the card of the model, GET /v1/models/{id}: 200 means that the path of the chat is wrong.',
  },
  {
    branches: /^rate\./,
    when: (seen, branch) => isLimitedAlike(branch, seen),
    ask: "Is it a limit on our side or at Mistral's edge? Ask the same address without a key from another network, for example a phone: 401 means that it is on our side.",
  },
  {
    branches: /^rate\./,
    when: isOtherHeard,
    ask: "Is it our limit or Mistral's room? Compare our calls per minute to this model with its limit: if they are well below, it is Mistral's room.",
  },
  {
    branches: /^rate\./,
    when: (seen, branch) => hasUnusedRoom(branch, seen),
    ask: "Is it our limit or Mistral's room? The headers show calls left: ask another model with one token, and if it is refused as well, it is our limit.",
  },
  {
    branches: /^rate\./,
    when: ({ traffic }) => traffic?.perMinute == null || traffic.perMinuteBefore === null,
    ask: 'Did our calls grow, or did the limit shrink? Compare the calls per minute with an hour ago and the limit with the console.',
  },
  {
    branches: /^quota\.zero_for_model$/,
    when: (seen, branch) => isEveryModel(branch, seen),
    ask: 'Is it these models or the plan? Every model in use has a limit of zero: look in the console whether a plan is active at all.',
  },
  {
    branches: /^app\.errors$/,
    when: (seen) => nearlySpentModels(seen).length > 0,
    ask: 'Is it our limit or our own code? Count the calls of our service that Mistral answers with 429: many mean that the limit refuses users, though it let our question in.',
  },
  {
    branches: /^app\.errors$/,
    when: isSlowOnly,
    ask: "Is it Mistral's long answers or our own code? Compare how long our calls to Mistral take with how long our answers take: the rest is ours.",
  },
  {
    branches: /^app\.errors$/,
    when: (seen) => isMetricsOnly(seen) && hasPadding(seen),
    ask: 'Do they fail with 401? Then the service sends the key with its white space: store it without, and reload it.',
  },
  {
    branches: /^app\.errors$/,
    when: (seen) => isMetricsOnly(seen) || areMostCallsFailing(seen),
    ask: 'With which status do they fail? 401: the service holds another key than the secret, reload it; 429: a limit; 5xx or timeouts: long calls at Mistral; 400 or 422: our requests.',
  },
  {
    branches: /^(?:app\.errors|unknown)$/,
    when: (seen) => seen.earlier !== null && isServiceFailing(seen),
    ask: 'In which minute did the failures begin? If it is that of the last deploy, take it back; else the deploy is not the reason.',
  },
  {
    branches: /^app\.errors$/,
    when: (seen) => seen.deploy === null && seen.earlier === null && !isAnswered(seen, 'deployments'),
    ask: 'Did it begin with a deploy? Compare the first failing minute with the time of the last deploy.',
  },
  {
    branches: /^unknown$/,
    when: (seen) => seen.isSilent && missingSecret(seen) === null && !isAnswered(seen, 'path'),
    ask: 'Can this machine reach the API at all? Ask its address without a key from here: 401 means that the way is open.',
  },
  {
    branches: /./,
    when: ({ storm }) => storm !== null,
    ask: RETRIES,
  },
];

export const nextQuestion = (branch: Branch, seen: Seen): string | null =>
  isListOnly(seen.mistral) && !branch.startsWith('app.')
    ? null
    : (ASKS.find(({ branches, when }) => branches.test(branch) && when(seen, branch))?.ask ?? null);
