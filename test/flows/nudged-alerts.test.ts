import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Parts } from '../../lib/flows/parts.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { makeArrival } from '../make.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let parts: Parts;
let id = '';
let nudged: string[] = [];
let lines: Readonly<Record<string, unknown>>[] = [];

/** An incident that is told and diagnosed. */
beforeEach(async () => {
  world = await openWorld();
  [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
  await world.settle();
  nudged = [];
  lines = [];
  parts = {
    ...world.parts,
    nudge: (ids) => nudged.push(...ids),
    log: (event, fields) => lines.push({ event, ...fields }),
  };
});
afterEach(() => world.close());

describe('alerts of an incident that is told', () => {
  it('wake nobody when they repeat', async () => {
    expect(await receiveAlerts(parts, [makeArrival('job-2', 10), makeArrival('job-3', 20)])).toEqual([id]);
    expect(nudged).toEqual([]);
  });

  it.each([
    ['one of them is new', () => [makeArrival('job-2', 10), makeArrival('job-2', 10, { key: 'new' })]],
    ['one of them is over', () => [makeArrival('job-2', 10, { state: 'resolved' })]],
    ['they come again, since who worked on them may have died', () => [makeArrival('job-1', 0)]],
  ])('have the incident looked at when %s', async (_, arrivals) => {
    await receiveAlerts(parts, arrivals());
    expect(nudged).toEqual([id]);
  });

  it('have it looked at when they repeat while something waits to be told', async () => {
    await receiveAlerts(world.parts, [makeArrival('job-2', 10, { key: 'new' })]);
    await receiveAlerts(parts, [makeArrival('job-3', 20)]);
    expect(nudged).toEqual([id]);
  });

  it('are one line of the log for all that moved alike', async () => {
    await receiveAlerts(parts, [
      makeArrival('job-2', 10),
      makeArrival('job-3', 20),
      makeArrival('job-3', 20, { key: 'new' }),
    ]);
    const placed = lines.filter(({ event }) => event === 'alert.placed');
    expect(placed.map(({ effect, alerts, incident }) => ({ effect, alerts, incident }))).toEqual([
      { effect: 'repeats', alerts: 2, incident: id },
      { effect: 'fires', alerts: 1, incident: id },
    ]);
  });

  it('are counted once each when somebody changes the incident meanwhile', async () => {
    const meanwhile = { ...parts, checkpoint: async () => void (await changeOnce()) };
    let isChanged = false;
    const changeOnce = async () => {
      if (isChanged) return;
      isChanged = true;
      await receiveAlerts(world.parts, [makeArrival('job-3', 20, { key: 'new' })]);
    };
    await receiveAlerts(meanwhile, [makeArrival('job-2', 10)]);
    const incident = (await world.parts.store.read('incident', id))?.record;
    expect(incident?.totals).toMatchObject({ firing: 2, received: 3 });
  });
});
