import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyMitigation } from '../../lib/flows/apply-mitigation.ts';
import type { Parts } from '../../lib/flows/parts.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { runQueueOnce } from '../../lib/local/run-queue.ts';
import { makeArrival } from '../make.ts';
import { press } from './press.ts';
import { shownNotes } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

const SECRET = 'MISTRAL_SECRET_ID';

let world: World;
let id = '';

beforeEach(async () => {
  world = await openWorld();
  await world.parts.mistral.chatOnce('test-key-current', 'mistral-small-latest', 2_000);
  await world.breakMistral('revoked-key');
  [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
  await world.settle();
});
afterEach(() => world.close());

const states = async () => (await world.incident(id)).mitigations.map(({ state }) => state);
const labels = async () => Object.fromEntries((await world.parts.secrets.labels(SECRET)) ?? new Map<string, string>());

/** The key from before, promoted again: the embedded Mistral knows these two and no other. */
const provideStandby = async (): Promise<void> => {
  const { AWSPREVIOUS = '' } = await labels();
  await world.parts.secrets.move(SECRET, 'STANDBY', null, AWSPREVIOUS);
  await world.breakMistral('none');
};

describe('a second rotation in one incident', () => {
  it('is done when a standby key was provided, and undone from the newest to the oldest', async () => {
    const before = (await labels())['AWSCURRENT'];
    await press(world, 'mitigation.rotate-key', id);
    const first = (await world.incident(id)).mitigations[0];
    const between = (await labels())['AWSCURRENT'];
    await provideStandby();
    await press(world, 'command', `rotate-key ${id}`);
    expect(await states()).toEqual(['active', 'active']);
    expect((await labels())['AWSCURRENT']).not.toBe(between);
    await press(world, 'mitigation.undo', (await world.incident(id)).mitigations[1]?.id ?? '');
    expect(await states()).toEqual(['active', 'reverted']);
    expect((await labels())['AWSCURRENT']).toBe(between);
    await press(world, 'mitigation.undo', first?.id ?? '');
    expect(await states()).toEqual(['reverted', 'reverted']);
    expect((await labels())['AWSCURRENT']).toBe(before);
  });

  it('pressed while the first is under way is a double press', async () => {
    const stored = await world.parts.store.read('incident', id);
    if (!stored) throw new Error('no incident');
    await press(world, 'mitigation.rotate-key', id);
    const { mitigations } = await world.incident(id);
    const busy = mitigations.map((one) => ({ ...one, state: 'applying' as const }));
    const now = await world.parts.store.read('incident', id);
    await world.parts.store.write('incident', id, { ...stored.record, mitigations: busy }, now?.version ?? 0, 0);
    await press(world, 'mitigation.rotate-key', id);
    expect((await world.incident(id)).mitigations).toHaveLength(1);
  });
});

describe('a rotation of which nobody knows whether it took effect', () => {
  beforeEach(async () => {
    const { secrets } = world.parts;
    Object.assign(world.parts, {
      secrets: {
        ...secrets,
        move: async (secretId: string, label: string, from: string | null, to: string | null) =>
          label.startsWith('HELD') ? false : secrets.move(secretId, label, from, to),
      },
    });
    await press(world, 'mitigation.rotate-key', id);
    Object.assign(world.parts, { secrets });
    expect(await states()).toEqual(['unknown']);
  });

  it('and that is not in effect is over when it is undone, whoever rotated since', async () => {
    const { AWSCURRENT = '', STANDBY = '' } = await labels();
    await world.parts.secrets.move(SECRET, 'AWSCURRENT', AWSCURRENT, STANDBY);
    await press(world, 'mitigation.undo', (await world.incident(id)).mitigations[0]?.id ?? '');
    expect(await states()).toEqual(['reverted']);
    expect((await labels())['AWSCURRENT']).toBe(STANDBY);
    expect((await world.incident(id)).status).toBe('investigating');
  });
});

describe('a rotation whose incident is resolved', () => {
  class Died extends Error {}

  const askAndResolve = async (work: (leaseId: string) => Promise<void>): Promise<void> => {
    const still = { ...world, settle: async () => undefined };
    const drain = () => runQueueOnce(world.parts, { queue: 'jobs', atOnce: 50, leaseMs: 15_000 });
    await press(still, 'mitigation.rotate-key', id);
    await drain();
    await work((await world.incident(id)).mitigations[0]?.id ?? '');
    await press(still, 'command', `resolve ${id} anyway`);
    await drain();
    expect((await world.incident(id)).status).toBe('resolved');
    await world.settle();
  };

  const dieAt = (step: string): Parts => ({
    ...world.parts,
    checkpoint: (reached) => (reached === step ? Promise.reject(new Died()) : Promise.resolve()),
  });

  it('while it is being applied, and applications have the new key, goes on and is told', async () => {
    await askAndResolve(async (leaseId) => {
      await expect(applyMitigation(dieAt('effected'), leaseId)).rejects.toThrow(Died);
      expect(await states()).toEqual(['applying']);
    });
    expect(await states()).toEqual(['active']);
    expect((await shownNotes(world)).some(({ text }) => text.includes('The new key works'))).toBe(true);
    expect((await world.incident(id)).status).toBe('resolved');
  });

  it('while it was about to move the key changes nothing', async () => {
    const before = await labels();
    await askAndResolve(async (leaseId) => {
      await expect(applyMitigation(dieAt('intended'), leaseId)).rejects.toThrow(Died);
    });
    expect(await states()).toEqual(['failed']);
    expect(await labels()).toEqual(before);
  });

  it('before it is begun changes nothing', async () => {
    const before = await labels();
    await askAndResolve(() => Promise.resolve());
    expect(await states()).toEqual(['failed']);
    expect((await world.incident(id)).mitigations[0]?.outcome).toContain('resolved before it started');
    expect(await labels()).toEqual(before);
  });
});
