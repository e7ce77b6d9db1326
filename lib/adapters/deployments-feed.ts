import { deploymentFacts } from '../domain/deployment.ts';
import type { FactSource } from '../ports/probe-sources.ts';
import type { Store } from '../ports/store.ts';

/** What pipelines told of by `POST /deployments`, the last ones newest first. */
export const createDeploymentsFeed = (store: Pick<Store, 'read'>): FactSource => ({
  name: 'the deployments feed',
  read: async ({ environment, name }) => {
    const stored = await store.read('deployment', `${environment}/${name}`);
    if (stored === null || stored.record.deployments.length === 0) return null;
    return deploymentFacts(stored.record.deployments.map(({ at, version }) => ({ deployedAt: at, version })));
  },
});
