import type { Branch } from '../domain/branch.ts';
import { textFact } from '../domain/finding-facts.ts';
import { nameIn } from '../domain/plain-text.ts';
import {
  areMostCallsFailing,
  hasUnusedRoom,
  isAnsweredInFront,
  isCutByProxy,
  isLimitedAlike,
  isMetricsOnly,
  isNowhere,
  isOwnProxy,
  isPageForKey,
  isRefusedAlike,
  isServiceFailing,
  isStreamsOnly,
  spentKind,
} from './cases.ts';
import { isLate, lateSteps } from './late.ts';
import { isSlowOnly, isUnasked, missingSecret, type Seen } from './seen.ts';
import { proxyOf } from './sharpen.ts';
import { BRANCH_WORDS } from './words.ts';

type Narrow = {
  readonly holds: (branch: Branch, seen: Seen) => boolean;
  readonly steps: (branch: Branch, seen: Seen) => readonly string[];
};

const SLOW_STEPS = [
  'Find out where the time goes: compare how long our calls to Mistral take with how long our answers take.',
  'Look which requests are slow: long answers, one model, or all of them.',
];

const STATUS_STEPS = [
  'Read in the log of the service with which status its calls to Mistral fail.',
  'On 401 restart the service, or let it read the secret again: it may hold an older key.',
  'Enable the fallback if users are hurt.',
  'Roll back if it began with a deploy.',
];

const UNASKED_STEPS = [
  'Look whether our service is up and users reach it: hardly any of the calls of an hour ago come.',
  'Give the service a health address in the configuration, so that it is asked next time.',
];

const DOUBTFUL_STEPS = [
  'Read in the log of the service with which status its calls to Mistral fail.',
  'Run triage again when more calls have come.',
];

/** Refused although the headers show something left: no full minute is known to end it. */
const ROOM_STEPS = [
  'Back off: fewer requests at once, each retry later than the last.',
  'Compare the calls of the last minute with the limits in the Mistral console.',
  'Send the correlation ids of the probes to Mistral support if it stays.',
];

/** Where something in front of Mistral answers in its place. */
const FRONT_STEPS = [
  'Look what stands in front of Mistral for this service: a gateway, a proxy, a filter of addresses.',
  'Ask the same address without a key from another network: 401 there means that it is on our side.',
];

export const isFront = (branch: Branch, seen: Seen): boolean =>
  isRefusedAlike(branch, seen) || isAnsweredInFront(seen) || isLimitedAlike(branch, seen);

const proxySteps = (_: Branch, { asked }: Seen): readonly string[] => [
  `Look whether the proxy ${nameIn(proxyOf(asked) ?? '')} runs, and whether HTTPS_PROXY names the right one.`,
];

const isWell = ({ mistral }: Seen): boolean => mistral.every(({ outcome }) => outcome === 'ok');

/** Our own service fails, whether Mistral was heard or not. With no key to ask with, that comes first. */
const isOurs = (branch: Branch, seen: Seen): boolean =>
  branch === 'app.errors' || (branch === 'unknown' && isServiceFailing(seen) && missingSecret(seen) === null);

const NARROW: readonly Narrow[] = [
  {
    holds: (branch, seen) => branch === 'unknown' && isWell(seen) && isUnasked(seen),
    steps: () => UNASKED_STEPS,
  },
  {
    holds: (branch, seen) => branch === 'unknown' && isWell(seen) && seen.traffic?.state === 'doubtful',
    steps: () => DOUBTFUL_STEPS,
  },
  {
    holds: (branch, seen) => isOurs(branch, seen) && isSlowOnly(seen),
    steps: (branch) => [...SLOW_STEPS, ...BRANCH_WORDS[branch].next],
  },
  {
    holds: (branch, seen) => isOurs(branch, seen) && (isMetricsOnly(seen) || areMostCallsFailing(seen)),
    steps: (branch) => (branch === 'unknown' ? [...STATUS_STEPS, ...BRANCH_WORDS[branch].next] : STATUS_STEPS),
  },
  {
    holds: isFront,
    steps: () => FRONT_STEPS,
  },
  {
    holds: isPageForKey,
    steps: (branch) => [
      'Look whose page it is: that of the edge in front of Mistral, or of a filter of ours.',
      ...BRANCH_WORDS[branch].next,
    ],
  },
  {
    holds: isNowhere,
    steps: () => ['Compare MISTRAL_SERVER_URL with the documentation: host, path and version.'],
  },
  { holds: isLate, steps: (_, seen) => lateSteps(seen) },
  { holds: isOwnProxy, steps: proxySteps },
  {
    holds: isCutByProxy,
    steps: (branch, { asked }) => [
      'Switch streaming off until this is over: whole answers come.',
      `Send one stream around the proxy ${nameIn(proxyOf(asked) ?? '')}: whole there means that the proxy cuts it.`,
      ...BRANCH_WORDS[branch].next,
    ],
  },
  {
    holds: isStreamsOnly,
    steps: (branch) => ['Switch streaming off until this is over: whole answers come.', ...BRANCH_WORDS[branch].next],
  },
  {
    holds: (branch, seen) => branch === 'rate.minute' && hasUnusedRoom(branch, seen),
    steps: () => ROOM_STEPS,
  },
  {
    holds: (branch, seen) => branch === 'rate.minute' && spentKind(branch, seen) === 'tokens',
    steps: (branch) => [
      'Send shorter prompts and lower max_tokens: it is the tokens that are used up.',
      ...BRANCH_WORDS[branch].next,
    ],
  },
];

/** What fits this case better than the steps of its branch; null: nothing does. */
export const narrowSteps = (branch: Branch, seen: Seen): readonly string[] | null =>
  NARROW.find(({ holds }) => holds(branch, seen))?.steps(branch, seen) ?? null;

/** With a right clock it is the certificate, and somebody has issued it. */
export const certificateSteps = ({ asked }: Seen): readonly string[] => {
  if (asked('clock')?.outcome !== 'ok') return [];
  const issuer = textFact(asked('tls'), 'issuer');
  const by = issuer === null ? 'its issuer' : `issuer: ${nameIn(issuer)}`;
  return [`See whose certificate it is (${by}): if it is Mistral's, report it and use a region meanwhile.`];
};
