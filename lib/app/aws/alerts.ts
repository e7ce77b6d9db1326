import { openDocuments } from '../../adapters/aws/documents.ts';
import { createPutJobs } from '../../adapters/aws/put-jobs.ts';
import { createSignedCall } from '../../adapters/aws/signed-request.ts';
import { createIds, systemClock, systemWait } from '../../adapters/system.ts';
import { queueUrls, readLambdaEnvironment } from './environment.ts';
import { lambdaLog } from './log.ts';
import { openAppSecret } from './open-app-secret.ts';
import { openOrClosed, refuseClosed } from './open-or-closed.ts';

/** Of one call, its second try included; less than a sender's second, which the function keeps. */
const STORE_LIMIT_MS = 750;

const NAMES = ['APP_SECRET_ID', 'BUCKET_NAME', 'JOBS_QUEUE_URL', 'TRIAGE_QUEUE_URL', 'MITIGATE_QUEUE_URL'] as const;

const open = (variables: Readonly<Record<string, string | undefined>>) => {
  const environment = readLambdaEnvironment(variables, NAMES);
  const secret = openAppSecret(environment, variables, lambdaLog);
  const call = createSignedCall({ variables, limitMs: STORE_LIMIT_MS });
  return {
    primed: secret.primed,
    jobs: { put: createPutJobs(call, queueUrls(environment)) },
    documents: openDocuments(call, environment('BUCKET_NAME')),
    tokens: async () => (await secret.now()).alertsTokens,
    newerTokens: async () => (await secret.newer())?.alertsTokens ?? null,
  };
};

const CLOSED: ReturnType<typeof open> = {
  primed: Promise.resolve(),
  jobs: { put: refuseClosed },
  documents: { put: refuseClosed, get: refuseClosed },
  tokens: () => Promise.resolve(null),
  newerTokens: () => Promise.resolve(null),
};

/**
 * The door for alerts on Lambda, without the SDK. `primed`: the app's secret was read. To be awaited during initialisation: the first
 * request would wait for it as well, and has less processor.
 */
export const openAlerts = (variables: Readonly<Record<string, string | undefined>>) => ({
  ...openOrClosed(lambdaLog, () => open(variables), CLOSED),
  clock: systemClock,
  ids: createIds(),
  log: lambdaLog,
  wait: systemWait,
});
