import fc from 'fast-check';
import { expect, it } from 'vitest';
import { enableFallback } from '../../lib/actions/enable-fallback.ts';
import type { Lease } from '../../lib/domain/lease.ts';
import { guardWorld, runUntilCrash } from './crash.ts';
import { openHost, planned, type TestWorld } from './world.ts';

const ENDS = '2026-11-20T11:00:00.000Z';

type Host = Awaited<ReturnType<typeof openHost>>;

const openPlanned = async (host: Host, isApplied = false): Promise<{ world: TestWorld; lease: Lease }> => {
  const world = await host.openWorld();
  const lease = await planned(enableFallback, world);
  if (isApplied) await enableFallback.apply(lease, world);
  return { world, lease };
};

type Step = 'apply' | 'undo';

const countPoints = async (host: Host, step: Step): Promise<number> => {
  for (let at = 0; ; at += 1) {
    const { world, lease } = await openPlanned(host, step === 'undo');
    if (!(await runUntilCrash(world, at, (guarded) => enableFallback[step](lease, guarded)))) return at;
  }
};

it.each([
  ['apply', { version: 1, fallback: true, expiresAt: ENDS }, ['LSE-1']],
  ['undo', { version: 2 }, []],
] as const)(
  '%s, stopped before or after any two of its calls and run again, changes the controls once',
  async (step, published, leases) => {
    const host = await openHost();
    const points = await countPoints(host, step);
    // Two saves, a publication and their loads, before and after each.
    expect(points).toBeGreaterThanOrEqual(12);
    for (let first = 0; first < points; first += 1) {
      for (let second = 0; second <= points; second += 3) {
        const { world, lease } = await openPlanned(host, step === 'undo');
        expect(await runUntilCrash(world, first, (guarded) => enableFallback[step](lease, guarded))).toBe(true);
        await runUntilCrash(world, second, (guarded) => enableFallback[step](lease, guarded));
        expect([first, second, await enableFallback[step](lease, world)]).toMatchObject([
          first,
          second,
          { result: 'done' },
        ]);
        expect([first, second, await world.published()]).toEqual([first, second, published]);
        const control = await world.control();
        expect([first, second, control.leases.map((one) => one.leaseId)]).toEqual([first, second, leases]);
        expect(control).toMatchObject({
          version: published.version,
          published: JSON.stringify(published),
          foreignShown: null,
        });
      }
    }
  },
);

it('undo after an apply that stopped anywhere leaves the fallback off', async () => {
  const host = await openHost();
  const points = await countPoints(host, 'apply');
  for (let at = 0; at < points; at += 1) {
    const { world, lease } = await openPlanned(host);
    await runUntilCrash(world, at, (guarded) => enableFallback.apply(lease, guarded));
    expect([at, await enableFallback.undo(lease, world)]).toMatchObject([at, { result: 'done' }]);
    expect([at, (await world.published()) ?? {}]).not.toMatchObject([at, { fallback: true }]);
  }
});

it('another lease that comes after an apply that stopped anywhere is applied, and so is the first when it is run again', async () => {
  const host = await openHost();
  const points = await countPoints(host, 'apply');
  for (let at = 0; at < points; at += 1) {
    for (let late = 0; late <= points; late += 1) {
      const { world, lease } = await openPlanned(host);
      const other = { ...lease, id: 'LSE-2' };
      await runUntilCrash(world, at, (guarded) => enableFallback.apply(lease, guarded));
      await runUntilCrash(world, late, (guarded) => enableFallback.apply(other, guarded));
      expect([at, late, await enableFallback.apply(other, world)]).toMatchObject([at, late, { result: 'done' }]);
      expect([at, late, await enableFallback.apply(lease, world)]).toMatchObject([at, late, { result: 'done' }]);
      const { leases } = await world.control();
      expect([at, late, leases.map((one) => one.leaseId).toSorted()]).toEqual([at, late, ['LSE-1', 'LSE-2']]);
      expect([at, late, await world.published()]).toEqual([at, late, { version: 2, fallback: true, expiresAt: ENDS }]);
    }
  }
});

it("somebody else's edit between two calls is never overwritten unseen after a crash", async () => {
  const host = await openHost();
  const points = await countPoints(host, 'apply');
  const THEIRS = '{"version":99}';
  for (let at = 0; at < points; at += 1) {
    const { world, lease } = await openPlanned(host);
    await runUntilCrash(world, at, (guarded) => enableFallback.apply(lease, guarded));
    const isRecorded = (await world.store.read('control', `production/${world.target.name}`))?.record.published != null;
    await world.projection.publish('production', world.target.name, THEIRS);
    const again = await enableFallback.apply(lease, world);
    expect([at, await world.published()]).toEqual([at, { version: 99 }]);
    // What was finished before the edit stays done; verify then shows the edit.
    expect([at, again.result]).toEqual([at, isRecorded ? 'done' : 'failed']);
    expect([at, (await world.control()).leases.length]).toEqual([at, isRecorded ? 1 : 0]);
    expect((await enableFallback.verify(lease, world)).result).toBe('failed');
  }
});

it('several leases at once, in whatever order their calls come through, end in one text that says what the record says', async () => {
  const host = await openHost();
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { world, lease } = await openPlanned(host);
      const guarded = guardWorld(world, (call) => scheduler.schedule(Promise.resolve()).then(call));
      const leases = ['LSE-1', 'LSE-1', 'LSE-2'].map((id) => ({ ...lease, id }));
      const results = await scheduler.waitFor(Promise.all(leases.map((one) => enableFallback.apply(one, guarded))));
      expect(results.map((step) => step.result)).toEqual(['done', 'done', 'done']);
      const control = await world.control();
      expect(control.leases.map((one) => one.leaseId).toSorted()).toEqual(['LSE-1', 'LSE-2']);
      expect(await world.published()).toEqual({ version: 2, fallback: true, expiresAt: ENDS });
      expect(control.published).toBe(await world.projection.current('production', world.target.name));
    }),
    { numRuns: 30 },
  );
});

it("a second request that stops anywhere still overwrites somebody else's text, exactly the one that was shown", async () => {
  const host = await openHost();
  const points = await countPoints(host, 'apply');
  for (let at = 0; at < points; at += 1) {
    const { world, lease } = await openPlanned(host);
    await world.projection.publish('production', world.target.name, '{"version":99}');
    expect((await enableFallback.apply(lease, world)).result).toBe('failed');
    const second = { ...lease, id: 'LSE-2' };
    await runUntilCrash(world, at, (guarded) => enableFallback.apply(second, guarded));
    expect([at, await enableFallback.apply(second, world)]).toMatchObject([at, { result: 'done' }]);
    expect([at, await world.published()]).toEqual([at, { version: 1, fallback: true, expiresAt: ENDS }]);
    expect((await world.control()).foreignShown).toBeNull();
  }
});
