import type { QueueWork } from '../../../functions/queue.ts';
import { keepValues } from '../../adapters/aws/keep-values.ts';
import { createSecrets } from '../../adapters/aws/secrets.ts';
import { createHealthCalls } from '../../adapters/http.ts';
import { createMistralCalls } from '../../adapters/mistral/calls.ts';
import { withholdSecrets } from '../../adapters/mistral/withhold.ts';
import { systemClock, systemWait } from '../../adapters/system.ts';
import { handleTriageJob } from '../../flows/handle-triage-job.ts';
import { NO_SOURCES } from '../../ports/probe-sources.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { noteValues } from '../held-keys.ts';
import { createSources } from '../sources.ts';
import { readLambdaEnvironment } from './environment.ts';
import { openFunction, WORK_VARIABLES } from './open-function.ts';
import { passOn } from './pass-on.ts';
import { createQueueWork } from './work-on-records.ts';

/** For the routine check alone, which needs the key every minute, and each reading costs; incidents and people are answered with the key of now. */
const KEEP_KEYS_MS = 600_000;

/** null: no secret is named for it, and the account is not asked. */
const readAdminKey = (secrets: Secrets, secretId: string | undefined): (() => Promise<string>) | null => {
  if (!secretId) return null;
  return async () => {
    const value = await secrets.value(secretId, { label: 'AWSCURRENT' });
    if (value === null) throw new Error('the secret of the admin key holds none');
    return value.trim();
  };
};

/** `triage`: every probe, and the only function with Mistral's client. Reads keys and moves none. */
export const openTriage = async (variables: NodeJS.ProcessEnv): Promise<QueueWork> => {
  const environment = readLambdaEnvironment(variables, WORK_VARIABLES);
  const { parts: own, config, call, access, nudged } = openFunction(variables, environment);
  const mistral = createMistralCalls({
    serverUrl: environment('MISTRAL_SERVER_URL'),
    clock: systemClock,
    allowPrivate: config.probing.allowPrivate,
    variables,
  });
  // Loading takes longer than some probes may; initialisation has more processor than the first job.
  await mistral.warmUp();
  const { secrets, noted } = noteValues(keepValues(createSecrets(access), { forMs: KEEP_KEYS_MS, clock: systemClock }));
  const kept = createSources({
    config,
    store: own.store,
    variables,
    call,
    serverUrl: environment('MISTRAL_SERVER_URL'),
    adminKey: readAdminKey(secrets, variables['MISTRAL_ADMIN_SECRET_ID']),
    clock: systemClock,
    wait: systemWait,
  });
  // Nobody who reads what this function stores knows the admin key, so it must be without it. Of metrics it stores numbers alone.
  const asked = withholdSecrets(mistral, () => Promise.resolve(noted()));
  const parts = { ...own, mistral: asked, health: createHealthCalls(), sources: { ...NO_SOURCES, ...kept }, secrets };
  return createQueueWork({
    queue: 'triage',
    open: () => Promise.resolve(parts),
    returning: own,
    handle: handleTriageJob,
    after: () => passOn(parts, nudged.take()),
  });
};
