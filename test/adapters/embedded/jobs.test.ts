import { expect, it, onTestFinished } from 'vitest';
import { type EmbeddedJobs, openJobs } from '../../../lib/adapters/embedded/jobs.ts';
import { STATE_SCHEMA } from '../../../lib/adapters/embedded/tables.ts';
import type { Job, QueueName } from '../../../lib/domain/job.ts';
import { describeJobs } from '../../contracts/jobs.ts';
import { present } from '../../contracts/opened.ts';
import { openTwice } from './temp-folder.ts';

const START_MS = Date.parse('2026-11-20T10:00:00Z');

const open = async (
  maxAttempts?: number,
): Promise<{
  port: EmbeddedJobs;
  other: EmbeddedJobs;
  passMs: (ms: number) => Promise<void>;
  countDeadLetters: () => Promise<number>;
  close: () => Promise<void>;
}> => {
  const {
    files: [one, two],
    close,
  } = await openTwice(STATE_SCHEMA);
  let nowMs = START_MS;
  const clock = { nowMs: () => nowMs };
  const options = maxAttempts === undefined ? {} : { maxAttempts };
  const other = openJobs(two, clock, options);
  return {
    port: openJobs(one, clock, options),
    other,
    passMs: async (ms) => {
      nowMs += ms;
    },
    countDeadLetters: async () => (await other.deadLetters()).length,
    close,
  };
};

const job = (id: string, queue: QueueName = 'jobs'): Job => ({
  id,
  queue,
  body: { kind: 'recheck', incidentId: 'INC-1' },
});

const openForTest = async (maxAttempts?: number): ReturnType<typeof open> => {
  const opened = await open(maxAttempts);
  onTestFinished(opened.close);
  return opened;
};

describeJobs('the embedded queue', open, { remembersDone: true, exclusive: true });

it('a worker of the same process is woken once per queue, after the jobs can be taken, and not for nothing', async () => {
  const { port } = await openForTest();
  const woken: (readonly [QueueName, number | null])[] = [];
  port.onPut((queue) => woken.push([queue, port.nextReadyMs(queue)]));
  await port.put([job('a', 'jobs'), job('b', 'triage'), job('c', 'jobs')]);
  await port.put([]);
  await expect(
    port.put([{ ...job('big'), body: { kind: 'recheck', incidentId: 'x'.repeat(200_001) } }]),
  ).rejects.toThrow();
  expect(woken).toEqual([
    ['jobs', START_MS],
    ['triage', START_MS],
  ]);
});

it('the next time to look is known: of delayed and of leased jobs, of other processes too', async () => {
  const { port, other } = await openForTest();
  expect(port.nextReadyMs('jobs')).toBeNull();
  await other.put([job('a')], { delayMs: 5000 });
  expect(port.nextReadyMs('jobs')).toBe(START_MS + 5000);
  await other.put([job('b')]);
  expect(port.nextReadyMs('jobs')).toBe(START_MS);
  const [taken] = await port.take('jobs', 1, 3000);
  expect(port.nextReadyMs('jobs')).toBe(START_MS + 3000);
  await port.done(present(taken));
  expect(port.nextReadyMs('jobs')).toBe(START_MS + 5000);
  expect(port.nextReadyMs('triage')).toBeNull();
});

it('a dead letter says what it was, why and when it was given up', async () => {
  const { port, passMs } = await openForTest(2);
  const heard: string[] = [];
  port.onBuried(({ id, kind }) => heard.push(`${id} ${kind}`));
  await port.put([job('told'), job('silent', 'triage')]);
  for (const why of ['first reason', 'last reason']) {
    const [taken] = await port.take('jobs', 1, 1000);
    await port.later(present(taken), 0, why);
    await port.take('triage', 1, 1000);
    await passMs(1000);
  }
  await port.take('triage', 1, 1000);
  expect(await port.deadLetters()).toEqual([
    {
      id: 'silent',
      queue: 'triage',
      kind: 'recheck',
      why: '2 deliveries ended without an answer',
      attempts: 2,
      at: START_MS + 2000,
    },
    { id: 'told', queue: 'jobs', kind: 'recheck', why: 'last reason', attempts: 2, at: START_MS + 1000 },
  ]);
  expect((await port.deadLetters(1)).map(({ id }) => id)).toEqual(['silent']);
  expect([heard, await port.countDead()]).toEqual([['told recheck', 'silent recheck'], 2]);
  expect(port.nextReadyMs('jobs')).toBeNull();
});

it('a job is given up after 20 deliveries unless said otherwise', async () => {
  const { port, countDeadLetters } = await openForTest();
  await port.put([job('a')]);
  for (let attempt = 1; attempt <= 20; attempt += 1) {
    expect(await countDeadLetters()).toBe(0);
    const [taken] = await port.take('jobs', 1, 1000);
    expect(taken?.attempt).toBe(attempt);
    await port.later(present(taken), 0, 'again');
  }
  expect(await countDeadLetters()).toBe(1);
});

it('an expired lease can neither finish nor return its job, even before somebody else takes it', async () => {
  const { port, passMs } = await openForTest();
  await port.put([job('a'), job('b')]);
  const taken = await port.take('jobs', 2, 1000);
  await passMs(1000);
  await port.done(present(taken[0]));
  await port.later(present(taken[1]), 60_000, 'too late');
  expect((await port.take('jobs', 2, 1000)).map((one) => one.id).toSorted()).toEqual(['a', 'b']);
});

it('an id is forgotten an hour after its job was done', async () => {
  const { port, passMs } = await openForTest();
  await port.put([job('a')]);
  await port.done(present((await port.take('jobs', 1, 1000))[0]));
  await passMs(3_600_000);
  await port.put([job('a')]);
  expect(await port.take('jobs', 1, 1000)).toEqual([]);
  await passMs(1);
  await port.put([job('a')]);
  expect(await port.take('jobs', 1, 1000)).toHaveLength(1);
});
