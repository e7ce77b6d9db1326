import type { LastAsked } from '../domain/probe-budget.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import type { Answered, Probe } from '../probes/probe-answer.ts';
import type { Withheld } from '../probes/probe-budget.ts';
import { BRANCH_WORDS } from '../triage/words.ts';
import type { Parts } from './parts.ts';

type WithheldParts = Pick<Parts, 'store' | 'clock' | 'wait' | 'settings'>;

const SLICE_MS = 100;

/**
 * What answers in the place of a question that is withheld. Where its model was asked a moment ago, by whoever has the same key, that is its
 * answer, and where it has none yet it is waited for. Else it has none, and why.
 */
export const answerInPlace =
  (parts: WithheldParts, { secretId }: ServiceTarget, name: string, { model, why, last }: Withheld): Probe['ask'] =>
  async (timeoutMs) => {
    const said = last === null ? null : await hear(parts, { secretId, model, last, timeoutMs });
    return (said && carry(name, said, parts.clock.nowMs())) ?? { outcome: 'unknown', why, latencyMs: 0 };
  };

const isAnswered = ({ askedMs, saidMs }: LastAsked): boolean => askedMs === saidMs;

type Open = {
  readonly secretId: string;
  readonly model: string;
  readonly last: LastAsked;
  readonly timeoutMs: number;
};

/** null: it was not answered, or another question has come since. Who asked may be another process, so it is looked for where all keep it. */
const hear = async (
  { store, clock, wait, settings }: WithheldParts,
  { secretId, model, last, timeoutMs }: Open,
): Promise<LastAsked | null> => {
  let said = last;
  const startedMs = clock.nowMs();
  const endMs = Math.min(startedMs + timeoutMs, last.askedMs + settings.probeDeadlineMs);
  // A clock that stands still does not make it endless.
  for (let passedMs = 0; !isAnswered(said) && startedMs + passedMs < endMs && clock.nowMs() < endMs; ) {
    await wait(SLICE_MS);
    passedMs += SLICE_MS;
    said = (await store.read('probing', secretId))?.record.models[model] ?? last;
  }
  return isAnswered(said) ? said : null;
};

/** null: what was answered says nothing about this question. */
const carry = (name: string, { askedMs, outcome, branch, rateLimits }: LastAsked, nowMs: number): Answered | null => {
  const seconds = Math.max(0, Math.round((nowMs - askedMs) / 1000));
  const when = `asked ${seconds} s ago and not again within the minute`;
  const carried = { latencyMs: 0, facts: { askedSecondsAgo: seconds } };
  if (outcome === 'failed' && branch !== null) {
    const evidence = rateLimits === undefined ? {} : { evidence: { rateLimits } };
    return { outcome, branch, why: `${when}: ${BRANCH_WORDS[branch].what}`, ...carried, ...evidence };
  }
  return outcome === 'ok' && name.startsWith('chat:') ? { outcome, note: when, ...carried } : null;
};
