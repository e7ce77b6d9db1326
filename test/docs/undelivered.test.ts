import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSnsAlertsHandler } from '../../functions/sns-alerts.ts';
import { openDocuments } from '../../lib/adapters/embedded/documents.ts';
import { createIds, systemClock } from '../../lib/adapters/system.ts';
import { openState, type State } from '../../lib/app/local-state.ts';
import { findSnippet } from './snippets.ts';

/** `aws`, as far as the page calls it: each message of `queue.json` until it is deleted; FAIL makes the function fail. */
const AWS = `
const { readFileSync, writeFileSync, readdirSync } = require('node:fs');
const [service, command, ...rest] = process.argv.slice(2);
const option = (name) => rest[rest.indexOf('--' + name) + 1];
const home = process.env.FAKE_AWS;
const read = () => JSON.parse(readFileSync(home + '/queue.json', 'utf8'));
const does = {
  'sqs get-queue-url': () => console.log('https://queue/' + option('queue-name')),
  'sqs receive-message': () => {
    if (option('queue-url') !== 'https://queue/mistral-triage-prod-undelivered') process.exit(254);
    if (read().length > 0) console.log(JSON.stringify({ Messages: read().slice(0, 1) }, null, 4));
  },
  'sqs delete-message': () =>
    writeFileSync(home + '/queue.json', JSON.stringify(read().filter((one) => one.ReceiptHandle !== option('receipt-handle')))),
  'lambda invoke': () => {
    const number = readdirSync(home).filter((name) => name.startsWith('called-')).length;
    const call = readFileSync(option('payload').replace('fileb://', ''));
    writeFileSync(home + '/called-' + number, JSON.stringify({ by: option('function-name'), event: JSON.parse(call) }));
    console.log(process.env.FAIL ? 'Unhandled' : 'None');
  },
};
does[service + ' ' + command]();
`;

const alarm = (name: string) =>
  JSON.stringify({
    AlarmName: name,
    NewStateValue: 'ALARM',
    AlarmArn: `arn:aws:cloudwatch:eu-central-1:1:alarm:${name}`,
  });

/** As SNS puts aside what it could not hand over. Source: docs.aws.amazonaws.com/sns/latest/dg/sns-dead-letter-queues.html. */
const notification = (MessageId: string, name: string) => ({
  Type: 'Notification',
  MessageId,
  TopicArn: 'arn:aws:sns:eu-central-1:1:mistral-triage-prod-alerts',
  Subject: `ALARM: it's "${name}"`,
  Message: alarm(name),
  Timestamp: '2026-11-20T12:00:00.000Z',
});

/** As Lambda puts aside a call that failed. Source: docs.aws.amazonaws.com/lambda/latest/dg/invocation-async-retain-records.html. */
const failedCall = (MessageId: string, name: string) => ({
  version: '1.0',
  timestamp: '2026-11-20T12:03:00.000Z',
  requestContext: { requestId: '1', functionArn: 'f', condition: 'RetriesExhausted', approximateInvokeCount: 3 },
  requestPayload: { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', Sns: notification(MessageId, name) }] },
  responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  responsePayload: { errorType: 'Error', errorMessage: 'no queue' },
});

let folder = '';
let state: State;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'undelivered-'));
  state = await openState(join(folder, 'state'), systemClock);
  const program = join(folder, 'aws');
  writeFileSync(program, `#!${process.execPath}\n${AWS}`);
  chmodSync(program, 0o755);
  const lie = [notification('n-1', 'first'), failedCall('n-2', 'second')];
  writeFileSync(
    join(folder, 'queue.json'),
    JSON.stringify(lie.map((body, index) => ({ Body: JSON.stringify(body), ReceiptHandle: `receipt/${index}+=` }))),
  );
});
afterEach(async () => {
  await state.close();
  rmSync(folder, { recursive: true });
});

const followPage = (more: Readonly<Record<string, string>> = {}) =>
  promisify(execFile)('bash', ['-c', findSnippet('alerts.md', 'CloudWatch', 'sh', '-undelivered')], {
    env: {
      PATH: [folder, dirname(process.execPath), process.env['PATH']].join(delimiter),
      TMPDIR: folder,
      FAKE_AWS: folder,
      ...more,
    },
  });

const left = (): number => JSON.parse(readFileSync(join(folder, 'queue.json'), 'utf8')).length;
const calls = () =>
  readdirSync(folder)
    .filter((name) => name.startsWith('called-'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));

const parts = () => ({
  jobs: state.jobs,
  documents: openDocuments(folder),
  clock: systemClock,
  ids: createIds(),
  log: () => undefined,
});

it('alarms that did not arrive are understood when they are sent again as the page says, and once however often', async () => {
  await followPage();
  expect(left()).toBe(0);
  expect(calls().map(({ by }) => by)).toEqual(['mistral-triage-prod-alerts', 'mistral-triage-prod-alerts']);
  const take = createSnsAlertsHandler(parts());
  for (const { event } of [...calls(), ...calls()]) await take(event);
  const jobs = await state.jobs.take('jobs', 10, 60_000);
  const titles = jobs.flatMap(({ body }) => (body.kind === 'alerts' ? body.alerts.map(({ title }) => title) : []));
  expect(titles.sort()).toEqual(['first', 'second']);
});

it('what the function does not take stays, and nothing is left on the disk', async () => {
  const { stdout } = await followPage({ FAIL: 'yes' });
  expect(stdout).toContain('not taken');
  expect(left()).toBe(2);
  expect(calls()).toHaveLength(1);
  expect(readdirSync(folder).filter((name) => name.startsWith('tmp.'))).toEqual([]);
  expect(existsSync(join(folder, 'state'))).toBe(true);
});
