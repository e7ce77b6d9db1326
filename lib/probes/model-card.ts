import type { MistralCalls } from '../ports/probes.ts';
import { answerOf, type Probe } from './probe-answer.ts';

/** Costs nothing: whether Mistral still has the model, until when, and what it names in its place. */
export const modelCard = (mistral: Pick<MistralCalls, 'retrieveModel'>, key: string, model: string): Probe => ({
  name: `model:${model}`,
  question: `What does Mistral say of ${model}?`,
  ask: async (timeoutMs) => answerOf(await mistral.retrieveModel(key, model, timeoutMs)),
});
