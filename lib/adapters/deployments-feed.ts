import type { FactSource } from '../ports/probe-sources.ts';
import type { Store } from '../ports/store.ts';

/** What pipelines told of by `POST /deployments`. */
export const createDeploymentsFeed = (store: Pick<Store, 'read'>): FactSource => ({
  name: 'the deployments feed',
  read: async ({ environment, name }) => {
    const stored = await store.read('deployment', `${environment}/${name}`);
    const newest = stored?.record.deployments[0];
    return newest === undefined ? null : { deployedAt: newest.at, version: newest.version };
  },
});
