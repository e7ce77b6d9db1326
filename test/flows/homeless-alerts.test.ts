import { afterEach, beforeEach, expect, it } from 'vitest';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { at, makeArrival } from '../make.ts';
import { shownRoots } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

it('An accepted alert whose resolve was worked on first has an incident, which says that it is over', async () => {
  await receiveAlerts(world.parts, [makeArrival('resolve', 20, { state: 'resolved', endedAt: at(20) })]);
  await receiveAlerts(world.parts, [makeArrival('fire', 10)]);
  await receiveAlerts(world.parts, [makeArrival('fire', 10)]);
  const incidents = await world.parts.store.list('incident', '');
  expect(incidents.map(({ record }) => record)).toMatchObject([
    { alerts: [{ state: 'resolved', count: 1 }], totals: { firing: 0, resolved: 1, received: 1 } },
  ]);
  await world.settle();
  expect(await shownRoots(world)).toHaveLength(1);
});
