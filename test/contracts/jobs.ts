import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobBody, QueueName } from '../../lib/domain/job.ts';
import type { Jobs, TakenJob } from '../../lib/ports/jobs.ts';
import { type Opened, present, times } from './opened.ts';

export type OpenedJobs = Opened<Jobs> & {
  /** Lets this much time pass for the queue. */
  readonly passMs: (ms: number) => Promise<void>;
  readonly countDeadLetters: () => Promise<number>;
};

/** What a queue does not promise is named, and not reported as a test that was left out. */
const unlessNot =
  (isPromised: boolean) =>
  (name: string, test: () => Promise<void>): void => {
    if (isPromised) it(name, test);
    else it.todo(`${name} [not promised by this queue]`);
  };

const LEASE_MS = 30_000;
const job = (id: string, queue: QueueName = 'jobs'): Job => ({
  id,
  queue,
  body: { kind: 'recheck', incidentId: `INC-${id}` },
});

export type JobsPromises = {
  /** A job that was done is not added again within the hour. */
  readonly remembersDone: boolean;
  /**
   * One alone has a job at a time, and only the proof of that lease counts. Where it is not so, two may work on one job, and its
   * handler knows a repeat.
   */
  readonly exclusive: boolean;
};

/** `open` is told after how many deliveries a job is given up. */
export const describeJobs = (
  name: string,
  open: (maxAttempts: number) => Promise<OpenedJobs>,
  { remembersDone, exclusive }: JobsPromises,
): void => {
  describe(`${name} keeps the contract of Jobs:`, () => {
    let opened: OpenedJobs;
    let jobs: Jobs;
    let other: Jobs;
    beforeEach(async () => {
      opened = await open(3);
      jobs = opened.port;
      other = opened.other;
    });
    afterEach(async () => opened.close());

    /** A queue may give less than there is at a time: takes until it is empty twice in a row. */
    const takeAll = async (from: Jobs, queue: QueueName = 'jobs'): Promise<TakenJob[]> => {
      const all: TakenJob[] = [];
      for (let empty = 0; empty < 2; ) {
        const some = await from.take(queue, 10, LEASE_MS);
        empty = some.length === 0 ? empty + 1 : 0;
        all.push(...some);
      }
      return all;
    };
    const takeOne = async (from: Jobs): Promise<TakenJob> => present((await takeAll(from))[0]);
    const ids = (taken: readonly TakenJob[]): string[] => taken.map((one) => one.id).toSorted();

    it('an empty queue gives nothing', async () => {
      expect(await jobs.take('jobs', 10, LEASE_MS)).toEqual([]);
      await jobs.put([]);
      expect(await takeAll(other)).toEqual([]);
    });

    it('a job comes as it was put, as the first attempt, to whoever asks', async () => {
      const body: JobBody = {
        kind: 'undo',
        leaseId: 'LSE "1"\u0000',
        incidentId: 'INC-é🚀',
        actor: 'U1',
        why: 'asked',
      };
      await jobs.put([{ id: 'one', queue: 'mitigate', body }]);
      const taken = await takeAll(other, 'mitigate');
      expect(taken).toMatchObject([{ id: 'one', queue: 'mitigate', body, attempt: 1 }]);
    });

    it('queues do not see each other', async () => {
      await jobs.put([job('a', 'jobs'), job('b', 'triage'), job('c', 'mitigate')]);
      expect(ids(await takeAll(jobs, 'triage'))).toEqual(['b']);
      expect(ids(await takeAll(jobs, 'mitigate'))).toEqual(['c']);
      expect(ids(await takeAll(jobs, 'jobs'))).toEqual(['a']);
    });

    it('never more than the limit are taken at once', async () => {
      await jobs.put(times(5, (i) => job(String(i))));
      expect((await jobs.take('jobs', 2, LEASE_MS)).length).toBeLessThanOrEqual(2);
      expect((await takeAll(jobs)).length).toBeGreaterThanOrEqual(3);
    });

    it('a leased job is hidden; after its lease it comes again, with a new proof', async () => {
      await jobs.put([job('a')]);
      const first = await takeOne(jobs);
      await opened.passMs(LEASE_MS - 1000);
      expect(await takeAll(other)).toEqual([]);
      await opened.passMs(1001);
      const second = await takeOne(other);
      expect(second).toMatchObject({ id: 'a', attempt: 2 });
      expect(second.receipt).not.toBe(first.receipt);
    });

    it('a job that is done never comes again', async () => {
      await jobs.put([job('a')]);
      await other.done(await takeOne(jobs));
      await opened.passMs(LEASE_MS + 1);
      expect(await takeAll(jobs)).toEqual([]);
      expect(await opened.countDeadLetters()).toBe(0);
    });

    unlessNot(exclusive)(
      'neither done nor later of an overtaken lease touches the lease of the one who has it now',
      async () => {
        await jobs.put([job('a'), job('b')]);
        const old = await takeAll(jobs);
        await opened.passMs(LEASE_MS + 1);
        expect(await takeAll(other)).toHaveLength(2);
        const [one, two] = old;
        await jobs.done(present(one));
        await jobs.later(present(two), 0, 'too late');
        expect(await takeAll(jobs)).toEqual([]);
        await opened.passMs(LEASE_MS + 1);
        expect(ids(await takeAll(jobs))).toEqual(['a', 'b']);
      },
    );

    it('a job given back comes again after its delay and not before', async () => {
      await jobs.put([job('a')]);
      await jobs.later(await takeOne(jobs), 10_000, 'Slack was down');
      await opened.passMs(9000);
      expect(await takeAll(jobs)).toEqual([]);
      await opened.passMs(1001);
      expect(await takeOne(other)).toMatchObject({ id: 'a', attempt: 2 });
    });

    it('a job can be given back at once', async () => {
      await jobs.put([job('a')]);
      await jobs.later(await takeOne(jobs), 0, 'busy');
      expect(await takeOne(jobs)).toMatchObject({ id: 'a', attempt: 2 });
    });

    it('a job put with a delay is not there before it', async () => {
      await jobs.put([job('a')], { delayMs: 5000 });
      await opened.passMs(4000);
      expect(await takeAll(jobs)).toEqual([]);
      await opened.passMs(1001);
      expect(ids(await takeAll(jobs))).toEqual(['a']);
    });

    unlessNot(remembersDone)(
      'the same id is added once: while it waits, while it is leased, and within an hour of being done',
      async () => {
        await Promise.all(times(50, (i) => (i % 2 === 0 ? jobs : other).put([job('a'), job('a')])));
        const taken = await takeAll(jobs);
        expect(ids(taken)).toEqual(['a']);
        await other.put([job('a')]);
        expect(await takeAll(jobs)).toEqual([]);
        await jobs.done(present(taken[0]));
        await opened.passMs(59 * 60_000);
        await other.put([job('a'), job('b')]);
        expect(ids(await takeAll(jobs))).toEqual(['b']);
      },
    );

    it('a job over 200 kB is refused by name and size, and nothing of its batch is put', async () => {
      const big: Job = { id: 'big', queue: 'jobs', body: { kind: 'recheck', incidentId: 'é'.repeat(100_000) } };
      await expect(jobs.put([job('a'), big])).rejects.toThrow(/big .*200\d{3} bytes/);
      expect(await takeAll(jobs)).toEqual([]);
    });

    it('after the last attempt a job given back is a dead letter: kept, counted, not delivered', async () => {
      await jobs.put([job('a')]);
      for (const attempt of [1, 2, 3]) {
        const taken = await takeOne(jobs);
        expect(taken.attempt).toBe(attempt);
        await jobs.later(taken, 0, 'cannot be read');
      }
      await opened.passMs(LEASE_MS + 1);
      expect(await takeAll(jobs)).toEqual([]);
      expect(await opened.countDeadLetters()).toBe(1);
    });

    it('so is one whose workers died every time', async () => {
      await jobs.put([job('a')]);
      for (const attempt of [1, 2, 3]) {
        expect((await takeOne(jobs)).attempt).toBe(attempt);
        await opened.passMs(LEASE_MS + 1);
      }
      expect(await takeAll(jobs)).toEqual([]);
      expect(await opened.countDeadLetters()).toBe(1);
    });

    it('of many workers at once somebody gets each job', async () => {
      await jobs.put(times(40, (i) => job(String(i))));
      const rounds = await Promise.all(times(10, (i) => takeAll(i % 2 === 0 ? jobs : other)));
      const taken = ids(rounds.flat());
      expect([...new Set(taken)]).toEqual(times(40, String).toSorted());
      if (exclusive) expect(taken, 'and nobody what another has').toHaveLength(40);
    });
  });
};
