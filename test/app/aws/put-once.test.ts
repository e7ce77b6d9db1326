import { afterEach, beforeEach, expect, it } from 'vitest';
import { putOnce } from '../../../lib/app/aws/put-once.ts';
import type { Job } from '../../../lib/domain/job.ts';
import { openWorld, type World } from '../../flows/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const job = (id: string): Job => ({ id, queue: 'jobs', body: { kind: 'tell', incidentId: 'INC-1' } });

/** Counts what arrives at the queue behind it. */
const openCounted = () => {
  const arrived: string[] = [];
  let isAway = false;
  const jobs = putOnce(
    {
      ...world.parts.jobs,
      put: async (put) => {
        if (isAway) throw new Error('away');
        arrived.push(...put.map(({ id }) => id));
      },
    },
    world.parts.clock,
  );
  return {
    jobs,
    arrived,
    away: (away: boolean) => {
      isAway = away;
    },
  };
};

it('a job that this process put is not put again within the hour', async () => {
  const { jobs, arrived } = openCounted();
  await jobs.put([job('a')]);
  await jobs.put([job('a'), job('b')]);
  world.pass(3_599_999);
  await jobs.put([job('a')]);
  expect(arrived).toEqual(['a', 'b']);
  world.pass(1);
  await jobs.put([job('a')]);
  expect(arrived).toEqual(['a', 'b', 'a']);
});

it('one that the queue did not take is put again', async () => {
  const { jobs, arrived, away } = openCounted();
  away(true);
  await expect(jobs.put([job('a')])).rejects.toThrow('away');
  away(false);
  await jobs.put([job('a')]);
  expect(arrived).toEqual(['a']);
});

it('of very many it forgets the oldest, and keeps the rest', async () => {
  const { jobs, arrived } = openCounted();
  for (let at = 0; at <= 20_000; at += 1) await jobs.put([job(String(at))]);
  await jobs.put([job('0'), job('20000')]);
  expect(arrived).toHaveLength(20_002);
  expect(arrived.at(-1)).toBe('0');
});
