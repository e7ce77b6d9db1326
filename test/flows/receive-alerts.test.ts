import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openIncidents } from '../../lib/flows/answer-command.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { at, makeArrival } from '../make.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const all = async () => (await world.parts.store.list('incident', '')).map(({ record }) => record);

describe('accepted alerts', () => {
  it('of one key, 50 workers at once, are one incident that counts 50', async () => {
    await Promise.all(
      Array.from({ length: 50 }, (_, nth) => receiveAlerts(world.parts, [makeArrival(`job-${nth}`, nth)])),
    );
    const [incident, ...others] = await all();
    expect(others).toEqual([]);
    expect(incident?.alerts).toMatchObject([{ key: 'key-1', count: 50 }]);
    expect(incident?.totals).toMatchObject({ firing: 1, received: 50 });
  });

  it('of one group, from many workers at once, share one incident', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, nth) =>
        receiveAlerts(world.parts, [makeArrival(`job-${nth}`, nth, { key: `key-${nth}` })]),
      ),
    );
    const [incident, ...others] = await all();
    expect(others).toEqual([]);
    expect(incident?.totals.firing).toBe(20);
  });

  it('of different groups open an incident each, also from one batch', async () => {
    await receiveAlerts(
      world.parts,
      ['a', 'b', 'c'].map((group) => makeArrival(`job-${group}`, 0, { key: `key-${group}`, group })),
    );
    expect(await all()).toHaveLength(3);
  });

  it('stay with their incident when their group changes', async () => {
    await receiveAlerts(world.parts, [makeArrival('a', 0)]);
    await receiveAlerts(world.parts, [makeArrival('b', 1, { group: 'group-2' })]);
    expect(await all()).toHaveLength(1);
  });

  it('that come resolved without having been seen open nothing and are remembered', async () => {
    await receiveAlerts(world.parts, [makeArrival('a', 0, { state: 'resolved', endedAt: at(0) })]);
    expect(await all()).toEqual([]);
    expect((await world.parts.store.read('alert', 'key-1'))?.record).toMatchObject({
      state: 'resolved',
      incidentId: null,
    });
  });

  it('open a new incident when the old one was resolved long ago, and reopen it when not', async () => {
    await receiveAlerts(world.parts, [makeArrival('a', 0)]);
    const [first] = await all();
    const stored = await world.parts.store.read('incident', first?.id ?? '');
    if (!stored) throw new Error('no incident');
    const resolvedAt = new Date(world.parts.clock.nowMs()).toISOString();
    await world.parts.store.write(
      'incident',
      stored.record.id,
      { ...stored.record, status: 'resolved', milestones: { resolved: resolvedAt } },
      stored.version,
    );
    await receiveAlerts(world.parts, [makeArrival('b', 1, { state: 'resolved', endedAt: at(1) })]);
    await receiveAlerts(world.parts, [makeArrival('c', 60, { startedAt: at(50) })]);
    expect((await all()).map(({ status }) => status)).toEqual(['investigating']);

    const reopened = await world.parts.store.read('incident', stored.record.id);
    if (!reopened) throw new Error('no incident');
    await world.parts.store.write(
      'incident',
      stored.record.id,
      { ...reopened.record, status: 'resolved', milestones: { resolved: resolvedAt } },
      reopened.version,
    );
    await receiveAlerts(world.parts, [makeArrival('d', 61, { state: 'resolved', endedAt: at(61) })]);
    world.pass(31 * 60_000);
    await receiveAlerts(world.parts, [makeArrival('e', 3_000, { startedAt: at(2_990) })]);
    expect(await all()).toHaveLength(2);
    expect(await openIncidents(world.parts)).toHaveLength(1);
  });

  it('take service, environment and channel from the configuration', async () => {
    await receiveAlerts(world.parts, [makeArrival('a', 0)]);
    expect(await all()).toMatchObject([{ service: 'mistral-api', environment: 'production', channel: 'incidents' }]);
  });
});
