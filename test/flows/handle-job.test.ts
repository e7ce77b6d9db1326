import { afterEach, beforeEach, expect, it } from 'vitest';
import { type JobBody, UnknownJob } from '../../lib/domain/job.ts';
import { handleJob } from '../../lib/flows/handle-job.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { runQueueOnce } from '../../lib/local/run-queue.ts';
import { makeArrival } from '../make.ts';
import { openWorld, type World } from './world.ts';

const queue = { queue: 'triage', atOnce: 4, leaseMs: 45_000 } as const;

let world: World;
const logged: string[] = [];
beforeEach(async () => {
  logged.length = 0;
  world = await openWorld({}, { log: (event) => void logged.push(event) });
});
afterEach(() => world.close());

const put = (body: JobBody): Promise<void> => world.parts.jobs.put([{ id: 'job-1', queue: 'triage', body }]);

it('a job of a kind that only another version knows is put back, not done', async () => {
  await put(JSON.parse('{"kind":"from-a-newer-version"}'));
  await runQueueOnce(world.parts, queue);
  expect(logged).toContain('job.failed');
  world.pass(61_000);
  expect(await world.parts.jobs.take('triage', 4, 1_000)).toMatchObject([{ id: 'job-1', attempt: 2 }]);
});

it('a triage whose answer Slack does not take is done: it is not asked of Mistral again and again', async () => {
  await world.breakSlack('500');
  await put({ kind: 'ask-triage', service: null, channel: 'C0INCIDENTS', user: 'U0MAYA' });
  await runQueueOnce(world.parts, queue);
  await runQueueOnce(world.parts, { ...queue, queue: 'jobs' });
  expect(logged).toContain('whisper.not-told');
  expect(logged).not.toContain('job.failed');
  world.pass(3_600_000);
  for (const name of ['triage', 'jobs'] as const) expect(await world.parts.jobs.take(name, 4, 1_000)).toEqual([]);
});

it.each([
  ['jobs', { kind: 'undo', leaseId: 'LSE-1', incidentId: 'INC-1', actor: 'U1', why: 'asked' }],
  ['triage', { kind: 'mitigate', leaseId: 'LSE-1', incidentId: 'INC-1' }],
  ['mitigate', { kind: 'routine-check' }],
] as const)('the queue %s does not take the work of another queue', async (name, body) => {
  await expect(handleJob(world.parts, { id: 'job-1', queue: name, body, attempt: 1, receipt: '' })).rejects.toThrow(
    UnknownJob,
  );
});

it('a check that comes before its time, or a second time, asks nothing', async () => {
  const [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-0', 0)]);
  const recheck = {
    id: 'recheck-1',
    queue: 'triage',
    body: { kind: 'recheck', incidentId: id },
    attempt: 1,
    receipt: '',
  } as const;
  await handleJob(world.parts, recheck);
  const checked = await world.incident(id);
  expect(checked.diagnosis).not.toBeNull();
  world.pass(10_000);
  await handleJob(world.parts, recheck);
  expect(await world.incident(id)).toEqual(checked);
  world.pass(20_000);
  await handleJob(world.parts, recheck);
  expect((await world.incident(id)).timers).not.toEqual(checked.timers);
});
