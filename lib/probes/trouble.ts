import type { ProbeAnswer } from '../domain/diagnosis.ts';

/** What shows that something is wrong, and what a model is. Everything else says what it is, and is not needed while all is well. */
const FIRST = /^(?:models$|chat:|stream:|model:|health$|traffic$)/;

/** As the alert rules have it: more than one in twenty calls fails. */
const FAILING_SHARE = 0.05;

export const isFirstQuestion = (name: string): boolean => FIRST.test(name);

/** Whether an answer to a first question leaves it open that all is well. A source that nobody configured leaves nothing open. */
export const isTrouble = ({ name, outcome, facts }: Pick<ProbeAnswer, 'name' | 'outcome' | 'facts'>): boolean => {
  if (!isFirstQuestion(name)) return false;
  if (outcome === 'unknown') return facts?.['configured'] !== false;
  const share = facts?.['failingShare'];
  return outcome === 'failed' || (name === 'traffic' && typeof share === 'number' && share >= FAILING_SHARE);
};
