import { describe, expect, it } from 'vitest';
import { enableFallback } from '../../lib/actions/enable-fallback.ts';
import type { Control } from '../../lib/domain/control.ts';
import { makeLease, openWorld, planned, type TestWorld, undoing } from './world.ts';

const ENDS = '2026-11-20T11:00:00.000Z';

const putControl = async (world: TestWorld, patch: Partial<Control>): Promise<void> => {
  const control: Control = {
    service: 'chat',
    environment: 'production',
    base: {},
    leases: [],
    version: 3,
    published: null,
    foreignShown: null,
    ...patch,
  };
  await world.store.write('control', 'production/chat', control, 0);
};

const foreign = (world: TestWorld, text: string): Promise<void> => world.projection.publish('production', 'chat', text);

describe('the fallback', () => {
  it('is planned with its end, changing nothing', async () => {
    const world = await openWorld();
    const preview = await enableFallback.preview(makeLease('enable-fallback'), world);
    expect(preview).toMatchObject({ plan: { fallback: 'true', minutes: '60' } });
    expect(preview).toMatchObject({ text: expect.stringContaining('for 60 minutes') as unknown });
    expect(await world.published()).toBeNull();
    expect(await world.store.read('control', 'production/chat')).toBeNull();
  });

  it('is one lease in the record and readable by applications; members that are not set are absent', async () => {
    const world = await openWorld();
    const lease = await planned(enableFallback, world);
    expect(await enableFallback.apply(lease, world)).toEqual({
      result: 'done',
      text: 'The fallback of chat is on until 2026-11-20 11:00 UTC.',
    });
    expect(await world.published()).toEqual({ version: 1, fallback: true, expiresAt: ENDS });
    expect((await world.control()).leases).toEqual([{ leaseId: 'LSE-1', values: { fallback: true }, expiresAt: ENDS }]);
    expect((await enableFallback.verify(lease, world)).result).toBe('done');
  });

  it('keeps the values that were set for good', async () => {
    const world = await openWorld();
    await putControl(world, { base: { maxConcurrency: 8, timeoutMs: 30_000, model: 'mistral-small-latest' } });
    await enableFallback.apply(await planned(enableFallback, world), world);
    expect(await world.published()).toEqual({
      version: 4,
      fallback: true,
      maxConcurrency: 8,
      timeoutMs: 30_000,
      model: 'mistral-small-latest',
      expiresAt: ENDS,
    });
  });

  it('is undone to what was before, once', async () => {
    const world = await openWorld();
    await putControl(world, { base: { maxConcurrency: 8 } });
    const lease = await planned(enableFallback, world);
    await enableFallback.apply(lease, world);
    expect(await enableFallback.undo(lease, world)).toEqual({ result: 'done', text: 'The fallback of chat is off.' });
    expect(await world.published()).toEqual({ version: 5, maxConcurrency: 8 });
    expect(await enableFallback.undo(lease, world)).toMatchObject({ result: 'done' });
    expect((await world.control()).version).toBe(5);
  });

  it('that was never applied is undone without a trace', async () => {
    const world = await openWorld();
    expect((await enableFallback.undo(await planned(enableFallback, world), world)).result).toBe('done');
    expect(await world.published()).toBeNull();
  });

  it('that is already on is not offered again, and the answer says until when', async () => {
    const world = await openWorld();
    await enableFallback.apply(await planned(enableFallback, world), world);
    expect(await enableFallback.preview(makeLease('enable-fallback', 'LSE-2'), world)).toEqual({
      refused: 'Nothing was done: the fallback is already on until 11:00 UTC.',
    });
  });

  it('that is on through another incident is not asked for again, and the answer names that one', async () => {
    const world = await openWorld();
    const lease = { ...(await planned(enableFallback, world)), incidentId: 'INC-OTHER' };
    await world.store.write('lease', lease.id, lease, 0);
    await enableFallback.apply(lease, world);
    expect(await enableFallback.preview(makeLease('enable-fallback', 'LSE-2'), world)).toEqual({
      refused: 'Nothing was done: the fallback is already on until 11:00 UTC, through INC-OTHER.',
    });
  });

  it('without a plan is not applied', async () => {
    const world = await openWorld();
    expect((await enableFallback.apply(makeLease('enable-fallback'), world)).result).toBe('failed');
    expect(await world.published()).toBeNull();
  });
});

