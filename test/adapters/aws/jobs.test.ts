import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openJobs, readRecord } from '../../../lib/adapters/aws/jobs.ts';
import { createPutJobs } from '../../../lib/adapters/aws/put-jobs.ts';
import type { Job, QueueName } from '../../../lib/domain/job.ts';
import { describeJobs } from '../../contracts/jobs.ts';
import { present, times } from '../../contracts/opened.ts';
import { callPeer } from './call-peer.ts';
import { type Asked, awsError, type Fault, first, openFaultProxy } from './fault-proxy.ts';
import { openFauxqs } from './fauxqs.ts';
import { makeQueues } from './make-queues.ts';

let sqs: Awaited<ReturnType<typeof openFauxqs>>;
let count = 0;

beforeAll(async () => {
  // It runs in this process and keeps its deadlines by `Date`, so time passes when a test says so.
  vi.useFakeTimers({ toFake: ['Date'] });
  sqs = await openFauxqs();
});
afterAll(async () => {
  await sqs.close();
  vi.useRealTimers();
});

const open = async (maxAttempts = 3) => {
  count += 1;
  const call = callPeer(sqs.url);
  const { urls, deadUrl, countDead } = await makeQueues(call, `test${count}`, maxAttempts);
  return {
    call,
    urls,
    deadUrl,
    port: openJobs(call, urls),
    other: openJobs(callPeer(sqs.url), urls),
    passMs: async (ms: number) => void vi.setSystemTime(Date.now() + ms),
    countDeadLetters: countDead,
    close: async () => undefined,
  };
};

describeJobs('SQS (fauxqs)', open, { remembersDone: false, exclusive: true });

const job = (id: string, queue: QueueName = 'jobs', incidentId = 'INC-1'): Job => ({
  id,
  queue,
  body: { kind: 'recheck', incidentId },
});

