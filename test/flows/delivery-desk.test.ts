import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Desk, openDesk } from '../../lib/flows/delivery-desk.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { makeArrival } from '../make.ts';
import { openWorld, type World } from './world.ts';

const SCAN_MS = 250;

let world: World;
let desk: Desk;
beforeEach(async () => {
  world = await openWorld({
    services: [
      { name: 'one', models: ['mistral-small-latest'], channel: 'one' },
      { name: 'two', models: ['mistral-small-latest'], channel: 'two' },
    ],
  });
  desk = openDesk();
});
afterEach(() => world.close());

type Severity = 'P1' | 'P2' | 'P3';

const open = async (name: string, service: string, severity: Severity): Promise<string> => {
  world.pass(1);
  const [id = ''] = await receiveAlerts(world.parts, [
    makeArrival(`job-${name}`, 0, { key: name, group: name, title: name, service, severity }),
  ]);
  return id;
};
const look = () => desk.look(world.parts, SCAN_MS);
const nowMs = () => world.parts.clock.nowMs();
const take = (): string | null => desk.take()?.id ?? null;

describe('who is told next', () => {
  it('is the most severe, then the oldest, of a channel that nobody is telling anything', async () => {
    const older = await open('older', 'one', 'P2');
    const newer = await open('newer', 'one', 'P2');
    const worst = await open('worst', 'one', 'P1');
    const other = await open('other', 'two', 'P3');
    await look();
    const first = desk.take();
    expect(first?.id).toBe(worst);
    expect([take(), take()]).toEqual([other, null]);
    if (first) desk.release(first, nowMs(), null);
    expect([take(), take()]).toEqual([older, null]);
    expect(newer).not.toBe(older);
  });

  it('is nobody who was told to wait, until then or until something changes', async () => {
    const id = await open('one', 'one', 'P1');
    await look();
    const item = desk.take();
    if (item) desk.release(item, nowMs(), 900);
    expect(desk.restMs(nowMs(), 5_000)).toBe(900);
    world.pass(899);
    await look();
    expect(take()).toBeNull();
    world.pass(1);
    await look();
    const again = desk.take();
    expect(again?.id).toBe(id);
    if (again) desk.release(again, nowMs(), 900);
    desk.nudge([id]);
    expect(desk.restMs(nowMs(), 5_000)).toBe(0);
    await look();
    expect(take()).toBe(id);
  });

  it('is looked at again soon even when told to wait for long, because another process may change it', async () => {
    const id = await open('one', 'one', 'P1');
    await look();
    const item = desk.take();
    if (item) desk.release(item, nowMs(), 3_600_000);
    world.pass(2_000);
    await look();
    expect(take()).toBe(id);
  });

  it('is found by the next scan when another process wrote it, and not before', async () => {
    await look();
    const id = await open('one', 'one', 'P1');
    await look();
    expect(take()).toBeNull();
    world.pass(SCAN_MS);
    await look();
    expect(take()).toBe(id);
  });

  it('is not taken twice: a change during the telling waits for its end', async () => {
    const id = await open('one', 'one', 'P1');
    await look();
    const item = desk.take();
    desk.nudge([id]);
    await look();
    expect(take()).toBeNull();
    expect(desk.restMs(nowMs(), 5_000)).toBe(5_000);
    if (item) desk.release(item, nowMs(), null);
    expect(desk.restMs(nowMs(), 5_000)).toBe(0);
    await look();
    expect(take()).toBe(id);
  });

  it('is nobody once the desk is closed, and nobody who has nothing to tell', async () => {
    const id = await open('one', 'one', 'P1');
    const stored = await world.parts.store.read('incident', id);
    if (stored) {
      const told = { ...stored.record, outbox: { notes: [], unfiled: [], notBeforeMs: null } };
      await world.parts.store.write('incident', id, told, stored.version, nowMs());
    }
    await look();
    expect(take()).toBeNull();
    await open('two', 'two', 'P1');
    world.pass(SCAN_MS);
    await look();
    desk.close();
    expect(take()).toBeNull();
  });
});
