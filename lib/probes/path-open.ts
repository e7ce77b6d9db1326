import type { MistralCalls } from '../ports/probes.ts';
import { type Answered, answerOfList, type Probe } from './probe-answer.ts';

/** A refusal for want of a key is what only the API itself says, so it proves the path; a page with the same status is somebody else's. */
const readRefusal = (answered: Answered): Answered => {
  if (answered.outcome !== 'failed' || !('failure' in answered) || answered.failure.status !== 401) return answered;
  const { failure, ...known } = answered;
  return failure.body === 'html'
    ? { ...known, outcome: 'unknown', why: 'a page asks for a login in the place of the API' }
    : { ...known, outcome: 'ok', note: 'it wants a key, so the path is open' };
};

/** Whether what stands in the way stops everybody, or refuses our key alone. */
export const pathOpen = (mistral: Pick<MistralCalls, 'listWithoutKey'>): Probe => ({
  name: 'path',
  question: 'Is the path to the Mistral API open, asked without a key?',
  ask: async (timeoutMs) => readRefusal(answerOfList(await mistral.listWithoutKey(timeoutMs))),
});