describe('of two leases', () => {
  it('the newest is in effect, and undoing the older one leaves it so', async () => {
    const world = await openWorld();
    const older = await planned(enableFallback, world);
    world.passMs(60_000);
    const newer = await planned(enableFallback, world, 'LSE-2');
    await enableFallback.apply(older, world);
    await enableFallback.apply(newer, world);
    const newerEnds = '2026-11-20T11:01:00.000Z';
    expect(await world.published()).toEqual({ version: 2, fallback: true, expiresAt: newerEnds });
    expect(await enableFallback.undo(older, world)).toEqual({
      result: 'done',
      text: 'This fallback of chat ended; another change keeps it on.',
    });
    expect(await world.published()).toEqual({ version: 3, fallback: true, expiresAt: newerEnds });
    await enableFallback.undo(newer, world);
    expect(await world.published()).toEqual({ version: 4 });
  });

  it('undoing the newer one brings the older one back into effect', async () => {
    const world = await openWorld();
    const older = await planned(enableFallback, world);
    const newer = await planned(enableFallback, world, 'LSE-2');
    await enableFallback.apply(older, world);
    await enableFallback.apply(newer, world);
    await enableFallback.undo(newer, world);
    expect(await world.published()).toEqual({ version: 3, fallback: true, expiresAt: ENDS });
    expect((await enableFallback.verify(older, world)).result).toBe('done');
    expect((await enableFallback.verify(newer, world)).text).toBe('This change is no longer in the controls.');
  });

  it('a newer one that says nothing of the fallback is named when the older is verified', async () => {
    const world = await openWorld();
    const lease = await planned(enableFallback, world);
    await enableFallback.apply(lease, world);
    const stored = await world.store.read('control', 'production/chat');
    const control = await world.control();
    const leases = [...control.leases, { leaseId: 'LSE-2', values: { maxConcurrency: 1 }, expiresAt: null }];
    const text = JSON.stringify({ version: 2, maxConcurrency: 1 });
    await world.store.write(
      'control',
      'production/chat',
      { ...control, leases, version: 2, published: text },
      stored?.version ?? 0,
    );
    await foreign(world, text);
    expect((await enableFallback.verify(lease, world)).text).toMatch(/^A newer change is in effect for chat/);
  });
});

describe("somebody else's text", () => {
  const THEIRS = '{"version":99,"fallback":false,"note":"by hand `x`"}';

  it('is shown and not overwritten; a second request overwrites exactly that', async () => {
    const world = await openWorld();
    await foreign(world, THEIRS);
    const first = await enableFallback.apply(await planned(enableFallback, world), world);
    expect(first.result).toBe('failed');
    expect(first.text).toContain('{"version":99,"fallback":false,"note":"by hand  x "}');
    expect(first.text).toContain('asking for the same again overwrites exactly this text');
    expect(await world.published()).toMatchObject({ version: 99 });
    expect((await world.control()).leases).toEqual([]);

    const second = await enableFallback.apply(await planned(enableFallback, world, 'LSE-2'), world);
    expect(second.result).toBe('done');
    expect(await world.published()).toEqual({ version: 1, fallback: true, expiresAt: ENDS });
    expect((await world.control()).foreignShown).toBeNull();
  });

  it('that changed again after it was shown is shown again', async () => {
    const world = await openWorld();
    await foreign(world, THEIRS);
    await enableFallback.apply(await planned(enableFallback, world), world);
    await foreign(world, '{"version":100}');
    const second = await enableFallback.apply(await planned(enableFallback, world, 'LSE-2'), world);
    expect(second).toMatchObject({ result: 'failed', text: expect.stringContaining('{"version":100}') as unknown });
    expect(await world.published()).toEqual({ version: 100 });
  });

  it('is seen by verify, and keeps an undo from overwriting it until a person asks twice', async () => {
    const world = await openWorld();
    const lease = await planned(enableFallback, world);
    await enableFallback.apply(lease, world);
    await foreign(world, THEIRS);
    expect(await enableFallback.verify(lease, world)).toMatchObject({ result: 'failed' });
    const first = await enableFallback.undo(undoing(lease), world);
    expect(first).toMatchObject({ result: 'failed', text: expect.stringContaining('undoing it again') as unknown });
    expect((await world.control()).leases).toHaveLength(1);
    expect((await enableFallback.undo(undoing(lease), world)).result).toBe('failed');
    expect(await world.published()).toMatchObject({ version: 99 });
    expect((await enableFallback.undo(undoing(lease, 'asked', 2), world)).result).toBe('done');
    expect(await world.published()).toEqual({ version: 2 });
  });

  it('is not overwritten by the same request that comes again, however often', async () => {
    const world = await openWorld();
    await foreign(world, THEIRS);
    const lease = await planned(enableFallback, world);
    for (let run = 0; run < 3; run += 1) expect((await enableFallback.apply(lease, world)).result).toBe('failed');
    expect(await world.published()).toMatchObject({ version: 99 });
  });

  it('is never overwritten because a time is over, shown to a person or not; the record lets go of the lease', async () => {
    const world = await openWorld();
    const lease = await planned(enableFallback, world);
    await enableFallback.apply(lease, world);
    await foreign(world, THEIRS);
    await enableFallback.undo(undoing(lease), world);
    for (let attempt = 2; attempt < 5; attempt += 1)
      expect((await enableFallback.undo(undoing(lease, 'ended', attempt), world)).result).toBe('failed');
    expect(await world.published()).toMatchObject({ version: 99 });
    expect((await world.control()).leases).toEqual([]);
    expect((await enableFallback.undo(undoing(lease, 'asked', 5), world)).result).toBe('done');
    expect(await world.published()).toEqual({ version: 2 });
  });

  it('of any size is shown in a few hundred characters', async () => {
    const world = await openWorld();
    await foreign(world, '🚀'.repeat(5000));
    const { text } = await enableFallback.apply(await planned(enableFallback, world), world);
    expect(text.length).toBeLessThan(900);
    expect(text.isWellFormed()).toBe(true);
  });

  it('that was taken away altogether is nothing to overwrite', async () => {
    const world = await openWorld();
    const older = await planned(enableFallback, world);
    await enableFallback.apply(older, world);
    await putControl(world, {});
    const gone = { ...world, projection: { ...world.projection, current: async () => null } };
    expect((await enableFallback.undo(older, gone)).result).toBe('done');
    expect(await world.published()).toEqual({ version: 2 });
  });
});
