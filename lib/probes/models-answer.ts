import type { MistralCalls } from '../ports/probes.ts';
import { answerOfList, type Probe } from './probe-answer.ts';

/** Reachability and the key. It says nothing about limits or capacity: the list stays whole while no model answers. */
export const modelsAnswer = (mistral: Pick<MistralCalls, 'listModels'>, key: string): Probe => ({
  name: 'models',
  question: 'Does the Mistral API answer our key?',
  ask: async (timeoutMs) => answerOfList(await mistral.listModels(key, timeoutMs)),
});
