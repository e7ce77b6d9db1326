import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ActionWorld } from '../../lib/actions/action.ts';
import { rotateKey } from '../../lib/actions/rotate-key.ts';
import type { Lease } from '../../lib/domain/lease.ts';
import { present } from '../contracts/opened.ts';
import { guardWorld, runUntilCrash } from './crash.ts';
import { CURRENT_KEY, makeLease, openHost, STANDBY_KEY, type TestWorld } from './world.ts';

const ROTATED = { AWSCURRENT: STANDBY_KEY, AWSPREVIOUS: CURRENT_KEY, 'HELD-LSE-1': CURRENT_KEY };
const RESTORED = { AWSCURRENT: CURRENT_KEY, AWSPREVIOUS: STANDBY_KEY, STANDBY: STANDBY_KEY };

type Host = Awaited<ReturnType<typeof openHost>>;

const openPlanned = async (host: Host): Promise<{ world: TestWorld; lease: Lease }> => {
  const world = await host.openWorld();
  const labels = await world.labels();
  const plan = {
    secretId: world.target.secretId,
    from: present(labels['AWSCURRENT']),
    to: present(labels['STANDBY']),
  };
  return { world, lease: makeLease('rotate-key', 'LSE-1', plan) };
};

type Step = 'apply' | 'undo';
const stepOf =
  (step: Step, lease: Lease) =>
  (world: ActionWorld): Promise<unknown> =>
    rotateKey[step](lease, world);

/** Twice the number of calls of an undisturbed run: before and after each. */
const countPoints = async (host: Host, step: Step): Promise<number> => {
  for (let at = 0; ; at += 1) {
    const fresh = await openPlanned(host);
    if (step === 'undo') await rotateKey.apply(fresh.lease, fresh.world);
    if (!(await runUntilCrash(fresh.world, at, stepOf(step, fresh.lease)))) return at;
  }
};

it.each([
  ['apply', ROTATED, 1],
  ['undo', RESTORED, 2],
] as const)(
  '%s, stopped before or after any two of its calls and run again, moves AWSCURRENT once',
  async (step, keys, rotations) => {
    const host = await openHost();
    const points = await countPoints(host, step);
    // Two loads and three moves at least, before and after each.
    expect(points).toBeGreaterThanOrEqual(10);
    for (let first = 0; first < points; first += 1) {
      for (let second = 0; second <= points; second += 3) {
        const { world, lease } = await openPlanned(host);
        if (step === 'undo') await rotateKey.apply(lease, world);
        expect(await runUntilCrash(world, first, stepOf(step, lease))).toBe(true);
        await runUntilCrash(world, second, stepOf(step, lease));
        expect([first, second, await rotateKey[step](lease, world)]).toMatchObject([first, second, { result: 'done' }]);
        expect([first, second, await world.keys()]).toEqual([first, second, keys]);
        expect([first, second, await world.rotations()]).toEqual([first, second, rotations]);
      }
    }
  },
);

it('undo after an apply that stopped anywhere leaves no trace', async () => {
  const host = await openHost();
  const points = await countPoints(host, 'apply');
  for (let at = 0; at < points; at += 1) {
    const { world, lease } = await openPlanned(host);
    await runUntilCrash(world, at, stepOf('apply', lease));
    expect([at, await rotateKey.undo(lease, world)]).toMatchObject([at, { result: 'done' }]);
    const { AWSPREVIOUS: _previous, ...keys } = await world.keys();
    expect([at, keys]).toEqual([at, { AWSCURRENT: CURRENT_KEY, STANDBY: STANDBY_KEY }]);
  }
});

it('many at once, in whatever order their calls come through, move AWSCURRENT once', async () => {
  const host = await openHost();
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { world, lease } = await openPlanned(host);
      const guarded = guardWorld(world, (call) => scheduler.schedule(Promise.resolve()).then(call));
      const steps = [1, 2, 3].map(() => rotateKey.apply(lease, guarded));
      const results = await scheduler.waitFor(Promise.all(steps));
      expect(results.map((step) => step.result)).toEqual(['done', 'done', 'done']);
      expect(await world.keys()).toEqual(ROTATED);
      expect(await world.rotations()).toBe(1);
    }),
    { numRuns: 40 },
  );
});
