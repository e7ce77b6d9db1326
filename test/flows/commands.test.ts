import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { makeArrival } from '../make.ts';
import { press } from './press.ts';
import { whispersTo } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const type = async (text: string): Promise<string> => {
  await press(world, 'command', text);
  return (await whispersTo(world, 'U0MAYA')).at(-1) ?? '';
};
const open = async (nth: number): Promise<string> => {
  const [id = ''] = await receiveAlerts(world.parts, [
    makeArrival(`job-${nth}`, nth, { key: `key-${nth}`, group: `group-${nth}`, title: `Alert ${nth}` }),
  ]);
  await world.settle();
  return id;
};

describe('a command that was obeyed', () => {
  it.each([
    ['ack', 'Acknowledged'],
    ['assign', 'Assigned'],
    ['severity P1', 'The severity is set'],
    ['update on it', 'Told in the thread'],
    ['evidence', 'Evidence is being collected'],
    ['postmortem', 'The postmortem is being drafted'],
    ['fallback on', 'Enable fallback is under way'],
    ['resolve anyway', 'Resolved'],
  ])('(%s) says so, and for which incident', async (text, words) => {
    const id = await open(1);
    const answer = await type(text);
    expect(answer).toContain(words);
    expect(answer).toContain(id);
  });

  it('lists what is open, and helps', async () => {
    await open(1);
    expect(await type('status')).toContain('1 open incident');
    expect(await type('help')).toContain('/mistral-triage');
  });
});

describe('a command that could mean another incident', () => {
  it('with a mistyped id does nothing', async () => {
    const id = await open(1);
    expect(await type('ack INC-261120-ZZZ')).toContain('not the id of an incident');
    expect((await world.incident(id)).acknowledgedBy).toBeNull();
  });

  it('with an id that nobody knows does nothing', async () => {
    await open(1);
    expect(await type('ack INC-261120-ZZZZZZZZ')).toContain('I know no incident');
  });

  it('without an id asks which, lists the open ones, and shows what to type', async () => {
    const ids = [await open(1), await open(2)];
    const answer = await type('fallback on');
    for (const id of ids) expect(answer).toContain(id);
    expect(answer).toContain('/mistral-triage fallback on INC-');
  });

  it('asks once before it resolves what still fires, names the alert, and is then obeyed', async () => {
    const id = await open(1);
    expect(await type('resolve')).toContain('Alert 1');
    expect((await world.incident(id)).status).not.toBe('resolved');
    await type(`resolve anyway ${id}`);
    expect((await world.incident(id)).status).toBe('resolved');
  });

  it('when nothing is open says so', async () => {
    expect(await type('ack')).toContain('No incident is open');
  });
});
