import type { Diagnosis } from '../domain/diagnosis.ts';
import { mayBreak } from './deploy.ts';
import { impactOf } from './impact.ts';
import { splitLatency } from './latency.ts';
import { drawMatrix } from './matrix.ts';
import { nextQuestion } from './next-question.ts';
import { modelsOf, type Seen } from './seen.ts';
import { blindNames } from './tell.ts';

/** What is told besides the verdict, as far as there is anything to tell. */
export const tellDetails = (
  seen: Seen,
  { verdict, branch }: Pick<Diagnosis, 'verdict' | 'branch'>,
): Partial<Diagnosis> => {
  const blind = blindNames(seen);
  const hurt = modelsOf(seen.mistral.filter(({ outcome }) => outcome === 'failed'));
  const matrix = drawMatrix(seen.mistral);
  const latency = splitLatency(seen.mistral, seen.asked('connect'));
  const question = verdict === 'healthy' ? null : nextQuestion(branch, seen);
  return {
    ...(blind.length === 0 ? {} : { blind }),
    ...(seen.traffic === null && hurt.length === 0 ? {} : { impact: impactOf(seen.traffic, hurt) }),
    ...(matrix.length === 0 ? {} : { matrix }),
    ...(latency === null ? {} : { latency }),
    ...(question === null ? {} : { nextQuestion: question }),
    ...(seen.deploy !== null && mayBreak({ verdict, branch }) ? { sinceDeploy: seen.deploy } : {}),
  };
};
