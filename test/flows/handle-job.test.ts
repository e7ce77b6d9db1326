import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JobBody } from '../../lib/domain/job.ts';
import { runQueueOnce } from '../../lib/local/run-queue.ts';
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
  expect(logged).toContain('whisper.not-told');
  expect(logged).not.toContain('job.failed');
  world.pass(3_600_000);
  expect(await world.parts.jobs.take('triage', 4, 1_000)).toEqual([]);
});
