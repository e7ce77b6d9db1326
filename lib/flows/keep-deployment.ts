import { addDeployment } from '../domain/deployment.ts';
import type { JobBody } from '../domain/job.ts';
import type { Parts } from './parts.ts';
import { placeKey } from './target-of.ts';

type Deployed = Extract<JobBody, { readonly kind: 'deployed' }>;

/** Into the list of its service, once, however often its job comes. A service that is not configured is kept too: it may be tomorrow. */
export const keepDeployment = async (
  { store, log }: Pick<Parts, 'store' | 'log'>,
  { service, environment, deployment }: Deployed,
): Promise<void> => {
  const key = placeKey({ environment, name: service });
  for (;;) {
    const stored = await store.read('deployment', key);
    const next = addDeployment(stored?.record ?? null, deployment);
    if (next === stored?.record) return;
    if ((await store.write('deployment', key, next, stored?.version ?? 0)) === null) continue;
    log('deployment.kept', { service, environment, version: deployment.version });
    return;
  }
};
