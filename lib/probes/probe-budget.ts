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
  /** What its model was asked last, and perhaps has said, where it is withheld for the sake of that; null: it is withheld for something else. */
  readonly last: LastAsked | null;
  /** The question of the same round that asks its model; absent: there is none. */
  readonly beside?: string;
};

export type Reserved = {
  readonly budget: ProbeBudget;
  /** Questions that are not to be asked now, by name. */
  readonly withheld: ReadonlyMap<string, Withheld>;
};

/** What a model says to one key it says to all of the account. */
export const isLimited = ({ branch }: Pick<LastAsked, 'branch'>): boolean =>
  /^(?:rate|quota|capacity)\./.test(branch ?? '');

const secondsAgo = (atMs: number, nowMs: number): string => `${Math.max(0, Math.round((nowMs - atMs) / 1000))} s ago`;

const nameLast = (last: LastAsked | undefined, nowMs: number): string =>
  last === undefined
    ? 'it was not asked before'
    : `its last answer, ${secondsAgo(last.askedMs, nowMs)}, was ${last.branch ?? last.outcome}`;

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

/** Of models that somebody else asks with the same key, those that are limited: the others need no remembering. */
const othersOf = (budget: ProbeBudget, wanted: readonly Spending[], nowMs: number): Record<string, LastAsked> =>
  Object.fromEntries(
    Object.entries(budget.models).filter(
      ([model, last]) =>
        isLimited(last) && isWithin(last.askedMs, nowMs, HOUR_MS) && !wanted.some((one) => one.model === model),
    ),
  );

type Rules = {
  readonly tokensPerHour: number;
  /** Of these, what is spent without being written down. */
  readonly setAside: number;
  /** Between questions to a model that is limited: Mistral counts by the minute and model, and a probe takes from what users have. */
  readonly limitedGapMs: number;
  readonly nowMs: number;
};

/**
 * Takes what the questions cost out of the budget before they are asked. Withheld is what would exceed the hour's tokens, and a second question
 * within `limitedGapMs` to a model that said last that it is limited.
 */
export const reserveProbes = (
  budget: ProbeBudget,
  wanted: readonly Spending[],
  { tokensPerHour, setAside, limitedGapMs, nowMs }: Rules,
): Reserved => {
  const spent = budget.spent.filter(({ atMs }) => isWithin(atMs, nowMs, HOUR_MS));
  const withheld = new Map<string, Withheld>();
  const taken = new Map<string, string>();
  const models = othersOf(budget, wanted, nowMs);
  let leftTokens = tokensPerHour - setAside - spent.reduce((sum, { tokens }) => sum + tokens, 0);
  let takenTokens = 0;
  for (const { name, model, tokens } of byWaiting(wanted, budget)) {
    const last = models[model] ?? budget.models[model];
    if (last) models[model] = last;
    if (last && isLimited(last) && isWithin(last.askedMs, nowMs, limitedGapMs)) {
      const why = `not asked: ${model} is limited, and asked no more than every ${Math.round(limitedGapMs / 1000)} s while it is; ${nameLast(last, nowMs)}`;
      const beside = taken.get(model);
      withheld.set(name, { model, why, last, ...(beside === undefined ? {} : { beside }) });
    } else if (tokens > leftTokens) {
      const why = `not asked: the ${tokensPerHour} tokens an hour for probes are spent; ${nameLast(last, nowMs)}`;
      withheld.set(name, { model, why, last: null });
    } else {
      leftTokens -= tokens;
      takenTokens += tokens;
      taken.set(model, name);
      models[model] = { ...(last ?? { outcome: 'unknown', branch: null }), askedMs: nowMs };
    }
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
 * What the models said that were asked at `askedMs`. A question that was withheld (an earlier answer stands for it) or not answered leaves the last answer as it is, and so
 * does one that was paid for beforehand, unless it begins or ends a limit.
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
