import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noteProbes, spendOnProbes } from '../../lib/flows/spend-on-probes.ts';
import { targetOf } from '../../lib/flows/target-of.ts';
import type { ServiceTarget } from '../../lib/ports/probes.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let target: ServiceTarget;
beforeEach(async () => {
  world = await openWorld({ probing: { tokensPerHour: 12 } });
  const [first] = world.parts.settings.services;
  const found = targetOf(world.parts, { service: first?.name ?? '', environment: first?.environment ?? '' });
  if (found === null) throw new Error('the world has no service');
  target = { ...found, models: ['a'] };
});
afterEach(() => world.close());

const limited = [{ name: 'chat:a', question: '?', outcome: 'failed', branch: 'rate.minute', latencyMs: 1 }] as const;

describe('what probes may spend', () => {
  it('is one budget for all that ask at the same time', async () => {
    const rounds = await Promise.all([1, 2, 3].map(() => spendOnProbes(world.parts, target)));
    expect(rounds.filter((withheld) => withheld.size === 0)).toHaveLength(2);
  });

  it('is withheld where others keep writing the record', async () => {
    const write = () => Promise.resolve(null);
    const parts = { ...world.parts, store: { ...world.parts.store, write } };
    expect([...(await spendOnProbes(parts, target)).keys()]).toEqual(['chat:a']);
  });

  it('is nothing for a model that said a moment ago that it is limited, and something after a minute', async () => {
    await spendOnProbes(world.parts, target);
    await noteProbes(world.parts, target, limited);
    world.pass(30_000);
    expect((await spendOnProbes(world.parts, target)).get('chat:a')).toContain('30 s ago, was rate.minute');
    world.pass(30_000);
    expect((await spendOnProbes(world.parts, target)).size).toBe(0);
  });
});
