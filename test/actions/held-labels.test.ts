import { expect, it } from 'vitest';
import { rotateKey } from '../../lib/actions/rotate-key.ts';
import type { Lease } from '../../lib/domain/lease.ts';
import { present, times } from '../contracts/opened.ts';
import { makeLease, openMistral, openWorld, planned, SECRET, type TestWorld } from './world.ts';

/** Leases `LSE-0`, `LSE-1`, … that hold the current version; by age the first are 1, 4, 7. */
const openHolding = async (count: number, change: (id: string) => Partial<Lease> = () => ({})) => {
  const world = await openWorld((await openMistral()).url);
  const from = present((await world.labels())['AWSCURRENT']);
  for (const nth of times(count, (n) => n)) {
    const id = `LSE-${nth}`;
    const requestedAt = new Date(Date.parse('2026-11-20T09:00:00Z') + ((nth * 7 + 3) % 10) * 60_000).toISOString();
    const lease: Lease = {
      ...makeLease('rotate-key', id, { secretId: SECRET, from, to: 'another' }),
      state: 'active',
      requestedAt,
      ...change(id),
    };
    await world.store.write('lease', id, lease, 0);
    await world.secrets.move(SECRET, `HELD-${id}`, null, from);
  }
  return world;
};

/** Rotated as a mitigation is, its lease being stored before anything is changed. */
const rotate = async (world: TestWorld): Promise<Lease> => {
  const lease = await planned(rotateKey, world, 'LSE-NEW');
  await world.store.write('lease', lease.id, lease, 0);
  expect(await rotateKey.apply(lease, world)).toMatchObject({ result: 'done' });
  return lease;
};
const held = async (world: TestWorld): Promise<readonly string[]> =>
  Object.keys(await world.labels()).filter((label) => label.startsWith('HELD-'));
const leaseOf = async (world: TestWorld, id: string): Promise<Lease> =>
  present(await world.store.read('lease', id)).record;

it('as long as fewer than ten rotations are held, a new one takes no label off', async () => {
  const world = await openHolding(9);
  const lease = await rotate(world);
  expect(lease.plan).not.toHaveProperty('released');
  expect(await held(world)).toHaveLength(10);
  expect((await rotateKey.verify(lease, world)).text).not.toContain('can be undone');
});

it('the oldest of ten makes room for the next one, which says so before and after', async () => {
  const world = await openHolding(10);
  const preview = await rotateKey.preview(makeLease('rotate-key', 'LSE-NEW'), world);
  const says = 'Only the newest 10 rotations of a secret can be undone: LSE-1 no more.';
  expect(preview).toMatchObject({ text: expect.stringContaining(says) as unknown });
  const lease = await rotate(world);
  expect(await held(world)).toHaveLength(10);
  expect(await held(world)).not.toContain('HELD-LSE-1');
  expect((await rotateKey.verify(lease, world)).text).toContain(says);
});

it('a rotation that lost its label says why it cannot be undone, and changes nothing', async () => {
  const world = await openHolding(10);
  await rotate(world);
  const before = await world.labels();
  const undone = await rotateKey.undo(await leaseOf(world, 'LSE-1'), world);
  expect(undone).toMatchObject({
    result: 'failed',
    text: expect.stringMatching(/^It cannot be undone any more: .*newest 10 .*Nothing was changed\.$/) as unknown,
  });
  expect(await world.labels()).toEqual(before);
});

it.each([
  ['of a rotation that is over', { state: 'reverted' }],
  ['of a rotation that failed', { state: 'failed' }],
] as const)('the label %s goes before older ones that are needed', async (_name, over) => {
  const world = await openHolding(10, (id) => (id === 'LSE-7' ? over : {}));
  expect((await rotate(world)).plan).toMatchObject({ released: 'LSE-7' });
});

it('as many labels go as the twenty of AWS need, where the owner of the secret has some as well', async () => {
  const world = await openHolding(9);
  const from = present((await world.labels())['AWSCURRENT']);
  for (const nth of times(9, (n) => n)) await world.secrets.move(SECRET, `OWNER-${nth}`, null, from);
  // Nine of the owner, current, previous and standby leave eight.
  expect((await rotate(world)).plan).toMatchObject({ released: 'LSE-1 LSE-4' });
  expect(await held(world)).toHaveLength(8);
});
