import { isOfLimit } from '../domain/branch.ts';
import type { CallEvidence, Finding } from '../domain/diagnosis.ts';
import { isCarried } from '../domain/finding-facts.ts';
import type { LastAsked, ProbeBudget } from '../domain/probe-budget.ts';

const HOUR_MS = 3_600_000;
const SLOT_MS = 300_000;

/** A question that costs: `tokens` counts what is sent and what is answered at most. */
export type Spending = { readonly name: string; readonly model: string; readonly tokens: number };

export type Withheld = {
  readonly model: string;
  readonly why: string;
  /**
   * What its model was asked last, and perhaps has said, where it is withheld for the sake of that; null: it is withheld for something else.
   */
  readonly last: LastAsked | null;
  /** The question of the same round that asks its model; absent: there is none. */
  readonly beside?: string;
  /** It may be put once that one has been answered well, since its tokens are taken. */
  readonly isPaid?: boolean;
};

export type Reserved = {
  readonly budget: ProbeBudget;
  /** Questions that are not to be asked now, by name. */
  readonly withheld: ReadonlyMap<string, Withheld>;
};

/** What a model says to one key it says to all of the account. */
const isLimited = ({ branch }: Pick<LastAsked, 'branch'>): boolean => isOfLimit(branch ?? '');

const secondsAgo = (atMs: number, nowMs: number): string => `${Math.max(0, Math.round((nowMs - atMs) / 1000))} s ago`;

const nameLast = (last: LastAsked | undefined, nowMs: number): string => {
  if (last === undefined) return 'it was not asked before';
  const { askedMs, saidMs = askedMs, outcome, branch } = last;
  const asked = secondsAgo(askedMs, nowMs);
  if (outcome === 'unknown') return `it was asked ${asked} and has not answered yet`;
  const said = `its last answer, ${secondsAgo(saidMs, nowMs)}, was ${branch ?? outcome}`;
  return saidMs === askedMs ? said : `${said}, and it was asked again ${asked}`;
};

/** A clock that was set back must neither forget what was spent nor withhold for ever. */
const isWithin = (atMs: number, nowMs: number, spanMs: number): boolean => Math.abs(nowMs - atMs) < spanMs;

const addSpent = (spent: ProbeBudget['spent'], tokens: number, nowMs: number): ProbeBudget['spent'] => {
  if (tokens === 0) return spent;
  const atMs = Math.floor(nowMs / SLOT_MS) * SLOT_MS;
  const before = spent.find((slot) => slot.atMs === atMs)?.tokens ?? 0;
  return [...spent.filter((slot) => slot.atMs !== atMs), { atMs, tokens: before + tokens }];
};

/** Whether one of the models said last that it is limited. */
export const isAnyLimited = ({ models }: ProbeBudget, wanted: readonly Spending[]): boolean =>
  wanted.some(({ model }) => isLimited(models[model] ?? { branch: null }));

/** Who waited longest comes first, so that a short budget starves nobody for ever. */
const byWaiting = (wanted: readonly Spending[], { models }: ProbeBudget): readonly Spending[] =>
  wanted.toSorted((one, other) => (models[one.model]?.askedMs ?? 0) - (models[other.model]?.askedMs ?? 0));

/** Of models that only somebody else asks with the same key, those that are limited: the others need no remembering. */
const keptOf = (budget: ProbeBudget, wanted: readonly Spending[], nowMs: number): Record<string, LastAsked> =>
  Object.fromEntries(
    Object.entries(budget.models).filter(
      ([model, last]) =>
        wanted.some((one) => one.model === model) || (isLimited(last) && isWithin(last.askedMs, nowMs, HOUR_MS)),
    ),
  );

type Rules = {
  readonly tokensPerHour: number;
  /** Of these, what is spent without being written down. */
  readonly setAside: number;
  /** Between questions to a model that is limited: Mistral counts by the minute and model, and a probe takes from what users have. */
  readonly limitedGapMs: number;
  /** That gap as it is told: without what a check that begins late is given. */
  readonly toldGapMs: number;
  readonly nowMs: number;
};

