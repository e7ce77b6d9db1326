import type { Finding } from '../domain/diagnosis.ts';
import { EMPTY_BUDGET } from '../domain/probe-budget.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import type { Store } from '../ports/store.ts';
import { spendingOf } from '../probes/plan-probes.ts';
import type { AskInPlace } from '../probes/probe-answer.ts';
import { isAnyLimited, noteAnswers, reserveProbes, type Withheld } from '../probes/probe-budget.ts';
import type { Parts } from './parts.ts';
import { answerInPlace, collectAnswers, type RoundAnswers } from './withheld-answer.ts';

type BudgetParts = Pick<Parts, 'store' | 'clock' | 'wait' | 'settings'>;

/** A check that is due each minute must not be withheld because the one before it began late. */
const TOLERANCE_MS = 1_000;

/** So often somebody else may write the record first before this round leaves the questions to them. */
const MOST_TRIES = 4;

const HOUR_MS = 3_600_000;

export type Round = {
  /** When the tokens of this round were taken. */
  readonly askedMs: number;
  /** Questions that are not to be asked, and what answers in their place. */
  readonly withheld: ReadonlyMap<string, AskInPlace>;
  /** To be told each answer: one that is withheld may wait for another. */
  readonly hear: RoundAnswers['hear'];
};

/** Who writes the record of a secret in this process, one after the other: services with the same key ask at the same time. */
const TURNS = new WeakMap<Store, Map<string, Promise<unknown>>>();

const inTurn = <T>(store: Store, key: string, work: () => Promise<T>): Promise<T> => {
  const turns = TURNS.get(store) ?? new Map<string, Promise<unknown>>();
  TURNS.set(store, turns);
  const mine = (turns.get(key) ?? Promise.resolve()).then(work, work);
  turns.set(key, mine);
  return mine;
};

/**
 * What the services of one key may spend in an hour together, since Mistral counts by account and model, and what of it their routine checks
 * take: known beforehand, so that it need not be written down each minute. Where that would be more than half, it is written down as any other.
 */
const allowanceOf = ({ settings }: BudgetParts, { secretId }: ServiceTarget) => {
  const sharing = settings.services.filter((one) => one.secretId === secretId);
  const whole = settings.probing.tokensPerHour * Math.max(1, sharing.length);
  const costs = sharing.flatMap((one) => spendingOf(one)).reduce((sum, { tokens }) => sum + tokens, 0);
  const routine = costs * Math.ceil(HOUR_MS / settings.routineMs);
  return { tokensPerHour: whole, setAside: routine <= whole / 2 ? routine : null };
};

/**
 * Takes the cost of all questions to a service out of the budget of its key before they are asked, so that processes that ask at the same
 * time spend together what one may. A routine check of models that are not limited is paid for beforehand.
 */
export const spendOnProbes = (
  parts: BudgetParts,
  target: ServiceTarget,
  { isRoutine = false }: { readonly isRoutine?: boolean } = {},
): Promise<Round> => inTurn(parts.store, target.secretId, () => takeTokens(parts, target, isRoutine));

const takeTokens = async (parts: BudgetParts, target: ServiceTarget, isRoutine: boolean): Promise<Round> => {
  const { store, clock, settings } = parts;
  const wanted = spendingOf(target);
  const { tokensPerHour, setAside } = allowanceOf(parts, target);
  const askedMs = clock.nowMs();
  const toldGapMs = settings.limitedRecheckMs;
  const limitedGapMs = toldGapMs - TOLERANCE_MS;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const stored = await store.read('probing', target.secretId);
    const before = stored?.record ?? EMPTY_BUDGET;
    if (isRoutine && setAside !== null && !isAnyLimited(before, wanted))
      return openRound(parts, target, askedMs, new Map());
    const rules = { tokensPerHour, setAside: setAside ?? 0, limitedGapMs, toldGapMs, nowMs: askedMs };
    const { budget, withheld } = reserveProbes(before, wanted, rules);
    if ((await store.write('probing', target.secretId, budget, stored?.version ?? 0)) !== null)
      return openRound(parts, target, askedMs, withheld);
  }
  const why = 'not asked: others ask the same at this moment';
  const withheld = new Map(wanted.map(({ name, model }) => [name, { model, why, last: null }]));
  return openRound(parts, target, askedMs, withheld);
};

const openRound = (
  parts: BudgetParts,
  target: ServiceTarget,
  askedMs: number,
  withheld: ReadonlyMap<string, Withheld>,
): Round => {
  const { hear, answerTo } = collectAnswers();
  const inPlace = [...withheld].map(
    ([name, held]) => [name, answerInPlace(parts, { target, name, held, answerTo })] as const,
  );
  return { askedMs, withheld: new Map(inPlace), hear };
};

/**
 * Keeps which models said that they are limited, and what those said that were asked because they were. Nothing is written while nothing
 * changes; a round that loses the record is made up by the next.
 */
export const noteProbes = (
  { store }: BudgetParts,
  target: ServiceTarget,
  { askedMs, findings }: Pick<Round, 'askedMs'> & { readonly findings: readonly Finding[] },
): Promise<void> =>
  inTurn(store, target.secretId, async () => {
    const stored = await store.read('probing', target.secretId);
    const before = stored?.record ?? EMPTY_BUDGET;
    const noted = noteAnswers(before, spendingOf(target), { askedMs, findings });
    if (JSON.stringify(noted) === JSON.stringify(before)) return;
    await store.write('probing', target.secretId, noted, stored?.version ?? 0);
  });
