import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDeploymentsFeed } from '../../lib/adapters/deployments-feed.ts';
import type { Diagnosis } from '../../lib/domain/diagnosis.ts';
import { keepDeployment } from '../../lib/flows/keep-deployment.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { checkForPerson, checkIncident, checkRoutinely } from '../../lib/flows/watch-recovery.ts';
import { NO_SOURCES } from '../../lib/ports/probe-sources.ts';
import { at, makeArrival } from '../make.ts';
import { openWorld, type World } from './world.ts';

const MINUTE_MS = 60_000;

let world: World;
let asked = 0;
beforeEach(async () => {
  const services = [{ name: 'mistral-api', models: ['mistral-small-latest'], healthUrl: 'http://127.0.0.1:9/health' }];
  const health = {
    get: () => {
      asked += 1;
      return Promise.resolve({ status: 500, latencyMs: 3 });
    },
  };
  world = await openWorld({ services }, { health });
  const deployments = [createDeploymentsFeed(world.parts.store)];
  Object.assign(world.parts, { sources: { ...NO_SOURCES, deployments } });
  asked = 0;
});
afterEach(() => world.close());

const deploy = (version: string, minutes: number): Promise<void> =>
  keepDeployment(world.parts, {
    kind: 'deployed',
    service: 'mistral-api',
    environment: 'production',
    deployment: { version, at: at(minutes * 60), isTimed: true, by: null, url: null },
  });
const open = async (name: string, minutes: number): Promise<string> => {
  const change = { key: name, group: name, startedAt: at(minutes * 60) };
  const [id = ''] = await receiveAlerts(world.parts, [makeArrival(`job-${name}`, minutes * 60, change)]);
  return id;
};
const told = async (id: string): Promise<Diagnosis['sinceDeploy']> => (await world.incident(id)).diagnosis?.sinceDeploy;

it.each([
  ['of its own', (id: string) => checkIncident(world.parts, id)],
  ['by a person', (id: string) => checkForPerson(world.parts, id, 'U0MAYA')],
])(
  'an incident keeps the deploy that it began with for hours, and names what came since, in a check %s',
  async (_who, check) => {
    await deploy('4.2.0', -10);
    const id = await open('one', 0);
    world.pass(150 * MINUTE_MS);
    await deploy('4.2.1', 120);
    await check(id);
    expect(await told(id)).toMatchObject({ version: '4.2.0', later: { version: '4.2.1', isBack: false } });
  },
);

it('one answer tells each incident that shares it of the deploy before its own beginning', async () => {
  await deploy('4.2.0', -10);
  const old = await open('old', 0);
  world.pass(125 * MINUTE_MS);
  const young = await open('young', 124);
  await Promise.all([checkIncident(world.parts, young), checkIncident(world.parts, old)]);
  expect(asked).toBe(1);
  expect([await told(old), await told(young)]).toEqual([{ at: at(-600), version: '4.2.0' }, undefined]);
});

it('one answer that is kept for a while does so, too, and the routine check leaves it to them', async () => {
  await deploy('4.2.0', -10);
  const old = await open('old', 0);
  world.pass(125 * MINUTE_MS);
  const young = await open('young', 124);
  await checkIncident(world.parts, young);
  await checkRoutinely(world.parts);
  await checkIncident(world.parts, old);
  expect(asked).toBe(1);
  expect([await told(old), await told(young)]).toEqual([{ at: at(-600), version: '4.2.0' }, undefined]);
});

it('an answer of another process that tells of another deploy is no answer, and any other is one', async () => {
  await deploy('4.2.0', -10);
  const old = await open('old', 0);
  world.pass(125 * MINUTE_MS);
  const [young, same] = [await open('young', 124), await open('same', 123)];
  await checkIncident(world.parts, young);
  // Another store to this process, and the same records: what it judged by is not held.
  Object.assign(world.parts, { store: { ...world.parts.store } });
  await checkIncident(world.parts, same);
  expect(asked).toBe(1);
  await checkIncident(world.parts, old);
  expect(asked).toBe(2);
  expect([await told(same), await told(old)]).toEqual([undefined, { at: at(-600), version: '4.2.0' }]);
});
