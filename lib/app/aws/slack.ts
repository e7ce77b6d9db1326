import { createPutJobs } from '../../adapters/aws/put-jobs.ts';
import { createSignedCall } from '../../adapters/aws/signed-request.ts';
import { systemClock, systemWait } from '../../adapters/system.ts';
import { queueUrls, readLambdaEnvironment } from './environment.ts';
import { lambdaLog } from './log.ts';
import { openAppSecret } from './open-app-secret.ts';
import { openOrClosed, refuseClosed } from './open-or-closed.ts';

/** Of one call, its second try included; a click waits 800 ms for it. */
const STORE_LIMIT_MS = 750;

const NAMES = ['APP_SECRET_ID', 'JOBS_QUEUE_URL', 'TRIAGE_QUEUE_URL', 'MITIGATE_QUEUE_URL'] as const;

const open = (variables: Readonly<Record<string, string | undefined>>) => {
  const environment = readLambdaEnvironment(variables, NAMES);
  const secret = openAppSecret(environment, variables, lambdaLog);
  const call = createSignedCall({ variables, limitMs: STORE_LIMIT_MS });
  return {
    primed: secret.primed,
    jobs: { put: createPutJobs(call, queueUrls(environment)) },
    signingSecrets: async () => (await secret.now()).slack?.signingSecrets ?? null,
    newerSigningSecrets: async () => (await secret.newer())?.slack?.signingSecrets ?? null,
  };
};

const CLOSED: ReturnType<typeof open> = {
  primed: Promise.resolve(),
  jobs: { put: refuseClosed },
  signingSecrets: () => Promise.resolve(null),
  newerSigningSecrets: () => Promise.resolve(null),
};

/**
 * The door for Slack on Lambda, without the SDK. `primed`: the app's secret was read. To be awaited during initialisation, as Bolt is
 * loaded there: the first request would wait as well, and has less processor.
 */
export const openSlack = (variables: Readonly<Record<string, string | undefined>>) => ({
  ...openOrClosed(lambdaLog, () => open(variables), CLOSED),
  clock: systemClock,
  log: lambdaLog,
  wait: systemWait,
  isEager: true,
});
