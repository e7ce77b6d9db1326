import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepDeployment } from '../../lib/flows/keep-deployment.ts';
import { openWorld } from './world.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const deployed = (version: string) => ({
  kind: 'deployed' as const,
  service: 'mistral-api',
  environment: 'production',
  deployment: { version, at: `2026-11-20T11:0${version}:00.000Z`, isTimed: true, by: null, url: null },
});

const versions = async () =>
  (await world.parts.store.read('deployment', 'production/mistral-api'))?.record.deployments.map(
    ({ version }) => version,
  );

it('the worker keeps what a pipeline told', async () => {
  await world.parts.jobs.put([{ id: 'deployment-1', queue: 'jobs', body: deployed('1') }]);
  await world.settle();
  expect(await versions()).toEqual(['1']);
});

it('deployments that are told at the same time are all kept, and each once', async () => {
  const told = ['3', '1', '2', '3', '1'].map((version) => keepDeployment(world.parts, deployed(version)));
  await Promise.all(told);
  expect(await versions()).toEqual(['3', '2', '1']);
});
