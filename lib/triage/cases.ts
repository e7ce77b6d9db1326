import type { Branch } from '../domain/branch.ts';
import type { Finding } from '../domain/diagnosis.ts';
import { momentFact, OUTAGE_SHARE, textFact } from '../domain/finding-facts.ts';
import { hasRoom, type RateWindow, readWindows, spentMinute } from './limits.ts';
import { modelOf, type Seen } from './seen.ts';
import { proxyOf } from './sharpen.ts';

/** What makes a failure narrower than its branch: who else is answered alike, and who is not. */

const isFailedAs = (finding: Finding | null, branches: RegExp): boolean =>
  finding?.outcome === 'failed' && branches.test(finding.branch ?? '');

const isAll = ({ mistral }: Pick<Seen, 'mistral'>, branches: RegExp): boolean =>
  mistral.every((one) => isFailedAs(one, branches));

export const isServiceFailing = ({ health, traffic }: Pick<Seen, 'health' | 'traffic'>): boolean =>
  health?.outcome === 'failed' || traffic?.state === 'failing' || traffic?.state === 'slow';

/** Beside a service that fails most of its calls to Mistral fail, too: it may be only that, as with a key that it has not read anew. */
export const areMostCallsFailing = ({ traffic }: Pick<Seen, 'traffic'>): boolean =>
  (traffic?.share ?? 0) >= OUTAGE_SHARE;

/** The metrics count calls to Mistral, so whoever made them fail may be there or here. */
export const isMetricsOnly = (seen: Seen): boolean => seen.health?.outcome !== 'failed' && isServiceFailing(seen);

/** Nobody is let in with the key, and whoever comes without one is refused in the same way: then it is not about our key. */
export const isRefusedAlike = (branch: Branch, { asked, mistral }: Pick<Seen, 'asked' | 'mistral'>): boolean =>
  branch === 'access.forbidden' &&
  mistral.every(({ outcome }) => outcome !== 'ok') &&
  isFailedAs(asked('path'), /^access\.forbidden$/);

/** Mistral counts by organisation: who has no key meets no limit of ours, but that of a gateway or of an address. */
export const isLimitedAlike = (branch: Branch, { asked }: Pick<Seen, 'asked'>): boolean =>
  branch === 'rate.minute' && isFailedAs(asked('path'), /^rate\.minute$/);

/** Every stream breaks off behind a proxy that we know, and whole answers come: either may cut them. */
export const isCutByProxy = (branch: Branch, seen: Pick<Seen, 'asked' | 'mistral'>): boolean =>
  proxyOf(seen.asked) !== null &&
  isStreamsOnly(branch, seen) &&
  seen.mistral.every(({ name, outcome }) => !name.startsWith('stream:') || outcome === 'failed');

/** A page refused whoever came with the key, and nobody without one. */
export const isPageForKey = (branch: Branch, { asked, mistral }: Pick<Seen, 'asked' | 'mistral'>): boolean =>
  branch === 'access.forbidden' && mistral.some(({ name }) => isFailedAs(asked(name), /^net\.egress_blocked$/));

/** What no key is asked for: a success that is no answer, which the API never gives, or an answer that breaks off or does not end. */
const ODD_ANSWER = /^(?:content|stream)\.|^timeout\.body/;

/** Even a call without a key is answered oddly, or told that it is no valid request, where Mistral would ask for the key. */
export const isAnsweredInFront = (seen: Seen): boolean =>
  (isAll(seen, ODD_ANSWER) && isFailedAs(seen.asked('path'), ODD_ANSWER)) || isInvalidForAll(seen);

/** The list needs nothing that could be invalid, and neither does who has no key. */
const isInvalidForAll = ({ mistral, asked }: Seen): boolean =>
  mistral.every(({ outcome }) => outcome !== 'ok') &&
  [mistral[0] ?? null, asked('path')].every((one) => isFailedAs(one, /^request\.invalid$/));

/** The model list is always there: where it is not found, the address is wrong. */
export const isNowhere = (branch: Branch, seen: Seen): boolean =>
  branch === 'model_or_route.not_found' &&
  isFailedAs(seen.mistral[0] ?? null, /^model_or_route\.not_found$/) &&
  seen.mistral.every(({ outcome }) => outcome !== 'ok');