const isHeldBack = (
  last: LastAsked | undefined,
  { limitedGapMs, nowMs }: Pick<Rules, 'limitedGapMs' | 'nowMs'>,
): last is LastAsked => last !== undefined && isLimited(last) && isWithin(last.askedMs, nowMs, limitedGapMs);

/**
 * Takes what the questions cost out of the budget before they are asked. Withheld is what would exceed the hour's tokens, and a second question
 * within `limitedGapMs` to a model that said last that it is limited. Where the first question of a round may be asked, the second is paid
 * for: the limit may be over.
 */
export const reserveProbes = (
  budget: ProbeBudget,
  wanted: readonly Spending[],
  { tokensPerHour, setAside, limitedGapMs, toldGapMs, nowMs }: Rules,
): Reserved => {
  const spent = budget.spent.filter(({ atMs }) => isWithin(atMs, nowMs, HOUR_MS));
  const withheld = new Map<string, Withheld>();
  const taken = new Map<string, string>();
  const models = keptOf(budget, wanted, nowMs);
  const leftTokens = tokensPerHour - setAside - spent.reduce((sum, { tokens }) => sum + tokens, 0);
  let takenTokens = 0;
  const take = (tokens: number): boolean => {
    const isEnough = takenTokens + tokens <= leftTokens;
    if (isEnough) takenTokens += tokens;
    return isEnough;
  };
  for (const { name, model, tokens } of byWaiting(wanted, budget)) {
    const last = models[model];
    const said = nameLast(last, nowMs);
    const limitedWhy = `not asked: ${model} is limited, and asked no more than every ${toldGapMs / 1000} s while it is; ${said}`;
    const spentWhy = `not asked: the ${tokensPerHour} tokens an hour for probes are spent; ${said}`;
    const isHeld = isHeldBack(last, { limitedGapMs, nowMs });
    const beside = taken.get(model);
    if (isHeld && beside !== undefined) {
      const isPaid = take(tokens);
      withheld.set(name, { model, why: isPaid ? limitedWhy : spentWhy, last, beside, isPaid });
    } else if (isHeld) withheld.set(name, { model, why: limitedWhy, last });
    else if (take(tokens)) {
      taken.set(model, name);
      models[model] = { ...(last ?? { outcome: 'unknown', branch: null }), askedMs: nowMs };
    } else withheld.set(name, { model, why: spentWhy, last: null });
  }
  return { budget: { spent: addSpent(spent, takenTokens, nowMs), models }, withheld };
};

/** Not its date: a clock is compared with an answer of now. */
const keepOf = ({
  status,
  correlationId,
  requestId,
  rateLimits,
}: CallEvidence): NonNullable<LastAsked['evidence']> => ({
  ...(status === undefined ? {} : { status }),
  ...(correlationId === undefined ? {} : { correlationId }),
  ...(requestId === undefined ? {} : { requestId }),
  ...(rateLimits === undefined ? {} : { rateLimits }),
});

/** A finding as what its model said to a question of then. */
export const saidBy = (
  { outcome, branch, evidence }: Pick<Finding, 'outcome' | 'branch' | 'evidence'>,
  askedMs: number,
): LastAsked => {
  const said = { askedMs, saidMs: askedMs, outcome, branch: branch ?? null };
  return isLimited(said) && evidence !== undefined ? { ...said, evidence: keepOf(evidence) } : said;
};

/**
 * What the models said that were asked at `askedMs`. A question that was withheld (an earlier answer stands for it) or not answered leaves the
 * last answer as it is, and so does one that was paid for beforehand, unless it begins or ends a limit.
 */
export const noteAnswers = (
  budget: ProbeBudget,
  asked: readonly Spending[],
  { askedMs, findings }: { readonly askedMs: number; readonly findings: readonly Finding[] },
): ProbeBudget => {
  const models: Record<string, LastAsked> = { ...budget.models };
  for (const { name, model } of asked) {
    const [last, finding] = [models[model], findings.find((one) => one.name === name)];
    if (finding === undefined || finding.outcome === 'unknown' || isCarried(finding)) continue;
    const said = saidBy(finding, askedMs);
    if (last?.askedMs === askedMs || isLimited(said) || (last && isLimited(last))) models[model] = said;
  }
  return { ...budget, models };
};
