import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueueRecord } from '../../../functions/queue.ts';
import { AwsError } from '../../../lib/adapters/aws/failure.ts';
import { createQueueWork, type QueueSide } from '../../../lib/app/aws/work-on-records.ts';
import type { JobBody } from '../../../lib/domain/job.ts';
import type { TakenJob } from '../../../lib/ports/jobs.ts';
import { openWorld, type World } from '../../flows/world.ts';
import { makeAlert } from '../../make.ts';

let world: World;
const logged: string[] = [];
beforeEach(async () => {
  logged.length = 0;
  world = await openWorld({}, { log: (event) => void logged.push(event) });
});
afterEach(() => world.close());

const record = (messageId: string, body: string, attempt = 1): QueueRecord & { readonly eventSourceARN: string } => ({
  messageId,
  receiptHandle: `receipt-${messageId}`,
  body,
  attributes: { ApproximateReceiveCount: String(attempt) },
  eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:jobs',
});
const message = (messageId: string, body: JobBody, attempt = 1) =>
  record(messageId, JSON.stringify({ id: `job-${messageId}`, body }), attempt);
const alerts = (key: string): JobBody => ({
  kind: 'alerts',
  alerts: [makeAlert({ key, group: key })],
  acceptedAt: '2026-11-20T12:00:00.000Z',
  truncated: null,
});

/** The queue behind it notes for how long a job was put back. */
const open = (side: Partial<QueueSide> = {}) => {
  const later: (readonly [string, number])[] = [];
  const jobs = { ...world.parts.jobs, later: async (job: TakenJob, ms: number) => void later.push([job.id, ms]) };
  const parts = { ...world.parts, jobs };
  const work = createQueueWork({
    queue: 'jobs',
    open: () => Promise.resolve(parts),
    returning: parts,
    handle: () => Promise.resolve(),
    after: () => Promise.resolve(),
    ...side,
  });
  return { work, later };
};

it('what cannot be read and what fails is named, and the rest of the batch succeeds', async () => {
  const handle = (_parts: unknown, job: TakenJob) =>
    job.id === 'job-bad' ? Promise.reject(new Error('no')) : Promise.resolve();
  const { work } = open({ handle });
  const failed = await work([
    record('garbage', 'no job at all'),
    message('good', { kind: 'tell', incidentId: 'INC-1' }),
    message('bad', { kind: 'tell', incidentId: 'INC-1' }),
    message('alert', alerts('one')),
  ]);
  expect([...failed].toSorted()).toEqual(['bad', 'garbage']);
  expect(logged).toContain('job.unreadable');
  expect(await world.parts.store.list('incident', '')).toHaveLength(1);
});

it('a job that fails waits longer each time, at most five minutes', async () => {
  const { work, later } = open({ handle: () => Promise.reject(new Error('no')) });
  for (const attempt of [1, 4, 19])
    await work([message(String(attempt), { kind: 'tell', incidentId: 'INC-1' }, attempt)]);
  expect(later).toEqual([
    ['job-1', 500],
    ['job-4', 4_000],
    ['job-19', 300_000],
  ]);
});

it('what comes after the jobs is no job: its failure gives none back', async () => {
  const { work } = open({ after: () => Promise.reject(new Error('throttled')) });
  expect(await work([message('good', { kind: 'tell', incidentId: 'INC-1' })])).toEqual(new Set());
  expect(logged).toContain('after.failed');
});

it('without what it needs the whole batch comes again, later each time, and that is told once', async () => {
  const { work, later } = open({ open: () => Promise.reject(new Error('no secret')) });
  const failed = await work([
    message('first', { kind: 'tell', incidentId: 'INC-1' }),
    message('fifth', alerts('one'), 5),
    record('garbage', 'no job at all'),
  ]);
  expect([...failed].toSorted()).toEqual(['fifth', 'first', 'garbage']);
  expect(later).toEqual([
    ['job-first', 500],
    ['job-fifth', 8_000],
  ]);
  expect(logged.filter((event) => event === 'open.failed')).toHaveLength(1);
});

describe('a batch of alerts that fails', () => {
  /** The table fails with this, each time; `tries` counts how often it was asked for. */
  const work = async (error: Error, isBroken: (key: string) => boolean) => {
    let tries = 0;
    const { store } = world.parts;
    const read: typeof store.read = (kind, key) => {
      if (kind !== 'alert') return store.read(kind, key);
      tries += 1;
      return isBroken(key) ? Promise.reject(error) : store.read(kind, key);
    };
    const parts = { ...world.parts, store: { ...store, read } };
    const later: string[] = [];
    const jobs = { ...parts.jobs, later: async ({ id }: TakenJob) => void later.push(id) };
    const side = open({ open: () => Promise.resolve(parts), returning: { log: parts.log, jobs } });
    const failed = await side.work(['a', 'b', 'c'].map((name) => message(name, alerts(name))));
    return { failed: [...failed], later, tries };
  };

  it('because AWS is throttled comes back whole, without another try of each', async () => {
    const throttled = new AwsError('dynamodb.GetItem', 'throttled', { code: 'ThrottlingException' });
    const { failed, later, tries } = await work(throttled, () => true);
    expect(failed).toEqual(['a', 'b', 'c']);
    expect(later).toEqual(['job-a', 'job-b', 'job-c']);
    expect(tries).toBe(1);
  });

  it.each([
    ['one of them', new Error('poisoned')],
    ['what AWS refuses for good', new AwsError('dynamodb.GetItem', 'refused', { code: 'ValidationException' })],
  ])('because of %s gives back that one alone', async (_what, error) => {
    const { failed, later } = await work(error, (key) => key === 'b');
    expect(failed).toEqual(['b']);
    expect(later).toEqual(['job-b']);
    expect(await world.parts.store.list('incident', '')).toHaveLength(2);
  });
});
