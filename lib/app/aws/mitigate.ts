import type { QueueWork } from '../../../functions/queue.ts';
import { createControls } from '../../adapters/aws/controls.ts';
import { createSecrets } from '../../adapters/aws/secrets.ts';
import { createPlainCalls } from '../../adapters/mistral/plain-calls.ts';
import { systemClock } from '../../adapters/system.ts';
import { handleMitigateJob } from '../../flows/handle-mitigate-job.ts';
import { readLambdaEnvironment } from './environment.ts';
import { openFunction, WORK_VARIABLES } from './open-function.ts';
import { passOn } from './pass-on.ts';
import { createQueueWork } from './work-on-records.ts';

/** `mitigate`: the only function that moves labels of secrets and writes controls. */
export const openMitigate = (variables: NodeJS.ProcessEnv): QueueWork => {
  const environment = readLambdaEnvironment(variables, WORK_VARIABLES);
  const { parts: own, config, access, nudged } = openFunction(variables, environment);
  const parts = {
    ...own,
    secrets: createSecrets(access),
    projection: createControls(access),
    mistral: {
      ...own.mistral,
      ...createPlainCalls({
        serverUrl: environment('MISTRAL_SERVER_URL'),
        clock: systemClock,
        allowPrivate: config.probing.allowPrivate,
        variables,
      }),
    },
  };
  return createQueueWork({
    queue: 'mitigate',
    open: () => Promise.resolve(parts),
    returning: own,
    handle: handleMitigateJob,
    after: () => passOn(parts, nudged.take()),
  });
};
