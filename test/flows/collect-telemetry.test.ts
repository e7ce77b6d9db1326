import { expect, it, onTestFinished } from 'vitest';
import type { Incident } from '../../lib/domain/incident.ts';
import type { LogLines } from '../../lib/domain/telemetry.ts';
import { collectTelemetry } from '../../lib/flows/collect-telemetry.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import type { Telemetry, TelemetryQuestion } from '../../lib/ports/telemetry.ts';
import { at, atMs, makeArrival, makeIncident } from '../make.ts';
import { openWorld } from './world.ts';

const PICTURE = new Uint8Array([1, 2, 3]);
const LOGS: LogLines = { logGroups: ['/shop'], fields: ['status'], lines: [{ status: '401' }], isCut: false };

const collect = async (change: Partial<Telemetry>, incident: Incident = makeIncident(), nowMs: number = atMs(600)) => {
  const questions: TelemetryQuestion[] = [];
  const events: unknown[] = [];
  const telemetry: Telemetry = {
    metrics: (question) => {
      questions.push(question);
      return Promise.resolve([]);
    },
    picture: () => Promise.resolve(PICTURE),
    logs: () => Promise.resolve(LOGS),
    ...change,
  };
  const log = (event: string, fields: unknown) => void events.push([event, fields]);
  const collected = await collectTelemetry({ telemetry, clock: { nowMs: () => nowMs }, log }, incident);
  return { collected, question: questions[0], events };
};

it('what is asked about is the service of the incident, from two hours before it started until now', async () => {
  const incident = makeIncident({ milestones: { started: at(-300) } });
  const { collected, question } = await collect({}, incident);
  expect(question).toEqual({
    service: 'mistral-api',
    environment: 'production',
    fromMs: atMs(-300 - 7_200),
    toMs: atMs(600),
  });
  expect(collected).toEqual({
    from: at(-7_500),
    to: at(600),
    metrics: { value: [] },
    picture: { value: PICTURE },
    logs: { value: LOGS },
  });
});

it.each([
  ['long ago', { started: at(-40 * 86_400) }, 600 - 7 * 86_400],
  ['in the future, by the clock of a monitor', { started: at(90_000) }, 600 - 7_200],
  ['at a time that nobody can read', { started: 'yesterday' }, -7_200],
  ['at a time that nobody told', {}, -7_200],
])('an incident that started %s is looked at for a bounded time', async (_name, milestones, fromSeconds) => {
  const { question } = await collect({}, makeIncident({ milestones }));
  expect(question?.fromMs).toBe(atMs(fromSeconds));
});

it('one part that fails is told in its place, and the others are there', async () => {
  const { collected, events } = await collect({
    picture: () => Promise.reject(new Error('cloudwatch.GetMetricWidgetImage: denied (AccessDenied)')),
    logs: () => Promise.resolve(null),
  });
  expect(collected).toMatchObject({
    metrics: { value: [] },
    picture: { why: 'could not be read: cloudwatch.GetMetricWidgetImage: denied (AccessDenied)' },
    logs: { why: 'not configured: no log source' },
  });
  expect(events).toEqual([['telemetry.not-collected', expect.objectContaining({ what: 'chart' })]]);
});

it('without a monitoring service nothing is asked', async () => {
  const parts = { telemetry: null, clock: { nowMs: () => atMs(0) }, log: () => undefined };
  expect(await collectTelemetry(parts, makeIncident())).toMatchObject({
    metrics: { why: 'not configured: no metrics source' },
    picture: { why: 'not configured: no metrics source' },
    logs: { why: 'not configured: no log source' },
  });
});

it('what was got is in the evidence, and a part that failed is in its manifest', async () => {
  const telemetry: Telemetry = {
    metrics: () => Promise.resolve([]),
    picture: () => Promise.resolve(PICTURE),
    logs: () => Promise.reject(new Error('logs.StartQuery: not-found (ResourceNotFoundException)')),
  };
  const world = await openWorld({}, { telemetry });
  onTestFinished(() => world.close());
  const [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
  await world.parts.jobs.put([
    { id: 'evidence', queue: 'jobs', body: { kind: 'evidence', incidentId: id, actor: 'U0MAYA' } },
  ]);
  await world.settle();
  const read = (name: string) => world.parts.documents.get(`evidence/${id}/${name}`);
  expect(await read('metrics.png')).toEqual(Buffer.from(PICTURE));
  expect(await read('metrics.json')).not.toBeNull();
  expect(await read('logs.json')).toBeNull();
  const manifest = new TextDecoder().decode((await read('manifest.json')) ?? new Uint8Array());
  expect(manifest).toContain('could not be read: logs.StartQuery: not-found (ResourceNotFoundException)');
  expect(manifest).toContain('"name": "metrics.png"');
});
