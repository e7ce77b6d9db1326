import type { Diagnosis, Finding, ProbeOutcome } from '../domain/diagnosis.ts';
import { modelOf, modelsOf } from './seen.ts';

type Row = NonNullable<Diagnosis['matrix']>[number];

const WORST: readonly ProbeOutcome[] = ['failed', 'unknown', 'ok'];

/** Each model in use with the worst that it answered, whole or streamed. */
export const drawMatrix = (mistral: readonly Finding[]): readonly Row[] =>
  modelsOf(mistral).map((model) => {
    const answers = mistral.filter((finding) => modelOf(finding) === model);
    const worst = WORST.flatMap((outcome) => answers.filter((answer) => answer.outcome === outcome))[0];
    const branch = worst?.outcome === 'failed' && worst.branch !== undefined ? { branch: worst.branch } : {};
    return { model, outcome: worst?.outcome ?? 'unknown', ...branch };
  });
