import type { Finding } from '../domain/diagnosis.ts';
import { EMPTY_BUDGET } from '../domain/probe-budget.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import { spendingOf } from '../probes/plan-probes.ts';
import { noteAnswers, reserveProbes } from '../probes/probe-budget.ts';
import type { Parts } from './parts.ts';
import { placeKey } from './target-of.ts';

type BudgetParts = Pick<Parts, 'store' | 'clock' | 'settings'>;

/** A check that is due each minute must not be withheld because the one before it began late. */
const TOLERANCE_MS = 1_000;

/** So often somebody else may write the record first before this round leaves the questions to them. */
const MOST_TRIES = 4;

/**
 * Takes the cost of all questions to a service out of its budget before they are asked, so that processes that ask at the same time spend
 * together what one may. Answers with the questions that are not to be asked, and why.
 */
export const spendOnProbes = async (
  { store, clock, settings }: BudgetParts,
  target: ServiceTarget,
): Promise<ReadonlyMap<string, string>> => {
  const key = placeKey(target);
  const wanted = spendingOf(target);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const stored = await store.read('probing', key);
    const rules = {
      tokensPerHour: settings.probing.tokensPerHour,
      limitedGapMs: settings.limitedRecheckMs - TOLERANCE_MS,
      nowMs: clock.nowMs(),
    };
    const { budget, withheld } = reserveProbes(stored?.record ?? EMPTY_BUDGET, wanted, rules);
    if ((await store.write('probing', key, budget, stored?.version ?? 0)) !== null) return withheld;
  }
  return new Map(wanted.map(({ name }) => [name, 'not asked: others ask the same at this moment']));
};

/** Keeps which models said that they are limited. Nothing is written while nothing changes; a round that loses the record is made up by the next. */
export const noteProbes = async (
  { store }: BudgetParts,
  target: ServiceTarget,
  findings: readonly Finding[],
): Promise<void> => {
  const key = placeKey(target);
  const stored = await store.read('probing', key);
  if (stored === null) return;
  const noted = noteAnswers(stored.record, spendingOf(target), findings);
  if (JSON.stringify(noted) === JSON.stringify(stored.record)) return;
  await store.write('probing', key, noted, stored.version);
};
