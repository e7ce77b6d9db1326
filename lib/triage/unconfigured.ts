import type { Diagnosis } from '../domain/diagnosis.ts';

type Unconfigured = {
  readonly service: string;
  readonly environment: string;
  /** The environments in which the configuration does have a service of this name. */
  readonly configuredIn: readonly string[];
  /** All that the configuration has, as people type them. */
  readonly known: readonly string[];
  /** ISO 8601 UTC. */
  readonly at: string;
};

/** Nobody said with which key and which models to ask: nothing is asked, nothing is offered, and nothing counts as recovered. */
export const diagnoseUnconfigured = ({ service, environment, configuredIn, known, at }: Unconfigured): Diagnosis => {
  const isElsewhere = configuredIn.length > 0;
  const where = isElsewhere ? ` for ${environment}, only for ${configuredIn.join(', ')}` : '';
  return {
    verdict: 'unknown',
    branch: 'unknown',
    owner: 'unknown',
    severity: null,
    confidence: 'low',
    cause: `The service ${service} is not in triage.config.ts${where}, so nothing could be asked.`,
    path: [{ question: 'Is the service in triage.config.ts?', answer: `no: not ${environment}/${service}` }],
    probes: [],
    mitigations: [],
    notOffered: [],
    nextSteps: [
      isElsewhere
        ? `Name the environment in the alert, or add ${service} for ${environment} to triage.config.ts and start again.`
        : `Add ${service} to triage.config.ts and start again; ${nameKnown(known)}.`,
    ],
    at,
  };
};

const NAMED = 10;

/** So that a misspelt name is seen at once. */
const nameKnown = (known: readonly string[]): string => {
  const more = known.length - NAMED;
  return `known: ${known.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};
