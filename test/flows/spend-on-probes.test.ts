import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../lib/domain/diagnosis.ts';
import { noteProbes, type Round, spendOnProbes } from '../../lib/flows/spend-on-probes.ts';
import { targetOf } from '../../lib/flows/target-of.ts';
import type { ServiceTarget } from '../../lib/ports/probes.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let target: ServiceTarget;
beforeEach(async () => {
  world = await openWorld();
  // Less than the configuration would allow, so that it is soon spent.
  change({ tokensPerHour: 12 });
  const [first] = world.parts.settings.services;
  const found = targetOf(world.parts, { service: first?.name ?? '', environment: first?.environment ?? '' });
  if (found === null) throw new Error('the world has no service');
  target = { ...found, models: ['a'] };
});
afterEach(() => world.close());

const change = (probing: { readonly tokensPerHour: number }): void => {
  Object.assign(world.parts, { settings: { ...world.parts.settings, probing } });
};
const well = { name: 'chat:a', question: '?', outcome: 'ok', latencyMs: 1 } as const;
const limited = [{ name: 'chat:a', question: '?', outcome: 'failed', branch: 'rate.minute', latencyMs: 1 }] as const;

const putAfterAll = () => Promise.resolve({ outcome: 'ok', latencyMs: 1, note: 'asked after all' } as const);
const answerOf = ({ withheld }: Round, name = 'chat:a') => withheld.get(name)?.(10_000, putAfterAll);

describe('what probes may spend', () => {
  it('is one budget for all that ask at the same time', async () => {
    const rounds = await Promise.all([1, 2, 3].map(() => spendOnProbes(world.parts, target)));
    expect(rounds.filter(({ withheld }) => withheld.size === 0)).toHaveLength(2);
  });

  it.each([
    [{ secretId: 'another' }, 2],
    [{}, 4],
  ])('is that of all services with the key, and of no other: beside %o it is enough for %i', async (other, enough) => {
    const { settings } = world.parts;
    const [first] = settings.services;
    if (first === undefined) throw new Error('the world has no service');
    Object.assign(world.parts, {
      settings: { ...settings, services: [first, { ...first, name: 'other', ...other }] },
    });
    const rounds = [];
    for (let nth = 0; nth < 6; nth += 1) rounds.push(await spendOnProbes(world.parts, target));
    expect(rounds.filter(({ withheld }) => withheld.size === 0)).toHaveLength(enough);
  });

  it('is withheld where others keep writing the record', async () => {
    const write = () => Promise.resolve(null);
    const parts = { ...world.parts, store: { ...world.parts.store, write } };
    expect([...(await spendOnProbes(parts, target)).withheld.keys()]).toEqual(['chat:a']);
  });

  it('is nothing for a model that said a moment ago that it is limited, and something after a minute', async () => {
    const { askedMs } = await spendOnProbes(world.parts, target);
    await noteProbes(world.parts, target, { askedMs, findings: limited });
    world.pass(30_000);
    expect(await answerOf(await spendOnProbes(world.parts, target))).toEqual({
      outcome: 'failed',
      branch: 'rate.minute',
      latencyMs: 0,
      why: 'asked 30 s ago and not again within the minute: our limit of requests or tokens per minute is used up',
      facts: { askedSecondsAgo: 30 },
    });
    world.pass(30_000);
    expect((await spendOnProbes(world.parts, target)).withheld.size).toBe(0);
  });

  it('of a limited model is one question a minute for all services that ask with the same key', async () => {
    change({ tokensPerHour: 1_000 });
    const other = { ...target, name: 'other', environment: 'staging', models: ['b', 'a'] };
    const { askedMs } = await spendOnProbes(world.parts, target);
    await noteProbes(world.parts, target, { askedMs, findings: limited });
    world.pass(30_000);
    expect([...(await spendOnProbes(world.parts, other)).withheld.keys()]).toEqual(['chat:a']);
    expect((await spendOnProbes(world.parts, { ...other, secretId: 'another' })).withheld.size).toBe(0);
    // What another service asks besides does not make it forgotten.
    await spendOnProbes(world.parts, { ...other, models: ['b'] });
    expect([...(await spendOnProbes(world.parts, target)).withheld.keys()]).toEqual(['chat:a']);
  });

  it('loses no note where many services of the same key ask at once', async () => {
    change({ tokensPerHour: 1_000 });
    const targets = Array.from({ length: 9 }, (_, nth) => ({ ...target, name: `s${nth}`, models: [`m${nth}`] }));
    const rounds = await Promise.all(targets.map((one) => spendOnProbes(world.parts, one)));
    expect(rounds.every(({ withheld }) => withheld.size === 0)).toBe(true);
  });
});

