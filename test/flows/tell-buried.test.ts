import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tellBuried } from '../../lib/flows/tell-buried.ts';
import { openWorld, STANDBY_KEY, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** Jobs that fail until the queue gives them up. */
const bury = async (ids: readonly string[], why = 'Error: sick'): Promise<void> => {
  const { jobs } = world.state;
  await jobs.put(ids.map((id) => ({ id, queue: 'mitigate', body: { kind: 'recheck', incidentId: 'INC-1' } })));
  for (let attempt = 1; attempt <= 20; attempt += 1)
    for (const job of await jobs.take('mitigate', 50, 1_000)) await jobs.later(job, 0, why);
};

const notices = async (): Promise<readonly string[]> => {
  const state: { channels: { messages: { text: string; blocks: unknown; metadata?: { event_type: string } }[] }[] } =
    JSON.parse(await (await fetch(`${world.slackUrl}/console/state?user=U0MAYA`)).text());
  return state.channels
    .flatMap(({ messages }) => messages)
    .filter(({ metadata }) => metadata?.event_type === 'mistral_dead_letters')
    .map(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`);
};

const tell = (): Promise<number | null> => tellBuried(world.parts, world.state.jobs);

describe('jobs that were given up', () => {
  it('are told once, all in one message, with kinds, ids and reasons', async () => {
    await bury(['a', 'b', 'c']);
    await tell();
    await tell();
    const [told = '', ...more] = await notices();
    expect(more).toEqual([]);
    for (const part of ['3 accepted jobs could not be processed', 'recheck', '`a`', '`c`', 'Error: sick'])
      expect(told).toContain(part);
    world.pass(61_000);
    expect(await tell()).toBe(null);
    expect(await notices()).toHaveLength(1);
  });

  it('are told once a minute at most, the new ones alone, however many they are', async () => {
    await bury(['a']);
    await tell();
    await bury(Array.from({ length: 9 }, (_, index) => `later-${index}`));
    const waitMs = await tell();
    expect(waitMs).toBeGreaterThan(0);
    expect(await notices()).toHaveLength(1);
    world.pass(waitMs ?? 0);
    await tell();
    const told = (await notices()).find((one) => one.startsWith('9 accepted jobs')) ?? '';
    expect(told).toContain('And 4 more');
    expect(told).not.toContain('`a`');
  });

  it('are told when Slack is back, also by another life of the bot', async () => {
    await bury(['a']);
    await world.breakSlack('500');
    const waitMs = await tell();
    expect(waitMs).toBeGreaterThan(0);
    await world.breakSlack('ok');
    world.pass(61_000);
    await tell();
    expect(await notices()).toHaveLength(1);
  });

  it('show no key in their reasons', async () => {
    await bury(['a'], `Error: refused ${STANDBY_KEY}`);
    await tell();
    expect((await notices())[0]).toContain('[redacted]');
    expect((await notices())[0]).not.toContain(STANDBY_KEY);
  });

  it('are no reason to write to Slack when there are none', async () => {
    expect(await tell()).toBe(null);
    expect(await notices()).toEqual([]);
  });
});
