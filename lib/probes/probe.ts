import type { ProbeAnswer } from '../domain/diagnosis.ts';
import type { HealthCalls, MistralCalls, ServiceTarget } from '../ports/probes.ts';
import type { Clock, Wait } from '../ports/world.ts';
import { chatAnswers } from './chat-answers.ts';
import { modelsAnswer } from './models-answer.ts';
import type { Answered, Probe } from './probe-answer.ts';
import { serviceHealth } from './service-health.ts';

type Limits = { readonly models: number; readonly chat: number; readonly health: number };

const DEFAULT_LIMITS_MS: Limits = { models: 10_000, chat: 10_000, health: 5_000 };

/** A call ends a little before the deadline, so that "it was slow" is its own finding and not a question without an answer. */
const BEFORE_DEADLINE = 0.9;

const SLICE_MS = 100;

export type ProbeInput = {
  readonly target: ServiceTarget;
  /** null: no key is stored, or it could not be read. */
  readonly key: string | null;
  readonly mistral: MistralCalls;
  readonly health: HealthCalls;
  readonly clock: Clock;
  readonly wait: Wait;
  readonly deadlineMs: number;
  readonly limitsMs?: Partial<Limits>;
  /** Called with each answer as it comes, for terminals that show progress. */
  readonly onAnswer?: (answer: ProbeAnswer) => void;
};

type Planned = { readonly probe: Probe; readonly limitMs: number };

const askNothing = (why: string) => (): Promise<Answered> => Promise.resolve({ outcome: 'unknown', why, latencyMs: 0 });

/** Every question for a service. Without a key the questions that need one stay in the list, unanswered. */
const planProbes = (input: ProbeInput, limits: Limits): readonly Planned[] => {
  const { target, mistral, health } = input;
  const key = input.key?.trim() ?? '';
  const withKey = (probe: Probe): Probe =>
    key === ''
      ? { ...probe, ask: askNothing(`no key is stored under ${target.secretId}, or it cannot be read`) }
      : probe;
  const planned: readonly Planned[] = [
    { probe: withKey(modelsAnswer(mistral, key)), limitMs: limits.models },
    ...[...new Set(target.models)].map((model) => ({
      probe: withKey(chatAnswers(mistral, key, model)),
      limitMs: limits.chat,
    })),
  ];
  if (target.healthUrl === null) return planned;
  return [...planned, { probe: serviceHealth(health, target, target.healthUrl), limitMs: limits.health }];
};

/** Never rejects: a probe that breaks is a question without an answer, and its error, which may hold anything, is not looked at. */
const askSafely = async (probe: Probe, timeoutMs: number): Promise<Answered> => {
  try {
    return await probe.ask(timeoutMs);
  } catch {
    return { outcome: 'unknown', why: 'the probe itself broke', latencyMs: 0 };
  }
};

/** Waits in slices until the deadline or until nobody needs it any more: a wait cannot be called off, and would keep a finished command alive. */
const passDeadline = async (input: ProbeInput, isOver: () => boolean): Promise<void> => {
  const endMs = input.clock.nowMs() + input.deadlineMs;
  let leftMs = input.deadlineMs;
  while (leftMs > 0 && !isOver()) {
    await input.wait(Math.min(SLICE_MS, leftMs));
    // Slices that take longer than they should count by the clock; a clock that stands still does not make it endless.
    leftMs = Math.min(leftMs - SLICE_MS, endMs - input.clock.nowMs());
  }
};

/** Asks everything at once under one deadline; the answers come in the order of the tree. A question that has no answer by then is unknown. */
export const runProbes = async (input: ProbeInput): Promise<readonly ProbeAnswer[]> => {
  const limits = { ...DEFAULT_LIMITS_MS, ...input.limitsMs };
  let isOver = false;
  const deadline = passDeadline(input, () => isOver).then(
    (): Answered => ({
      outcome: 'unknown',
      why: `no answer by the deadline of ${input.deadlineMs / 1000} s`,
      latencyMs: input.deadlineMs,
    }),
  );
  const run = async ({ probe, limitMs }: Planned): Promise<ProbeAnswer> => {
    const timeoutMs = Math.max(1, Math.min(limitMs, Math.floor(input.deadlineMs * BEFORE_DEADLINE)));
    const answered = await Promise.race([askSafely(probe, timeoutMs), deadline]);
    const answer: ProbeAnswer = { name: probe.name, question: probe.question, ...answered };
    input.onAnswer?.(answer);
    return answer;
  };
  try {
    return await Promise.all(planProbes(input, limits).map(run));
  } finally {
    isOver = true;
  }
};
