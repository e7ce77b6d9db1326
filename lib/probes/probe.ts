import type { ProbeAnswer } from '../domain/diagnosis.ts';
import type { Wait } from '../ports/world.ts';
import { DEFAULT_LIMITS_MS, type Limits, type PlanInput, type Planned, planProbes } from './plan-probes.ts';
import type { Answered, AskInPlace, Probe } from './probe-answer.ts';
import { isTrouble } from './trouble.ts';

/** A call ends a little before the deadline, so that "it was slow" is its own finding and not a question without an answer. */
const BEFORE_DEADLINE = 0.9;

const SLICE_MS = 100;

/** How much longer than its limit a question may take before it is answered for. */
const GRACE_MS = 250;

/**
 * So long, from the start, the verdict waits while all is well for what does not matter: nobody notices, and most of it is there by then.
 */
const PATIENCE_MS = 1_000;

export type ProbeInput = PlanInput & {
  readonly wait: Wait;
  readonly deadlineMs: number;
  /** The deadline that people configured, of which this is a part; it is told in its place. */
  readonly wholeMs?: number;
  readonly limitsMs?: Partial<Limits>;
  /** Questions that are not put now, by name, with what answers in their place. */
  readonly withheld?: ReadonlyMap<string, AskInPlace>;
  /** Of the plan only the questions of these names. Absent: all. */
  readonly only?: (name: string) => boolean;
  /** Something is known to be wrong: what could say why is waited for. */
  readonly inTrouble?: boolean;
  /** Whether the answer waits for questions that do not matter, until their limits, too. */
  readonly waitFor?: 'what-matters' | 'everything';
  /** Called with each answer as it comes, and how many are still to come, for terminals and messages that show progress. */
  readonly onAnswer?: (answer: ProbeAnswer, openCount: number) => void;
};

const unanswered = (why: string, latencyMs: number): Answered => ({ outcome: 'unknown', why, latencyMs });

/** Never rejects: a probe that breaks is a question without an answer, and its error, which may hold anything, is not looked at. */
const askSafely = async (probe: Probe, timeoutMs: number): Promise<Answered> => {
  try {
    return await probe.ask(timeoutMs);
  } catch {
    return unanswered('the probe itself broke', 0);
  }
};

type Question = {
  readonly name: string;
  readonly matters: boolean;
  readonly timeoutMs: number;
  /** Whether it had less time than its own limit. */
  readonly isCut: boolean;
  /** The first answer counts, whoever gives it. */
  readonly settle: (answered: Answered) => void;
  readonly answer: Promise<ProbeAnswer>;
};

type Ask = Pick<ProbeInput, 'deadlineMs' | 'withheld'> & { readonly onAnswer: (answer: ProbeAnswer) => void };

const put = (input: Ask, { probe, limitMs, matters }: Planned): Question => {
  const { name, question } = probe;
  const timeoutMs = Math.max(1, Math.min(limitMs, Math.floor(input.deadlineMs * BEFORE_DEADLINE)));
  const { promise, resolve: settle } = Promise.withResolvers<Answered>();
  const inPlace = input.withheld?.get(name);
  const ask = inPlace === undefined ? probe.ask : (limit: number) => inPlace(limit, probe.ask);
  void askSafely({ ...probe, ask }, timeoutMs).then(settle);
  const answer = promise.then((answered): ProbeAnswer => {
    const told = { name, question, ...answered };
    input.onAnswer(told);
    return told;
  });
  return { name, matters, timeoutMs, isCut: timeoutMs < limitMs, settle, answer };
};

const countDown = (count: number, onAnswer: ProbeInput['onAnswer']): Ask['onAnswer'] => {
  let openCount = count;
  return (answer) => {
    openCount -= 1;
    onAnswer?.(answer, openCount);
  };
};

/** Answers for those who are over their limit, or over everybody's. */
const holdToLimits = (questions: readonly Question[], { deadlineMs, wholeMs }: ProbeInput, passedMs: number): void => {
  const byDeadline = `no answer by the deadline of ${(wholeMs ?? deadlineMs) / 1000} s`;
  for (const { timeoutMs, isCut, settle } of questions) {
    const isOfPart = isCut && wholeMs !== undefined;
    const why = isOfPart ? byDeadline : `no answer within its limit of ${timeoutMs / 1000} s`;
    if (passedMs >= deadlineMs) settle(unanswered(byDeadline, deadlineMs));
    else if (passedMs >= timeoutMs + GRACE_MS) settle(unanswered(why, timeoutMs));
  }
};

/**
 * Waits in slices until the deadline or until nobody needs it any more: a wait cannot be called off, and would keep a finished command
 * alive.
 */
const passTime = async (
  { clock, wait, deadlineMs }: ProbeInput,
  isOver: () => boolean,
  tick: (passedMs: number) => void,
): Promise<void> => {
  const startedMs = clock.nowMs();
  let passedMs = 0;
  while (passedMs < deadlineMs && !isOver()) {
    const sliceMs = Math.min(SLICE_MS, deadlineMs - passedMs);
    await wait(sliceMs);
    // Slices that take longer than they should count by the clock; a clock that stands still does not make it endless.
    passedMs = Math.max(passedMs + sliceMs, clock.nowMs() - startedMs);
    if (!isOver()) tick(passedMs);
  }
};

const answersOf = (questions: readonly Question[]): Promise<readonly ProbeAnswer[]> =>
  Promise.all(questions.map(({ answer }) => answer));

/** The provider's own word decides nothing, so nobody waits for it. */
const NEVER_DECIDES = 'status-page';

/**
 * Asks everything at once under one deadline; the answers come in the order of the plan. It ends when all that matters has answered (what
 * does not matter has the first second for itself, and once something is wrong until its limit), at the latest at the deadline: a
 * question that has no answer by then is unknown.
 */
export const runProbes = async (input: ProbeInput): Promise<readonly ProbeAnswer[]> => {
  const plan = planProbes(input, { ...DEFAULT_LIMITS_MS, ...input.limitsMs }).filter(
    ({ probe }) => input.only?.(probe.name) ?? true,
  );
  const onAnswer = countDown(plan.length, input.onAnswer);
  const questions = plan.map((planned) => put({ ...input, onAnswer }, planned));
  const { promise: patience, resolve: losePatience } = Promise.withResolvers<void>();
  let isOver = false;
  void passTime(
    input,
    () => isOver,
    (passedMs) => {
      holdToLimits(questions, input, passedMs);
      if (passedMs >= PATIENCE_MS) losePatience();
    },
    // Whoever cannot wait any more has waited to the end.
  ).catch(() => holdToLimits(questions, input, Number.POSITIVE_INFINITY));
  try {
    const waitsForAll = input.waitFor === 'everything';
    const needed = await answersOf(questions.filter(({ matters }) => matters || waitsForAll));
    if (input.inTrouble === true || needed.some(isTrouble))
      await answersOf(questions.filter(({ name }) => name !== NEVER_DECIDES));
    await Promise.race([answersOf(questions), patience]);
    for (const { settle } of questions) settle(unanswered('no answer while all that matters had answered', 0));
    return await answersOf(questions);
  } finally {
    isOver = true;
  }
};