describe('a model that is limited and being asked by somebody else', () => {
  let asked: Round;
  let looks: PromiseWithResolvers<void>;
  beforeEach(async () => {
    change({ tokensPerHour: 1_000 });
    looks = Promise.withResolvers();
    Object.assign(world.parts, { wait: () => looks.promise });
    const { askedMs } = await spendOnProbes(world.parts, target);
    await noteProbes(world.parts, target, { askedMs, findings: limited });
    world.pass(60_000);
    asked = await spendOnProbes(world.parts, target);
  });
  /** Who waits for the answer looks again once it is there. */
  const answer = async (finding: Finding): Promise<void> => {
    await noteProbes(world.parts, target, { askedMs: asked.askedMs, findings: [finding] });
    looks.resolve();
  };
  const hear = (name: 'chat' | 'stream') =>
    spendOnProbes(world.parts, { ...target, name: 'other', streams: true }).then((round) =>
      answerOf(round, `${name}:a`),
    );

  it.each([
    [{ ...well }, 'chat', { outcome: 'ok', note: 'asked 0 s ago and not again within the minute' }],
    [{ ...limited[0], branch: 'capacity.model' }, 'chat', { outcome: 'failed', branch: 'capacity.model' }],
    [{ ...limited[0] }, 'stream', { outcome: 'failed', branch: 'rate.minute' }],
    // Who asked may have had the key of before.
    [{ ...limited[0], branch: 'auth.invalid_key' }, 'chat', { outcome: 'unknown' }],
    [{ ...limited[0], branch: 'provider.5xx' }, 'chat', { outcome: 'unknown' }],
    // That it answers says nothing about its streams.
    [{ ...well }, 'stream', { outcome: 'unknown' }],
  ] as const)('says to the other what it says to the first: %o to its %s', async (finding, kind, expected) => {
    const heard = hear(kind);
    await answer(finding);
    expect(await heard).toMatchObject(expected);
  });

  it('is told as not asked where nobody can look up the answer', async () => {
    const round = await spendOnProbes(world.parts, { ...target, name: 'other' });
    looks.resolve();
    Object.assign(world.parts.store, { read: () => Promise.reject(new Error('down')) });
    expect(await answerOf(round)).toMatchObject({ outcome: 'unknown', why: expect.stringContaining('a is limited') });
  });

  it('and does not answer is waited for no longer than the deadline of who asks it', async () => {
    const waited: number[] = [];
    Object.assign(world.parts, {
      wait: (ms: number) => {
        waited.push(ms);
        return Promise.resolve();
      },
    });
    expect(await hear('chat')).toMatchObject({ outcome: 'unknown', why: expect.stringContaining('0 s ago') });
    expect(waited).toEqual(Array.from({ length: 20 }, () => 500));
    world.pass(world.parts.settings.probeDeadlineMs);
    expect(await hear('chat')).toMatchObject({ outcome: 'unknown' });
    expect(waited).toHaveLength(20);
  });
});

describe('a routine check', () => {
  const routine = () => spendOnProbes(world.parts, target, { isRoutine: true });
  const stored = () => world.parts.store.read('probing', target.secretId);
  beforeEach(() => change({ tokensPerHour: 1_000 }));

  it('is paid for beforehand, and writes nothing down', async () => {
    const { askedMs, withheld } = await routine();
    await noteProbes(world.parts, target, { askedMs, findings: [{ ...well }] });
    expect([withheld.size, await stored()]).toEqual([0, null]);
  });

  it('is not what others may spend: 360 of 1,000 tokens an hour are its own', async () => {
    const rounds = [];
    for (let nth = 0; nth < 107; nth += 1) rounds.push(await spendOnProbes(world.parts, target));
    expect(rounds.filter(({ withheld }) => withheld.size === 0)).toHaveLength(106);
    expect((await routine()).withheld.size).toBe(0);
  });

  it('remembers that a model is limited, waits then as all do, and remembers when it is over', async () => {
    const { askedMs } = await routine();
    await noteProbes(world.parts, target, { askedMs, findings: limited });
    world.pass(30_000);
    expect([...(await routine()).withheld.keys()]).toEqual(['chat:a']);
    world.pass(30_000);
    const later = await routine();
    await noteProbes(world.parts, target, { askedMs: later.askedMs, findings: [{ ...well }] });
    world.pass(1_000);
    expect((await routine()).withheld.size).toBe(0);
  });

  it('that would take more than half is written down as any other', async () => {
    change({ tokensPerHour: 12 });
    await routine();
    expect((await stored())?.record.spent).toHaveLength(1);
  });
});