/** The port behind a proxy with faults; `asked` holds what was put, one list of ids per call. */
const openBehind = async (plan: (asked: Asked) => Fault) => {
  const { urls, port } = await open();
  const proxy = await openFaultProxy(sqs.url, plan);
  return {
    put: createPutJobs(callPeer(proxy.url, { wait: async () => undefined }), urls),
    port,
    proxy,
    sent: () => proxy.asked.map(({ body }) => [...body.matchAll(/"{\\"id\\":\\"(.+?)\\"/g)].map(([, id]) => id)),
  };
};

const takenIds = async (port: Awaited<ReturnType<typeof open>>['port']): Promise<string[]> =>
  (await port.take('jobs', 10, 30_000)).map(({ id }) => id).toSorted();

const partly = (
  failed: readonly { readonly Id: string; readonly Code: string; readonly SenderFault: boolean }[],
): Fault => ({
  kind: 'fail-before',
  status: 200,
  body: JSON.stringify({ Successful: [], Failed: failed }),
});

it('jobs travel in calls of at most ten and at most 256 kB, each queue for itself', async () => {
  const { put, sent, proxy } = await openBehind(() => ({ kind: 'pass' }));
  await put([
    ...times(11, (i) => job(`s${i}`)),
    job('t', 'triage'),
    job('b1', 'mitigate', 'x'.repeat(150_000)),
    job('b2', 'mitigate', 'x'.repeat(150_000)),
  ]);
  expect(sent().toSorted((a, b) => b.length - a.length || String(a).localeCompare(String(b)))).toEqual([
    times(10, (i) => `s${i}`),
    ['b1'],
    ['b2'],
    ['s10'],
    ['t'],
  ]);
  await proxy.close();
});

it.each([
  [1, 1],
  [1001, 2],
  [900_000, 900],
  [86_400_000, 900],
])('a delay of %i ms is %i whole seconds to SQS, which takes no longer one', async (delayMs, seconds) => {
  const { put, proxy } = await openBehind(() => ({ kind: 'pass' }));
  await put([job('a')], { delayMs });
  expect(proxy.asked[0]?.body).toContain(`"DelaySeconds":${seconds}}`);
  await proxy.close();
});

it('what SQS takes in no message comes back as it was put', async () => {
  const { port } = await open();
  const incidentId = '\u0000\u000b\u001f \uFFFE\uFFFF \uD800 \u{1FFFE} "\\';
  await port.put([job('odd', 'jobs', incidentId)]);
  expect((await port.take('jobs', 1, 1000))[0]?.body).toEqual({ kind: 'recheck', incidentId });
});

it('entries that SQS did not take are put once more, and only they', async () => {
  let calls = 0;
  const { put, sent, proxy } = await openBehind(() => {
    calls += 1;
    if (calls > 1) return { kind: 'pass' };
    return {
      kind: 'fail-before',
      status: 200,
      body: JSON.stringify({
        Successful: [{ Id: '0' }],
        Failed: [{ Id: '1', Code: 'InternalError', SenderFault: false }],
      }),
    };
  });
  await put([job('a'), job('b')]);
  expect(sent()).toEqual([['a', 'b'], ['b']]);
  await proxy.close();
});

it.each([
  ['says so of an entry twice', partly([{ Id: '0', Code: 'InternalError', SenderFault: false }]), 'unavailable'],
  ['blames the sender', partly([{ Id: '0', Code: 'InvalidMessageContents', SenderFault: true }]), 'refused'],
  ['says nothing of an entry', partly([]), 'unavailable'],
  ['says nothing at all', { kind: 'fail-before', status: 200, body: '' }, 'unavailable'],
  ['answers something else', { kind: 'fail-before', status: 200, body: '{"Successful":7}' }, 'unreadable'],
  ['throttles', awsError(400, 'ThrottlingException'), 'throttled'],
  ['does not know the queue', awsError(400, 'QueueDoesNotExist'), 'not-found'],
  ['lets nobody in', awsError(403, 'AccessDeniedException'), 'denied'],
  ['takes it and the answer is lost', { kind: 'drop-after' }, 'unavailable'],
] as const)('a put rejects when SQS %s', async (_what, fault, failure) => {
  const { put, proxy } = await openBehind(() => fault);
  await expect(put([job('a')])).rejects.toMatchObject({ name: 'AwsError', failure });
  await proxy.close();
});

it('a put whose answer is lost is tried again: then the job is there twice, and nothing is lost', async () => {
  const { put, port, proxy } = await openBehind(first('SendMessageBatch', { kind: 'drop-after' }));
  await put([job('a')]);
  expect(await takenIds(port)).toEqual(['a', 'a']);
  await proxy.close();
});

it('one queue that fails rejects the put; the others have theirs', async () => {
  const { put, port, proxy } = await openBehind(({ body }) =>
    body.includes('triage') ? awsError(400, 'QueueDoesNotExist') : { kind: 'pass' },
  );
  await expect(put([job('t', 'triage'), job('a')])).rejects.toMatchObject({ failure: 'not-found' });
  expect(await takenIds(port)).toEqual(['a']);
  await proxy.close();
});

it.each(['no JSON', '7', 'null', '{"id":"x"}', '{"id":7,"body":{"kind":"recheck"}}', '{"id":"x","body":{}}'])(
  'a message that is no job (%s) hinders no other and ends as a dead letter',
  async (text) => {
    const { call, urls, port, passMs, countDeadLetters } = await open(2);
    await call.callJson('sqs', 'SendMessage', { QueueUrl: urls.jobs, MessageBody: text });
    await port.put([job('a')]);
    expect(await takenIds(port)).toEqual(['a']);
    for (const attempt of [2, 3]) {
      expect(await countDeadLetters()).toBe(0);
      await passMs(30_000);
      expect(await port.take('triage', 1, 1), `attempt ${attempt}`).toEqual([]);
      await takenIds(port);
    }
    expect(await countDeadLetters()).toBe(2);
  },
);

it.each(['ReceiptHandleIsInvalid', 'MessageNotInflight', 'InvalidParameterValue'])(
  'a lease that is over (%s) is nothing to tell; other refusals are',
  async (code) => {
    const { urls, port } = await open();
    await port.put([job('a')]);
    const [taken] = await port.take('jobs', 1, 1000);
    const proxy = await openFaultProxy(sqs.url, () => awsError(400, code));
    const jobs = openJobs(callPeer(proxy.url), urls);
    await expect(jobs.done(present(taken))).resolves.toBeUndefined();
    await expect(jobs.later(present(taken), 0, 'busy')).resolves.toBeUndefined();
    await proxy.close();
    const gone = openJobs(callPeer(sqs.url), { ...urls, jobs: `${urls.jobs}-gone` });
    await expect(gone.done(present(taken))).rejects.toMatchObject({ failure: 'not-found' });
    await expect(gone.later(present(taken), 0, 'busy')).rejects.toMatchObject({ failure: 'not-found' });
  },
);

it('nothing is hidden for more than twelve hours, which SQS would refuse', async () => {
  const { urls, port } = await open();
  await port.put([job('a')]);
  const [taken] = await port.take('jobs', 1, 1000);
  const proxy = await openFaultProxy(sqs.url, () => ({ kind: 'pass' }));
  await openJobs(callPeer(proxy.url), urls).later(present(taken), 86_400_000, 'tomorrow');
  expect(JSON.parse(proxy.asked[0]?.body ?? '')).toMatchObject({ VisibilityTimeout: 43_200 });
  await proxy.close();
});

it('a queue that answers what no queue answers gives an error and not nothing', async () => {
  const { urls } = await open();
  const proxy = await openFaultProxy(sqs.url, () => ({
    kind: 'fail-before',
    status: 200,
    body: '{"Messages":"many"}',
  }));
  await expect(openJobs(callPeer(proxy.url), urls).take('jobs', 1, 1000)).rejects.toMatchObject({
    failure: 'unreadable',
  });
  await proxy.close();
});

const record = {
  messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
  receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
  body: '{"id":"a","body":{"kind":"recheck","incidentId":"INC-1"}}',
  attributes: { ApproximateReceiveCount: '3', SentTimestamp: '1545082649183' },
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:jobs',
};

it('a record of Lambda is the job that was put', () => {
  expect(readRecord('jobs', record)).toEqual({ ...job('a'), attempt: 3, receipt: record.receiptHandle });
});

it.each([
  ['no job', { ...record, body: 'hello' }],
  ['no count', { ...record, attributes: {} }],
  ['a count that is none', { ...record, attributes: { ApproximateReceiveCount: 'three' } }],
  ['no record', null],
])('a record with %s is null', (_what, poison) => {
  expect(readRecord('jobs', poison)).toBeNull();
});
