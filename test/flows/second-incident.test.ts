import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { makeArrival } from '../make.ts';
import { press } from './press.ts';
import { shownNotes, shownRoots } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let first = '';
let second = '';

/** Two incidents of one service, both with the diagnosis that the key is refused. */
beforeEach(async () => {
  world = await openWorld();
  await world.parts.mistral.chatOnce('test-key-current', 'mistral-small-latest', 2_000);
  await world.breakMistral('revoked-key');
  [first = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
  [second = ''] = await receiveAlerts(world.parts, [makeArrival('job-2', 0, { key: 'key-2', group: 'group-2' })]);
  await world.settle();
});
afterEach(() => world.close());

const rootOf = async (id: string): Promise<string> => JSON.stringify(await shownRoots(world, id));
const buttons = (root: string): readonly string[] =>
  [...root.matchAll(/"action_id":"(mitigation\.[a-z-]+)"/g)].map(([, id]) => id ?? '');

describe('a mitigation that another incident of the service has done already', () => {
  it('leaves the rotated key, and is told neither as a failure nor with its button', async () => {
    await press(world, 'mitigation.rotate-key', first);
    await press(world, 'mitigation.rotate-key', second);
    expect((await world.incident(second)).mitigations).toMatchObject([{ state: 'failed' }]);
    const told = `Nothing was done: the key was already rotated at 12:00 UTC (incident ${first}), and Mistral accepts it.`;
    expect((await shownNotes(world)).map(({ text }) => text).join('\n')).toContain(`Rotate key: ${told}`);
    const root = await rootOf(second);
    expect(root).not.toContain('did not work');
    expect(buttons(root)).not.toContain('mitigation.rotate-key');
  });

  it('leaves the fallback on, names that incident, and offers it no more', async () => {
    await press(world, 'mitigation.enable-fallback', first);
    await press(world, 'mitigation.enable-fallback', second);
    const root = await rootOf(second);
    expect(root).toContain(
      `*Enable fallback*: Nothing was done: the fallback is already on until 13:00 UTC, through ${first}.`,
    );
    expect(root).not.toContain('did not work');
    expect(buttons(root)).toEqual(['mitigation.rotate-key']);
  });
});

describe('triage that a person asks for', () => {
  it('says in one line that the answer is as before', async () => {
    const before = new Set((await shownNotes(world)).map(({ ts }) => ts));
    world.pass(60_000);
    await press(world, 'incident.triage', first);
    const told = (await shownNotes(world)).filter(({ ts }) => !before.has(ts));
    expect(told).toHaveLength(1);
    expect(told[0]?.text).toContain('as before: Mistral does not accept our key');
    expect(told[0]?.blocks).toHaveLength(1);
  });
});
