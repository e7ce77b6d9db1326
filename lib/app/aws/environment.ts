import { ConfigError } from '../../config-error.ts';
import type { QueueName } from '../../domain/job.ts';

/** What serverless.yml gives a function; each names those that it needs. */
export type LambdaVariable =
  | 'APP_SECRET_ID'
  | 'TABLE_NAME'
  | 'BUCKET_NAME'
  | 'JOBS_QUEUE_URL'
  | 'TRIAGE_QUEUE_URL'
  | 'MITIGATE_QUEUE_URL'
  | 'STAGE';

type Variables = Readonly<Record<string, string | undefined>>;

const OPTIONAL = { SLACK_API_URL: 'https://slack.com/api/', MISTRAL_SERVER_URL: 'https://api.mistral.ai' } as const;

export type LambdaEnvironment<N extends LambdaVariable> = (name: N | keyof typeof OPTIONAL) => string;

const isAddress = (text: string): boolean => URL.canParse(text) && /^https?:/.test(text);

/** Says what is wrong with one of them, `null` nothing. */
const judge = (name: string, text: string | undefined): string | null => {
  if (!text) return name in OPTIONAL ? null : `${name}: missing; serverless.yml sets it`;
  return name.endsWith('_URL') && !isAddress(text) ? `${name}: not an http(s) address` : null;
};

/** Reads and checks what the function needs of its environment, once. Empty counts as absent. Throws `ConfigError` with every mistake. */
export const readLambdaEnvironment = <N extends LambdaVariable>(
  variables: Variables,
  names: readonly N[],
): LambdaEnvironment<N> => {
  const mistakes = ['AWS_REGION', ...names, ...Object.keys(OPTIONAL)]
    .map((name) => judge(name, variables[name]))
    .filter((mistake) => mistake !== null);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  const defaults: Variables = OPTIONAL;
  return (name) => variables[name] || defaults[name] || '';
};

type QueueVariable = 'JOBS_QUEUE_URL' | 'TRIAGE_QUEUE_URL' | 'MITIGATE_QUEUE_URL';

export const queueUrls = (environment: LambdaEnvironment<QueueVariable>): Readonly<Record<QueueName, string>> => ({
  jobs: environment('JOBS_QUEUE_URL'),
  triage: environment('TRIAGE_QUEUE_URL'),
  mitigate: environment('MITIGATE_QUEUE_URL'),
});
