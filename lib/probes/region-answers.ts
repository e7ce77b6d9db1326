import type { ProbeSources } from '../ports/probe-sources.ts';
import { answerOfList, type Probe } from './probe-answer.ts';

/** Another way to the same API: where it answers our key, neither the key nor our network as a whole is to blame. */
export const regionAnswers = ({ name, calls }: ProbeSources['regions'][number], key: string): Probe => ({
  name: `region:${name}`,
  question: `Does the regional endpoint ${name} answer our key?`,
  ask: async (timeoutMs) => answerOfList(await calls.listModels(key, timeoutMs)),
});
