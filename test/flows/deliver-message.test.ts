import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliverDue } from '../../lib/flows/deliver-due.ts';
import { sweepDuplicates } from '../../lib/flows/deliver-message.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { renderIncident } from '../../templates/incident.ts';
import { at, makeArrival } from '../make.ts';
import { shownNotes, shownRoots } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const open = async (change = {}): Promise<string> => {
  const [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0, change)]);
  return id;
};
const deliver = () => deliverDue(world.parts, 250);
const delivery = async (id: string) => (await world.parts.store.read('delivery', `${id}#root`))?.record;

/** Slack's own block ids and the emoji flag are not ours. */
const ours = (blocks: unknown): unknown =>
  JSON.parse(
    JSON.stringify(blocks, (key, value: unknown) =>
      key === 'block_id' || key === 'emoji' || key === 'verbatim' ? undefined : value,
    ),
  );

describe('an incident in Slack', () => {
  it('is one root message that shows the stored state, and nothing is left to tell', async () => {
    const id = await open();
    await deliver();
    await deliver();
    const roots = await shownRoots(world);
    expect(roots).toHaveLength(1);
    const incident = await world.incident(id);
    expect(ours(roots[0]?.blocks)).toEqual(ours(renderIncident(incident).blocks));
    expect(incident.outbox).toEqual({ notes: [], unfiled: [], notBeforeMs: null });
    expect(await world.parts.store.list('timeline', `${id}#`)).toHaveLength(1);
  });

  it('says once how long people waited for it, also when it is lost and told anew', async () => {
    const told: unknown[] = [];
    Object.assign(world.parts, {
      log: (event: string, fields: unknown) => event === 'message.told' && told.push(fields),
    });
    const id = await open();
    world.pass(1_500);
    const { createdAt } = await world.incident(id);
    const latencyMs = world.parts.clock.nowMs() - Date.parse(createdAt);
    await deliver();
    expect(told).toEqual([{ incident: id, part: 'root', latencyMs }]);
    const [root] = await shownRoots(world);
    await world.parts.chat.remove({ channel: (await delivery(id))?.channel ?? '', ts: root?.ts ?? '' });
    await receiveAlerts(world.parts, [makeArrival('job-2', 5, { key: 'key-2', title: 'Second' })]);
    for (let round = 0; round < 3; round += 1) {
      world.pass(61_000);
      await deliver();
    }
    expect(await shownRoots(world)).toHaveLength(1);
    expect(told).toHaveLength(1);
  });

  it('is edited in place, and what happened goes to its thread', async () => {
    const id = await open();
    await deliver();
    await receiveAlerts(world.parts, [makeArrival('job-2', 5, { key: 'key-2', title: 'Second' })]);
    await deliver();
    const [root, ...others] = await shownRoots(world);
    expect(others).toEqual([]);
    expect(ours(root?.blocks)).toEqual(ours(renderIncident(await world.incident(id)).blocks));
    expect((await shownNotes(world)).map(({ thread_ts }) => thread_ts)).toEqual([root?.ts]);
  });

  it('is not touched by repeats', async () => {
    const id = await open();
    await deliver();
    const before = await delivery(id);
    await receiveAlerts(world.parts, [makeArrival('job-2', 5), makeArrival('job-3', 6)]);
    await deliver();
    expect(await delivery(id)).toEqual(before);
  });

  it.each(['429', '500', 'drop-after'])('is there once, after Slack answered %s', async (mode) => {
    await world.breakSlack(mode, 1);
    const id = await open();
    await deliver();
    expect((await delivery(id))?.ts ?? null).toBeNull();
    expect((await world.incident(id)).outbox.notBeforeMs).toBeGreaterThan(world.parts.clock.nowMs());
    world.pass(60_000);
    await deliver();
    expect(await shownRoots(world, id)).toHaveLength(1);
    world.pass(1);
    await deliver();
    expect((await world.incident(id)).outbox.notBeforeMs).toBeNull();
  });

  it('keeps its timeline while Slack is down, and catches up', async () => {
    await world.breakSlack('500', 1_000);
    const id = await open();
    await deliver();
    expect(await world.parts.store.list('timeline', `${id}#`)).toHaveLength(1);
    await receiveAlerts(world.parts, [makeArrival('job-2', 5, { key: 'key-2' })]);
    await world.breakSlack('ok');
    world.pass(120_000);
    await deliver();
    await deliver();
    expect(await shownRoots(world, id)).toHaveLength(1);
    expect(await shownNotes(world)).toHaveLength(1);
  });

  it('is found again after a death between sending and recording, and not sent twice', async () => {
    const dying = {
      ...world.parts,
      checkpoint: (step: string) => (step === 'sent' ? Promise.reject(new Error('killed')) : Promise.resolve()),
    };
    const id = await open();
    await expect(deliverDue(dying, 250)).rejects.toThrow('killed');
    expect(await shownRoots(world, id)).toHaveLength(1);
    await deliver();
    expect((await delivery(id))?.ts ?? null).toBeNull();
    world.pass(31_000);
    await deliver();
    const roots = await shownRoots(world, id);
    expect(roots).toHaveLength(1);
    expect((await delivery(id))?.ts).toBe(roots[0]?.ts);
  });

  it('is sent after a death before sending, when a look finds nothing', async () => {
    const dying = {
      ...world.parts,
      checkpoint: (step: string) => (step === 'sending' ? Promise.reject(new Error('killed')) : Promise.resolve()),
    };
    const id = await open();
    await expect(deliverDue(dying, 250)).rejects.toThrow('killed');
    expect(await shownRoots(world, id)).toHaveLength(0);
    world.pass(31_000);
    await deliver();
    expect(await shownRoots(world, id)).toHaveLength(1);
    expect((await world.incident(id)).timers.map(({ kind }) => kind)).toContain('sweep-duplicates');
  });

  it('loses a duplicate to the sweep, and keeps the recorded message', async () => {
    const id = await open();
    await deliver();
    const root = await delivery(id);
    const mark = { eventType: 'mistral_incident', payload: { incident_id: id } };
    await world.parts.chat.post({ channel: 'incidents', threadTs: null }, { text: 'again', blocks: [] }, mark);
    await sweepDuplicates(world.parts, id);
    expect((await shownRoots(world, id)).map(({ ts }) => ts)).toEqual([root?.ts]);
  });

  it('is posted anew when somebody deleted its message', async () => {
    const id = await open();
    await deliver();
    const root = await delivery(id);
    await world.parts.chat.remove({ channel: root?.channel ?? '', ts: root?.ts ?? '' });
    await receiveAlerts(world.parts, [makeArrival('job-2', 5, { state: 'resolved', endedAt: at(5) })]);
    await deliver();
    world.pass(60_000);
    await deliver();
    expect(await shownRoots(world, id)).toHaveLength(1);
  });

  it('of two deliverers at once is told by one', async () => {
    const id = await open();
    await Promise.all(Array.from({ length: 8 }, deliver));
    expect(await shownRoots(world, id)).toHaveLength(1);
  });
});
