import { afterEach, beforeEach, expect, it } from 'vitest';
import type { QueueRecord } from '../../../functions/queue.ts';
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

it('without what it needs the whole batch comes again', async () => {
  const { work } = open({ open: () => Promise.reject(new Error('no secret')) });
  await expect(work([message('good', { kind: 'tell', incidentId: 'INC-1' })])).rejects.toThrow('no secret');
});
