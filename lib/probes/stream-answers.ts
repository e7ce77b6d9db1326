import type { MistralCalls } from '../ports/probes.ts';
import { answerOf, type Probe } from './probe-answer.ts';

/** For services that read streams: one that is cut looks like one that ended well to whoever does not ask why it ended. */
export const streamAnswers = (mistral: Pick<MistralCalls, 'streamOnce'>, key: string, model: string): Probe => ({
  name: `stream:${model}`,
  question: `Does a stream of one token from ${model} come to its end?`,
  ask: async (timeoutMs) => answerOf(await mistral.streamOnce(key, model, timeoutMs)),
});
