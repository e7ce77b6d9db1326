import { afterEach, beforeEach, expect, it } from 'vitest';
import { startLoop } from '../../lib/local/loop.ts';
import { runQueueOnce } from '../../lib/local/run-queue.ts';
import { openWorld, type World } from '../flows/world.ts';
import { at, makeAlert } from '../make.ts';

const jobs = { queue: 'jobs', atOnce: 50, leaseMs: 15_000 } as const;

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const putAlerts = (ids: readonly string[]): Promise<void> =>
  world.parts.jobs.put(
    ids.map((id) => ({
      id,
      queue: 'jobs',
      body: { kind: 'alerts', alerts: [makeAlert({ key: id, group: id })], acceptedAt: at(0), truncated: null },
    })),
  );

it('a poisoned job harms only itself, and is a dead letter after its attempts', async () => {
  await putAlerts(['good-1', 'poison', 'good-2']);
  const read = world.parts.store.read;
  const sick: typeof world.parts = {
    ...world.parts,
    store: {
      ...world.parts.store,
      read: (kind, key) => (key === 'poison' ? Promise.reject(new Error('sick')) : read(kind, key)),
    },
  };
  await runQueueOnce(sick, jobs);
  expect(await world.parts.store.list('incident', '')).toHaveLength(2);
  for (let attempt = 0; attempt < 25; attempt += 1) {
    world.pass(61_000);
    await runQueueOnce(sick, jobs);
  }
  expect(await world.state.jobs.deadLetters()).toMatchObject([{ id: 'poison', why: 'Error: sick' }]);
  expect(await world.parts.store.list('incident', '')).toHaveLength(2);
});

it('a job whose worker died is taken again after its lease, and changes nothing twice', async () => {
  await putAlerts(['a']);
  const dead = {
    ...world.parts,
    jobs: {
      ...world.parts.jobs,
      done: () => Promise.reject(new Error('killed')),
      later: () => Promise.reject(new Error('killed')),
    },
  };
  expect(await runQueueOnce(dead, jobs)).toBe(1);
  expect(await runQueueOnce(world.parts, jobs)).toBe(0);
  world.pass(15_001);
  expect(await runQueueOnce(world.parts, jobs)).toBe(1);
  expect((await world.parts.store.list('incident', '')).map(({ record }) => record.totals.received)).toEqual([1]);
});

it('a job that can neither be finished nor put back keeps up no other of its batch', async () => {
  await putAlerts(['stuck', 'good']);
  const later: string[] = [];
  const full: typeof world.parts = {
    ...world.parts,
    store: { ...world.parts.store, write: () => Promise.reject(new Error('disk full')) },
    jobs: {
      ...world.parts.jobs,
      later: (job) => {
        later.push(job.id);
        return Promise.reject(new Error('disk full'));
      },
    },
  };
  expect(await runQueueOnce(full, jobs)).toBe(2);
  expect(later.toSorted()).toEqual(['good', 'stuck']);
});

it('a loop whose failure cannot even be told goes on', async () => {
  let rounds = 0;
  const { promise: second, resolve: reachSecond } = Promise.withResolvers<void>();
  const loop = startLoop(
    async () => {
      rounds += 1;
      await Promise.resolve();
      if (rounds === 1) {
        loop.wake();
        throw new Error('once');
      }
      reachSecond();
      return 60_000;
    },
    () => {
      throw new Error('the log is full too');
    },
  );
  await second;
  await loop.stop();
  expect(rounds).toBe(2);
});

it('a loop goes on after a failing round, runs again when it is woken in the middle of one, and ends after the present one', async () => {
  const told: unknown[] = [];
  let rounds = 0;
  let reachThird: () => void = () => undefined;
  const third = new Promise<void>((resolve) => {
    reachThird = resolve;
  });
  const loop = startLoop(
    async () => {
      rounds += 1;
      await Promise.resolve();
      loop.wake();
      if (rounds === 1) throw new Error('once');
      if (rounds === 3) reachThird();
      return 60_000;
    },
    (error) => told.push(error),
  );
  await third;
  await loop.stop();
  expect([rounds >= 3, told.length]).toEqual([true, 1]);
});
