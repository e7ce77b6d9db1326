import type { ProbeAnswer } from '../domain/diagnosis.ts';
import { FAILING_SHARE, hasSlowed, isSlowChat, numberFact } from '../domain/finding-facts.ts';

/** What shows that something is wrong, and what a model is. Everything else says what it is, and is not needed while all is well. */
const FIRST = /^(?:models$|chat:|stream:|model:|health$|traffic$)/;

export const isFirstQuestion = (name: string): boolean => FIRST.test(name);

type Seen = Pick<ProbeAnswer, 'name' | 'outcome' | 'facts' | 'latencyMs'>;

const saysFailing = (traffic: Seen): boolean =>
  (numberFact(traffic, 'failingShare') ?? 0) >= FAILING_SHARE || hasSlowed(traffic);

/** Whether an answer to a first question leaves it open that all is well. A source that nobody configured leaves nothing open. */
export const isTrouble = (answer: Seen): boolean => {
  if (!isFirstQuestion(answer.name)) return false;
  if (answer.outcome === 'unknown') return answer.facts?.['configured'] !== false;
  return answer.outcome === 'failed' || isSlowChat(answer) || (answer.name === 'traffic' && saysFailing(answer));
};
