import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Parts } from '../../lib/flows/parts.ts';
import { tellDueQuarantines } from '../../lib/flows/tell-quarantine.ts';
import { ChatError } from '../../lib/ports/chat.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let posted = 0;
beforeEach(async () => {
  world = await openWorld();
  posted = 0;
});
afterEach(() => world.close());

/** Notices that wait since now. */
const keep = async (count: number): Promise<void> => {
  const nowMs = world.parts.clock.nowMs();
  for (let nth = 0; nth < count; nth += 1) {
    const id = `q${nth}`;
    const acceptedAt = new Date(nowMs).toISOString();
    const record = { id, source: 'sns', integration: 'default', acceptedAt, contentType: 'x', bytes: 1, why: 'bad' };
    await world.parts.store.write('quarantine', id, record, 0, nowMs);
  }
};
/** With a Slack whose posts take so long, and a channel that takes one message a second. */
const partsWith = (takesMs: number, error?: ChatError): Parts => ({
  ...world.parts,
  settings: { ...world.parts.settings, pace: { ...world.parts.settings.pace, messageMs: 1_000 } },
  wait: (ms) => Promise.resolve(world.pass(ms)),
  chat: {
    ...world.parts.chat,
    post: () => {
      posted += 1;
      world.pass(takesMs);
      return error ? Promise.reject(error) : Promise.resolve({ channel: 'C1', ts: `${posted}.0` });
    },
  },
});
const timeOf = async (work: () => Promise<void>): Promise<number> => {
  const startMs = world.parts.clock.nowMs();
  await work();
  return world.parts.clock.nowMs() - startMs;
};
const left = async () => (await world.parts.store.due('quarantine', world.parts.clock.nowMs() + 60_000, 50)).length;

describe('notices that wait', () => {
  it('are told at the pace of their channel', async () => {
    await keep(4);
    await tellDueQuarantines(partsWith(100));
    expect(await left()).toBe(0);
    expect(posted).toBe(4);
  });

  it('leave a Slack that hangs alone after the first, and begin with another the next time', async () => {
    await keep(12);
    const hanging = partsWith(10_000, new ChatError('ambiguous', 'timeout'));
    expect(await timeOf(() => tellDueQuarantines(hanging))).toBe(10_000);
    expect(posted).toBe(1);
    await tellDueQuarantines(partsWith(0));
    expect(posted).toBeGreaterThan(2);
    expect(await left()).toBeGreaterThan(0);
  });

  it('leave one that refuses, too', async () => {
    await keep(3);
    await tellDueQuarantines(partsWith(0, new ChatError('no-permission', 'missing_scope')));
    expect(posted).toBe(1);
  });

  it('end in time for the function, and the rest waits', async () => {
    await keep(50);
    expect(await timeOf(() => tellDueQuarantines(partsWith(300)))).toBeLessThanOrEqual(10_300);
    expect(await left()).toBeGreaterThan(30);
  });

  it('are told one by one where nobody may wait', async () => {
    await keep(3);
    expect(await timeOf(() => tellDueQuarantines(partsWith(0), 0))).toBe(0);
    expect(posted).toBe(1);
  });
});
