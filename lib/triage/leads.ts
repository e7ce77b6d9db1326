import type { Branch } from '../domain/branch.ts';
import type { Finding } from '../domain/diagnosis.ts';
import {
  codeInSuccess,
  hasUnusedRoom,
  hurtModels,
  isAnsweredInFront,
  isLimitedAlike,
  isNowhere,
  isOwnProxy,
  isPageForKey,
  isRefusedAlike,
  isStreamsOnly,
  keyEnded,
  spentKind,
  unusedWindow,
} from './cases.ts';
import { skewOf } from './clues.ts';
import { contradictionOf } from './contradictions.ts';
import { tellGrowth } from './retry-storm.ts';
import { dayOf } from './say.ts';
import { openRegions, type Seen } from './seen.ts';
import { BRANCH_WORDS } from './words.ts';

type Lead = { readonly branches: RegExp; readonly tell: (seen: Seen, branch: Branch) => string | null };

const PROXY_WORDS: Readonly<Record<string, string>> = {
  'net.dns': 'the name of our proxy does not resolve',
  'net.refused': 'our proxy refuses the connection',
  'net.connect_timeout': 'our proxy takes no connection in time',
};

const tellKey = (seen: Seen, branch: Branch): string | null => {
  if (contradictionOf(branch, seen) !== null) return 'some calls refuse a key that others accept';
  const endedMs = keyEnded(seen);
  if (endedMs !== null) return `Mistral does not accept our key, which expired on ${dayOf(endedMs)}`;
  return openRegions(seen).length > 0 ? 'our key is not one of the configured endpoint' : null;
};

const tellForbidden = (seen: Seen, branch: Branch): string | null => {
  if (isRefusedAlike(branch, seen))
    return 'we are refused with a key and without one alike: a filter of addresses or a gateway';
  return isPageForKey(branch, seen) ? 'a page refuses our calls with the key' : null;
};

const tellDates = (seen: Seen): string | null => {
  if (skewOf(seen) !== null) return 'certificates look out of date by our clock';
  return seen.asked('clock')?.outcome === 'ok' && seen.asked('tls')?.outcome !== 'ok'
    ? 'our clock is right and the certificate is not'
    : null;
};

const tellRate = (seen: Seen, branch: Branch): string | null => {
  if (isLimitedAlike(branch, seen))
    return 'too many calls, with a key and without: the limit of a gateway or of our address, not that of our key';
  const window = unusedWindow(branch, seen);
  if (window !== null)
    return `calls are refused although the headers show ${window.remaining} of ${window.limit} ${window.kind} left`;
  if (hasUnusedRoom(branch, seen)) return 'calls are refused although the headers show some left';
  const kind = spentKind(branch, seen);
  return kind === null ? null : `our limit of ${kind} per minute is used up`;
};

const tellContent = (seen: Seen, branch: Branch): string | null => {
  if (isAnsweredInFront(seen) && branch.startsWith('timeout.'))
    return 'every answer begins and does not end, with a key and without: something on the way holds it, or Mistral does';
  if (isAnsweredInFront(seen) && branch.startsWith('stream.'))
    return 'every answer breaks off, with a key and without: something on the way cuts it, or Mistral does';
  if (isAnsweredInFront(seen))
    return 'something in front of Mistral answers every call, with a key and without, and not as the API does';
  if (isStreamsOnly(branch, seen))
    return branch === 'stream.cut'
      ? 'whole answers come; only streams break off'
      : `whole answers come; only streams fail: ${BRANCH_WORDS[branch].what}`;
  const code = codeInSuccess(branch, seen);
  return code === null ? null : `an error comes inside a 200 (code ${code})`;
};

/** Where this case is narrower than its branch, the first that applies. */
const LEADS: readonly Lead[] = [
  { branches: /^auth\./, tell: tellKey },
  { branches: /^access\.forbidden$/, tell: tellForbidden },
  { branches: /^net\./, tell: (seen, branch) => (isOwnProxy(branch, seen) ? (PROXY_WORDS[branch] ?? null) : null) },
  { branches: /^net\.tls_dates/, tell: tellDates },
  {
    branches: /^model_or_route\./,
    tell: (seen, branch) =>
      isNowhere(branch, seen) ? 'nothing is found, not even the model list: the address or its path is wrong' : null,
  },
  {
    branches: /^request\.context/,
    tell: () => 'even our chat of one token is refused as too long: a proxy or a gateway limits what may be sent',
  },
  {
    branches: /^request\.invalid$/,
    tell: (seen) =>
      isAnsweredInFront(seen)
        ? 'something in front of Mistral refuses every call as invalid, with a key and without'
        : 'even our smallest question is refused as invalid: by the kind of the model, a gateway or a changed API',
  },
  { branches: /^rate\./, tell: tellRate },
  { branches: /^(?:stream|content)\.|^timeout\.body/, tell: tellContent },
  { branches: /^app\.retry_storm$/, tell: ({ traffic }) => `${tellGrowth(traffic)}: our retries, or more users` },
];

const PLURALS: readonly (readonly [RegExp, string])[] = [
  [/\bthis model\b/, 'these models'],
  [/^the model is retired or was never there$/, 'the models are retired or were never there'],
];

const inPlural = (what: string): string => PLURALS.reduce((told, [one, many]) => told.replace(one, many), what);

/** What is wrong, in the words that fit what else was answered. */
export const leadOf = (branch: Branch, seen: Seen): string => {
  const narrow = LEADS.filter(({ branches }) => branches.test(branch))
    .map(({ tell }) => tell(seen, branch))
    .find((told) => told !== null);
  const { what } = BRANCH_WORDS[branch];
  return narrow ?? (hurtModels(seen, branch).length > 1 ? inPlural(what) : what);
};

/** What a single answer says, in the words of the cause: the usual ones may say what is not so here. */
export const rewordBy = (branch: Branch, seen: Seen): ((finding: Finding) => Finding) => {
  const { what } = BRANCH_WORDS[branch];
  const lead = leadOf(branch, seen);
  return (finding) =>
    finding.branch === branch && finding.why?.startsWith(what) === true
      ? { ...finding, why: `${lead}${finding.why.slice(what.length)}` }
      : finding;
};
