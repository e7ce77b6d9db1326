import type { Branch } from '../domain/branch.ts';
import type { Finding } from '../domain/diagnosis.ts';
import { isLivingKey, isTrueFact, textFact } from '../domain/finding-facts.ts';
import { isSpentPeriod, isZero, readWindows, spentMinute } from './limits.ts';
import { BRANCH_WORDS } from './words.ts';

export type Asked = (name: string) => Finding | null;

/** Second questions, put beside the first: what they say of a failure that looks like another. */
type Second = { readonly from: RegExp; readonly tell: (finding: Finding, asked: Asked, round: Round) => Branch | null };

/** Whether no question got any answer, and whether a chat, which costs, got a good one. */
type Round = { readonly isSilent: boolean; readonly isChatted: boolean };

const branchIf = (finding: Finding | null, pattern: RegExp): Branch | null =>
  finding?.outcome === 'failed' && finding.branch !== undefined && pattern.test(finding.branch) ? finding.branch : null;

export const isOpenPath = (asked: Asked): boolean => asked('path')?.outcome === 'ok';
export const proxyOf = (asked: Asked): string | null => textFact(asked('proxy'), 'proxy');

const modelOf = ({ name }: Finding): string => name.replace(/^(?:chat|stream):/, '');
const cardOf = (finding: Finding, asked: Asked): Finding | null => asked(`model:${modelOf(finding)}`);

/** Failures of the way that do not say where on the way. */
const VAGUE_WAY = /^(?:net\.(?:unknown|refused|reset|connect_timeout|protocol)|timeout\.headers)$/;

/** The account's month explains nothing where a call that costs goes through. */
const isMonthReached = (asked: Asked, { isChatted }: Round): boolean =>
  !isChatted && isTrueFact(asked('spend'), 'monthlyLimitReached');

/** The list that refuses our key lets another one of the organisation in. */
const isStandbyLetIn = (asked: Asked): boolean =>
  asked('models')?.outcome === 'failed' && isLivingKey(asked('standby'));

const RULES: readonly Second[] = [
  // Mistral has told a spent plan as a refused key, and as a limit of the minute.
  { from: /^auth\./, tell: (_, asked) => branchIf(asked('standby'), /^billing\./) },
  {
    from: /^(?:auth|access\.forbidden)/,
    tell: (_, asked, round) =>
      isMonthReached(asked, round) && !isStandbyLetIn(asked) ? 'billing.inactive_or_limit' : null,
  },
  { from: /^rate\./, tell: ({ evidence }) => (readWindows(evidence).some(isZero) ? 'quota.zero_for_model' : null) },
  {
    from: /^rate\./,
    tell: ({ evidence }, asked, round) => {
      const windows = readWindows(evidence);
      const isByAccount = isMonthReached(asked, round) && spentMinute(windows) === null;
      return windows.some(isSpentPeriod) || isByAccount ? 'quota.period_exhausted' : null;
    },
  },
  // Who is answered without a key is not stopped on the way: the refusal was meant for us. Where our key is let in, too, it was meant for the call.
  {
    from: /^net\.egress_blocked$/,
    tell: (_, asked) => (isOpenPath(asked) && asked('models')?.outcome !== 'ok' ? 'access.forbidden' : null),
  },
  {
    from: /^(?:model_or_route\.not_found|request\.invalid)$/,
    tell: (finding, asked) => branchIf(cardOf(finding, asked), /^model\./),
  },
  {
    from: /^model_or_route\.not_found$/,
    tell: (finding, asked) => (cardOf(finding, asked)?.outcome === 'ok' ? 'config.wrong_route' : null),
  },
];

/** The steps of the way, nearest first; where calls take a proxy, the steps lead to it. */
const STEPS: readonly string[] = ['proxy', 'dns', 'connect', 'tls', 'path'];

/** What the steps say themselves: a proxy that refuses looks like nothing at all from further away. */
const DEFINITE = /^net\.(?:proxy_auth|intercepted_200_html|egress_blocked|dns|tls_.*)$/;

/** Asked only where no question got any answer from Mistral: then the steps say where the way ends. */
const WAY: readonly Second[] = [DEFINITE, /^net\.(?!unknown)/].flatMap((pattern) =>
  STEPS.map((name) => ({ from: VAGUE_WAY, tell: (_: Finding, asked: Asked) => branchIf(asked(name), pattern) })),
);

/** The number or code that stood behind the reason. */
const signOf = (why: string | undefined): string => / \([^()]*\)$/.exec(why ?? '')?.[0] ?? '';

/** Who had no answer from a model that is gone by its card need not ask again. */
const speakForSilent = (finding: Finding, asked: Asked): Finding => {
  const branch = branchIf(cardOf(finding, asked), /^model\./);
  return branch === null ? finding : { ...finding, outcome: 'failed', branch, why: BRANCH_WORDS[branch].what };
};

/** The same finding with the branch that the second questions point to. */
export const sharpen = (finding: Finding, asked: Asked, round: Round): Finding => {
  const { branch: first } = finding;
  if (finding.outcome === 'unknown') return speakForSilent(finding, asked);
  if (finding.outcome !== 'failed' || first === undefined) return finding;
  const rules = round.isSilent ? [...RULES, ...WAY] : RULES;
  const branch = rules
    .filter(({ from }) => from.test(first))
    .map(({ tell }) => tell(finding, asked, round))
    .find((told) => told !== null);
  if (branch === undefined || branch === first) return finding;
  return { ...finding, branch, why: `${BRANCH_WORDS[branch].what}${signOf(finding.why)}` };
};

/**
 * Whether a proxy of ours fails in just this way, so that nothing is left to guess. Without one the steps go the same way as the call and to
 * the same end: that they fail alike tells nothing of who is at fault.
 */
export const isConfirmed = (branch: Branch, asked: Asked): boolean =>
  proxyOf(asked) !== null && ['proxy', 'dns', 'connect'].some((name) => branchIf(asked(name), /^net\./) === branch);
