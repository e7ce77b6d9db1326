import { isOfLimit } from '../domain/branch.ts';
import type { ProbeAnswer } from '../domain/diagnosis.ts';
import type { LastAsked } from '../domain/probe-budget.ts';
import { BRANCH_WORDS } from './words.ts';

type Unasked = {
  /** Of the question that is not put. */
  readonly name: string;
  readonly nowMs: number;
  /** How long a model that is limited is not asked again. */
  readonly limitedRecheckMs: number;
};

/**
 * What a model said a moment ago, as the answer to a question that is not put for its sake; null: that says nothing about this question. Of
 * failures a limit alone is carried: who asked may have had another key of the same secret, which is refused for itself.
 */
export const carryAnswer = (
  { askedMs, outcome, branch, evidence }: LastAsked,
  { name, nowMs, limitedRecheckMs }: Unasked,
) => {
  const seconds = Math.max(0, Math.round((nowMs - askedMs) / 1000));
  const span = limitedRecheckMs === 60_000 ? 'the minute' : `${Math.round(limitedRecheckMs / 1000)} s`;
  const when = `asked ${seconds} s ago and not again within ${span}`;
  const carried = { latencyMs: 0, facts: { askedSecondsAgo: seconds } } satisfies Partial<ProbeAnswer>;
  if (outcome === 'failed' && branch !== null && isOfLimit(branch)) {
    const known = evidence === undefined ? {} : { evidence };
    return { outcome, branch, why: `${when}: ${BRANCH_WORDS[branch].what}`, ...carried, ...known };
  }
  return outcome === 'ok' && name.startsWith('chat:') ? { outcome, note: when, ...carried } : null;
};