/** Whole answers come from every model that was asked for one. */
export const isStreamsOnly = (branch: Branch, { mistral }: Pick<Seen, 'mistral'>): boolean =>
  /^(?:stream|content)\.|^timeout\.body/.test(branch) &&
  mistral.some(({ outcome }) => outcome === 'failed') &&
  mistral.every(({ name, outcome }) => outcome === 'ok' || name.startsWith('stream:'));

/** Where calls take a proxy, the first steps lead to it: what fails there is ours. */
export const isOwnProxy = (branch: Branch, { asked }: Pick<Seen, 'asked'>): boolean =>
  proxyOf(asked) !== null &&
  /^net\.(?:dns|refused|connect_timeout)$/.test(branch) &&
  ['proxy', 'dns', 'connect'].some((name) => asked(name)?.outcome === 'failed' && asked(name)?.branch === branch);

/** The environment names a proxy, and calls go without it. */
export const hasUnusedProxy = ({ asked }: Pick<Seen, 'asked'>): boolean =>
  textFact(asked('proxy'), 'unusedProxy') !== null;

/** No question left our own code: nothing is known of Mistral. */
export const isOwnCodeOnly = (seen: Pick<Seen, 'mistral'>): boolean =>
  seen.mistral.some(({ outcome }) => outcome === 'failed') &&
  seen.mistral.every((one) => one.outcome === 'unknown' || isFailedAs(one, /^client\./));

/** When the key ended by the account; null: it has not, or nobody knows. */
export const keyEnded = ({ asked, atMs }: Pick<Seen, 'asked' | 'atMs'>): number | null => {
  const expiresMs = momentFact(asked('keys'), 'expiresAt');
  return expiresMs !== null && expiresMs <= atMs ? expiresMs : null;
};

/** A refused key that is told to be a bill by the account alone: no answer to a call says so. */
export const isBillBySpend = (branch: Branch, { asked, mistral }: Pick<Seen, 'asked' | 'mistral'>): boolean =>
  branch.startsWith('billing.') &&
  !isFailedAs(asked('standby'), /^billing\./) &&
  mistral.every(({ name }) => !isFailedAs(asked(name), /^billing\./));

export const hasPadding = ({ asked }: Pick<Seen, 'asked'>): boolean => asked('stored-key')?.outcome === 'failed';

const refusedWindows = ({ mistral }: Pick<Seen, 'mistral'>, branch: Branch): readonly (readonly RateWindow[])[] =>
  mistral.filter((one) => one.branch === branch).map(({ evidence }) => readWindows(evidence));

/** A window of the minute that had room when it refused. */
export const unusedWindow = (branch: Branch, seen: Pick<Seen, 'mistral'>): RateWindow | null =>
  refusedWindows(seen, branch)
    .filter(hasRoom)
    .flat()
    .find(({ window, limit, remaining }) => window === 'minute' && limit !== null && remaining !== null) ?? null;

export const hasUnusedRoom = (branch: Branch, seen: Pick<Seen, 'mistral'>): boolean =>
  refusedWindows(seen, branch).some(hasRoom);

/** What is spent of the limit of the minute; null: the headers do not tell. */
export const spentKind = (branch: Branch, seen: Pick<Seen, 'mistral'>): RateWindow['kind'] | null =>
  refusedWindows(seen, branch)
    .map(spentMinute)
    .find((window) => window !== null)?.kind ?? null;

export const hurtModels = ({ mistral }: Pick<Seen, 'mistral'>, branch: Branch): readonly string[] => [
  ...new Set(mistral.filter((one) => one.branch === branch).flatMap((one) => modelOf(one) ?? [])),
];

/** The code of an error that came inside a success; null: none did. */
export const codeInSuccess = (branch: Branch, { mistral }: Pick<Seen, 'mistral'>): string | null =>
  mistral
    .filter((one) => one.branch === branch)
    .filter(({ evidence }) => Math.floor((evidence?.status ?? 0) / 100) === 2)
    .map((one) => textFact(one, 'code'))
    .find((code) => code !== null) ?? null;
