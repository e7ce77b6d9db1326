import type { Branch } from '../domain/branch.ts';
import { isDeadKey, isTrueFact, momentFact, numberFact, textFact } from '../domain/finding-facts.ts';
import { nameIn } from '../domain/plain-text.ts';
import { hasPadding, hurtModels } from './cases.ts';
import { contradictionOf } from './contradictions.ts';
import { readWindows, spentMinute } from './limits.ts';
import { clockOf, dayOf, listNames, spanOf } from './say.ts';
import { isKeyAccepted, nearlySpentModels, openRegions, type Seen } from './seen.ts';
import { isOpenPath, proxyOf } from './sharpen.ts';

type Clue = { readonly branches: RegExp; readonly tell: (seen: Seen, branch: Branch) => string | null };

const MOST_CLUES = 3;
const MOST_REPLACED = 2;

/** Beyond this the certificate's dates are read wrongly and signed requests are refused. */
const SKEW_MS = 5 * 60_000;

const DAY_MS = 86_400_000;

/** How far our clock is ahead (above 0) or behind; null: it is right, or nobody compared it. */
export const skewOf = ({ asked }: Pick<Seen, 'asked'>): number | null => {
  const skewMs = numberFact(asked('clock'), 'clockSkewMs');
  return skewMs === null || Math.abs(skewMs) <= SKEW_MS || Math.abs(skewMs) > 1e13 ? null : skewMs;
};

export const tellSkew = (skewMs: number): string => `${spanOf(skewMs)} ${skewMs > 0 ? 'ahead' : 'behind'}`;

const tellCertificate = ({ asked, atMs, ...seen }: Seen): string | null => {
  const skewMs = skewOf({ asked, ...seen });
  if (skewMs !== null) return `our clock is ${tellSkew(skewMs)}`;
  const endsMs = momentFact(asked('tls'), 'certificateEndsAt');
  const startsMs = momentFact(asked('tls'), 'certificateStartsAt');
  if (endsMs !== null && endsMs < atMs) return `the certificate ended on ${dayOf(endsMs)}`;
  if (startsMs === null || startsMs <= atMs) return null;
  return `the certificate begins ${startsMs - atMs < DAY_MS ? `at ${clockOf(startsMs, atMs)}` : `on ${dayOf(startsMs)}`}`;
};

const tellStandby = ({ asked }: Seen): string | null => {
  const standby = asked('standby');
  // It was asked for the list: that says nothing where the list lets the present key in as well.
  if (standby?.outcome === 'ok' && asked('models')?.outcome === 'ok') return null;
  if (standby?.outcome === 'ok') return 'the standby key is accepted';
  return isDeadKey(standby) ? 'the standby key is refused as well' : null;
};

/** What Mistral names in the place of a model that is gone; null: none is known. */
export const replacementOf = ({ asked }: Pick<Seen, 'asked'>, model: string): string | null => {
  const name = textFact(asked(`model:${model}`), 'replacedBy');
  return name === null ? null : nameIn(name);
};

const tellReplacement = (seen: Seen, branch: Branch): string | null => {
  const named = hurtModels(seen, branch).flatMap((model) => {
    const by = replacementOf(seen, model);
    return by === null ? [] : [{ model: nameIn(model), by }];
  });
  const [first] = named;
  if (first === undefined) return null;
  if (named.length === 1) return `Mistral names ${first.by} as the replacement`;
  return `Mistral names ${named
    .slice(0, MOST_REPLACED)
    .map(({ model, by }) => `${by} in place of ${model}`)
    .join(', ')}`;
};

const tellRetired = (seen: Seen, branch: Branch): string | null =>
  hurtModels(seen, branch)
    .flatMap((model) => momentFact(seen.asked(`model:${model}`), 'deprecatedAt') ?? [])
    .filter((ms) => ms <= seen.atMs)
    .map((ms) => `it was deprecated on ${dayOf(ms)}`)[0] ?? null;

const tellLimit = (seen: Seen, branch: Branch): string | null => {
  const windows = seen.mistral.filter((one) => one.branch === branch).flatMap(({ evidence }) => readWindows(evidence));
  const spent = spentMinute(windows);
  return spent?.limit ? `the limit is ${spent.limit} ${spent.kind} a minute` : null;
};

const tellNearlySpent = (seen: Seen): string | null => {
  const models = nearlySpentModels(seen);
  return models.length === 0 ? null : `next to nothing is left of the limits of ${listNames(models)}`;
};

export const tellDeploy = (deploy: NonNullable<Seen['deploy']>, atMs: number): string =>
  `${deploy.version === undefined ? 'our deploy' : `our deploy of ${deploy.version}`} at ${clockOf(Date.parse(deploy.at), atMs)}`;

