import type { Finding } from '../domain/diagnosis.ts';
import type { LastAsked } from '../domain/probe-budget.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import type { AskInPlace } from '../probes/probe-answer.ts';
import { saidBy, type Withheld } from '../probes/probe-budget.ts';
import { carryAnswer } from '../triage/carried-answer.ts';
import type { Parts } from './parts.ts';

type WithheldParts = Pick<Parts, 'store' | 'clock' | 'wait' | 'settings'>;

/** Each look costs a read, and each question that is withheld looks for itself. */
const SLICE_MS = 500;

/** With less time than this nothing is asked after all. */
const LEAST_MS = 500;

export type RoundAnswers = {
  /** To be told each answer of the round. */
  readonly hear: (finding: Finding) => void;
  /** The answer to a question of the round that is put. */
  readonly answerTo: (name: string) => Promise<Finding>;
};

export const collectAnswers = (): RoundAnswers => {
  const open = new Map<string, PromiseWithResolvers<Finding>>();
  const openFor = (name: string): PromiseWithResolvers<Finding> => {
    const one = open.get(name) ?? Promise.withResolvers<Finding>();
    open.set(name, one);
    return one;
  };
  return {
    hear: (finding) => openFor(finding.name).resolve(finding),
    answerTo: (name) => openFor(name).promise,
  };
};

type Place = {
  readonly target: ServiceTarget;
  readonly name: string;
  readonly held: Withheld;
  readonly answerTo: RoundAnswers['answerTo'];
};

/**
 * What answers in the place of a question that is withheld. Where its model was asked a moment ago, by whoever has the same key, that is its
 * answer, and where it has none yet it is waited for. One that is paid for is put once the question beside it has been answered well: the
 * limit is over. Else it has none, and why.
 */
export const answerInPlace =
  (parts: WithheldParts, { target, name, held, answerTo }: Place): AskInPlace =>
  async (timeoutMs, put) => {
    const { why, beside, isPaid } = held;
    const startedMs = parts.clock.nowMs();
    const said =
      beside === undefined
        ? await waitForOther(parts, target, held, timeoutMs).catch(() => null)
        : saidBy(await answerTo(beside), parts.clock.nowMs());
    const leftMs = timeoutMs - Math.max(0, parts.clock.nowMs() - startedMs);
    if (isPaid && said?.outcome === 'ok' && leftMs >= LEAST_MS) return put(leftMs);
    const { limitedRecheckMs } = parts.settings;
    const carried = said && carryAnswer(said, { name, nowMs: parts.clock.nowMs(), limitedRecheckMs });
    return carried ?? { outcome: 'unknown', why, latencyMs: 0 };
  };

const isAnswered = ({ askedMs, saidMs }: LastAsked): boolean => askedMs === saidMs;

/**
 * null: it was not answered, or another question has come since. Who asked may be another process, so it is looked for where all keep it.
 */
const waitForOther = async (
  { store, clock, wait, settings }: WithheldParts,
  { secretId }: ServiceTarget,
  { model, last }: Withheld,
  timeoutMs: number,
): Promise<LastAsked | null> => {
  if (last === null) return null;
  let said = last;
  const startedMs = clock.nowMs();
  const endMs = Math.min(startedMs + timeoutMs, last.askedMs + settings.probeDeadlineMs);
  // A clock that stands still does not make it endless.
  for (let passedMs = 0; !isAnswered(said) && startedMs + passedMs < endMs && clock.nowMs() < endMs; ) {
    const sliceMs = Math.min(SLICE_MS, endMs - startedMs - passedMs);
    await wait(sliceMs);
    passedMs += sliceMs;
    said = (await store.read('probing', secretId))?.record.models[model] ?? last;
  }
  return isAnswered(said) ? said : null;
};
