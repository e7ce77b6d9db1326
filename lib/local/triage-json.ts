import type { Advice, Diagnosis, Finding } from '../domain/diagnosis.ts';
import type { ServicePlace } from '../flows/target-of.ts';
import { handOf } from './triage-text.ts';

/** What an answer is found by at Mistral stands beside what became of it. */
const tellProbe = ({ name, outcome, branch, latencyMs, why, evidence = {} }: Finding) => ({
  name,
  outcome,
  branch,
  latencyMs,
  why,
  status: evidence.status,
  correlationId: evidence.correlationId,
  requestId: evidence.requestId,
});

const tellAdvice = ({ kind, why }: Advice): Pick<Advice, 'kind' | 'why'> => ({ kind, why });

/** `byHand`: what to do where there is no button for it. */
const tellHelp = (advice: Advice, service: string | undefined) => ({
  ...tellAdvice(advice),
  byHand: handOf(advice, service) ?? undefined,
});

type Asked = {
  /** The address that was asked, or `embedded`. */
  readonly mistral: string;
  readonly place?: ServicePlace;
  /** On one line, where another one follows it. */
  readonly oneLine?: boolean;
};

/** The machine-readable form, member by member as the contract lists them. What is not known is left out, as JSON does with what is undefined. */
export const triageJson = (diagnosis: Diagnosis, { mistral, place, oneLine = false }: Asked): string => {
  const { verdict, branch, owner, severity, confidence, cause, at, path, mitigations, notOffered, nextSteps } =
    diagnosis;
  const { blind, impact, matrix, latency, nextQuestion, sinceDeploy } = diagnosis;
  const shown = {
    ...{ verdict, branch, owner, severity, confidence, cause },
    ...{ mistral, service: place?.service, environment: place?.environment, at },
    path,
    probes: diagnosis.probes.map(tellProbe),
    mitigations: mitigations.map((advice) => tellHelp(advice, place?.service)),
    notOffered: notOffered.map(tellAdvice),
    nextSteps,
    ...{ blind, impact, matrix, latency, nextQuestion, sinceDeploy },
  };
  return `${oneLine ? JSON.stringify(shown) : JSON.stringify(shown, null, 2)}\n`;
};
