import type { ProbeAnswer } from '../domain/diagnosis.ts';
import type { CallResult } from '../ports/probes.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** An answer that does not yet know whose question it was. */
export type Answered = Without<ProbeAnswer, 'name' | 'question'>;

/** One question to the world. `ask` answers within its limit; whoever runs it holds it to the deadline. */
export type Probe = {
  readonly name: string;
  readonly question: string;
  readonly ask: (timeoutMs: number) => Promise<Answered>;
};

/** What answers in the place of a question, which it may put after all by `put`. */
export type AskInPlace = (timeoutMs: number, put: Probe['ask']) => Promise<Answered>;

/** Why nothing was sent, where the codes say that it was our own refusal, which says nothing about the other side; null: they do not. */
export const whyNotAsked = (codes: readonly string[]): string | null =>
  codes.includes('ADDRESS_REFUSED')
    ? 'it leads to a private or metadata address, which is not asked unless that is configured'
    : null;

export const answerOf = (result: CallResult): Answered => {
  const { latencyMs, evidence, facts } = result;
  const known = { latencyMs, evidence, ...(facts === undefined ? {} : { facts }) };
  if (result.ok) return { outcome: 'ok', ...known, ...(result.note === undefined ? {} : { note: result.note }) };
  const why = whyNotAsked(result.failure.codes);
  return why === null
    ? { outcome: 'failed', ...known, failure: result.failure }
    : { outcome: 'unknown', ...known, why };
};

/**
 * The same of a list of models. Who keeps thousands has nothing wrong: a list of which more comes than is read (`fetchAnswer` in the adapter:
 * 4 MB) says nothing.
 */
export const answerOfList = (result: CallResult): Answered => {
  if (result.ok || !result.failure.codes.includes('ANSWER_TOO_LARGE')) return answerOf(result);
  const { latencyMs, evidence } = result;
  return { outcome: 'unknown', latencyMs, evidence, why: 'the list is larger than 4 MB, and is not read' };
};
