import type { MistralCalls } from '../ports/probes.ts';
import { answerOf, type Probe } from './probe-answer.ts';

/** One token of the real model: the only question that sees limits, quota, capacity and retirement. */
export const chatAnswers = (mistral: MistralCalls, key: string, model: string): Probe => ({
  name: `chat:${model}`,
  question: `Does ${model} answer a chat of one token?`,
  ask: async (timeoutMs) => answerOf(await mistral.chatOnce(key, model, timeoutMs)),
});
