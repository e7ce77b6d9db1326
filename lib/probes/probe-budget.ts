import type { Finding } from '../domain/diagnosis.ts';
import type { LastAsked, ProbeBudget } from '../domain/probe-budget.ts';

const HOUR_MS = 3_600_000;
const SLOT_MS = 300_000;

/** A question that costs: `tokens` counts what is sent and what is answered at most. */
export type Spending = { readonly name: string; readonly model: string; readonly tokens: number };

export type Reserved = {
  readonly budget: ProbeBudget;
  /** Questions that are not to be asked now, by name, with why. */
  readonly withheld: ReadonlyMap<string, string>;
};

const isLimited = ({ branch }: LastAsked): boolean => /^(?:rate|quota|capacity)\./.test(branch ?? '');

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

type Rules = {
  readonly tokensPerHour: number;
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
  { tokensPerHour, limitedGapMs, nowMs }: Rules,
): Reserved => {
  const spent = budget.spent.filter(({ atMs }) => isWithin(atMs, nowMs, HOUR_MS));
  const withheld = new Map<string, string>();
  const models: Record<string, LastAsked> = {};
  let leftTokens = tokensPerHour - spent.reduce((sum, { tokens }) => sum + tokens, 0);
  let takenTokens = 0;
  for (const { name, model, tokens } of wanted) {
    const last = models[model] ?? budget.models[model];
    if (last) models[model] = last;
    if (last && isLimited(last) && isWithin(last.askedMs, nowMs, limitedGapMs)) {
      withheld.set(
        name,
        `not asked: ${model} is limited, and asked no more than every ${Math.round(limitedGapMs / 1000)} s while it is; ${nameLast(last, nowMs)}`,
      );
    } else if (tokens > leftTokens) {
      withheld.set(
        name,
        `not asked: the ${tokensPerHour} tokens an hour for probes are spent; ${nameLast(last, nowMs)}`,
      );
    } else {
      leftTokens -= tokens;
      takenTokens += tokens;
      models[model] = { ...(last ?? { outcome: 'unknown', branch: null }), askedMs: nowMs };
    }
  }
  return { budget: { spent: addSpent(spent, takenTokens, nowMs), models }, withheld };
};

/** What the asked models said; a question that was withheld or not answered leaves the last answer as it is. */
export const noteAnswers = (
  budget: ProbeBudget,
  asked: readonly Spending[],
  findings: readonly Finding[],
): ProbeBudget => {
  const models: Record<string, LastAsked> = { ...budget.models };
  for (const { name, model } of asked) {
    const [last, finding] = [models[model], findings.find((one) => one.name === name)];
    if (last === undefined || finding === undefined || finding.outcome === 'unknown') continue;
    models[model] = { askedMs: last.askedMs, outcome: finding.outcome, branch: finding.branch ?? null };
  }
  return { ...budget, models };
};