const tellSince = ({ later }: NonNullable<Seen['deploy']>, atMs: number): string => {
  if (later === undefined) return '';
  const what = later.version ?? (later.isBack ? 'what ran before' : 'another version');
  return ` and has not ended with ${later.isBack ? 'the way back to ' : ''}${what} at ${clockOf(Date.parse(later.at), atMs)}`;
};

/** `our last deploy, 4.2.0, was 58 minutes earlier`. */
const tellEarlier = ({ deploy: { version }, beforeMs }: NonNullable<Seen['earlier']>): string =>
  `the last deploy${version === undefined ? '' : ` (${version})`} was ${spanOf(beforeMs)} before it`;

const tellBegan = ({ deploy, earlier, atMs }: Seen, branch: Branch): string | null => {
  if (deploy === null) return earlier === null || !branch.startsWith('app.') ? null : tellEarlier(earlier);
  // Our own question, which does not run it, fails as well.
  if (!branch.startsWith('app.')) return `${tellDeploy(deploy, atMs)} went out right before`;
  return `it began with ${tellDeploy(deploy, atMs)}${tellSince(deploy, atMs)}`;
};

const tellMonth = ({ asked }: Seen): string | null =>
  isTrueFact(asked('spend'), 'monthlyLimitReached') ? 'the account shows its limit of the month as reached' : null;

const tellBill = (seen: Seen): string | null =>
  tellMonth(seen) ??
  (seen.asked('standby')?.branch?.startsWith('billing.') === true ? 'the standby key is told so' : null);

const tellOpenPath = ({ asked }: Seen, branch: Branch): string | null => {
  // Of calls that are stopped while the list is answered it was told beside that.
  if (!isOpenPath(asked) || (branch === 'net.egress_blocked' && asked('models')?.outcome === 'ok')) return null;
  return /^net\.(?!egress)/.test(branch)
    ? 'the same address answers without a key: only some calls are stopped'
    : 'the same address answers without a key, so the way is open';
};

const tellAccepted = ({ asked }: Seen): string | null =>
  asked('models')?.outcome === 'ok' ? 'the model list accepts the same key' : null;

const tellRegion = (seen: Seen, branch: Branch): string | null => {
  // It was asked for the list, too.
  if (branch.startsWith('access.') && isKeyAccepted(seen)) return null;
  const open = openRegions(seen);
  return open.length === 0 ? null : `the endpoint ${listNames(open)} answers our key`;
};

const tellProxy = ({ asked }: Seen): string | null => {
  const proxy = proxyOf(asked);
  return proxy === null ? null : `calls go through the proxy ${nameIn(proxy)}`;
};

const tellFact =
  (probe: string, fact: string, lead: string) =>
  ({ asked }: Seen): string | null => {
    const text = textFact(asked(probe), fact);
    return text === null ? null : `${lead} ${nameIn(text)}`;
  };

/** What a second question adds to a cause, weightiest first. Nothing that changes from check to check: each change rewrites the message. */
const CLUES: readonly Clue[] = [
  { branches: /./, tell: (seen, branch) => contradictionOf(branch, seen) },
  {
    branches: /^app\./,
    tell: (seen) => (hasPadding(seen) ? 'there is white space around the stored key' : null),
  },
  { branches: /^app\.|^config\.(?!api_key)|^request\.(?!context)|^model_or_route\./, tell: tellBegan },
  { branches: /^billing\.inactive/, tell: tellBill },
  { branches: /^app\./, tell: tellNearlySpent },
  { branches: /^access\.forbidden$/, tell: tellAccepted },
  { branches: /^(?:auth|access)\./, tell: tellStandby },
  { branches: /^(?:auth|access|net|timeout|provider|content|stream)\./, tell: tellRegion },
  { branches: /^net\.tls_dates_clock_skew$/, tell: tellCertificate },
  { branches: /^net\.tls_untrusted_interception$/, tell: tellFact('tls', 'issuer', 'its issuer is') },
  { branches: /^net\.tls_hostname$/, tell: tellFact('tls', 'tlsHost', 'it is for') },
  { branches: /^net\./, tell: tellProxy },
  {
    branches: /^(?:net\.(?!tls)|timeout\.|access\.forbidden$)/,
    tell: tellOpenPath,
  },
  { branches: /^model\./, tell: tellReplacement },
  { branches: /^model\./, tell: tellRetired },
  { branches: /^rate\./, tell: tellLimit },
  { branches: /^(?:auth|access\.forbidden|rate)/, tell: tellMonth },
];

/** Clauses to follow the cause, at most three. */
export const cluesOf = (branch: Branch, seen: Seen): readonly string[] =>
  CLUES.filter(({ branches }) => branches.test(branch))
    .map(({ tell }) => tell(seen, branch))
    .filter((clue) => clue !== null)
    .slice(0, MOST_CLUES);
