import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { createLog } from '../../lib/log.ts';
import { metricMembers } from '../../lib/report/metrics.ts';

const NOW_MS = Date.parse('2026-11-20T12:00:00.000Z');
const AT = { stage: 'prod', nowMs: NOW_MS };

/** The embedded metric format as AWS specifies it, as far as we use it. */
const lineSchema = z.looseObject({
  _aws: z.strictObject({
    Timestamp: z.int(),
    CloudWatchMetrics: z.array(
      z.strictObject({
        Namespace: z.string().check(z.minLength(1), z.maxLength(1_024)),
        Dimensions: z.array(z.array(z.string().check(z.minLength(1), z.maxLength(250))).check(z.maxLength(30))),
        Metrics: z
          .array(z.strictObject({ Name: z.string().check(z.minLength(1)), Unit: z.enum(['Count', 'Milliseconds']) }))
          .check(z.minLength(1), z.maxLength(100)),
      }),
    ),
  }),
});

const logged = (event: string, fields: Parameters<typeof metricMembers>[1]): unknown => {
  const lines: string[] = [];
  const log = createLog(
    (line) => lines.push(line),
    () => NOW_MS,
    (...[name, values, nowMs]) => metricMembers(name, values, { stage: 'prod', nowMs }),
  );
  log(event, fields);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
};

describe('a metric', () => {
  it.each([
    ['alerts.accepted', { accepted: 3, quarantined: 1 }, 'AlertsAccepted', 3, 'Count'],
    ['alerts.accepted', { accepted: 0 }, 'AlertsAccepted', 0, 'Count'],
    ['alerts.not-stored', { why: 'took too long' }, 'AlertsNotStored', 1, 'Count'],
    ['slack.click-not-stored', {}, 'ClicksNotStored', 1, 'Count'],
    ['job.failed', { attempt: 4 }, 'JobsFailed', 1, 'Count'],
    ['clock.ticked', {}, 'Heartbeat', 1, 'Count'],
    ['message.told', { latencyMs: 1_234 }, 'NotifyLatency', 1_234, 'Milliseconds'],
  ])('of %s %j is %s', (event, fields, metric, value, unit) => {
    expect(metricMembers(event, fields, AT)).toEqual({
      _aws: {
        Timestamp: NOW_MS,
        CloudWatchMetrics: [
          { Namespace: 'MistralTriage', Dimensions: [['stage']], Metrics: [{ Name: metric, Unit: unit }] },
        ],
      },
      stage: 'prod',
      [metric]: value,
    });
  });

  it.each([
    ['another event', 'alert.placed', { accepted: 3 }],
    ['a value that is missing', 'message.told', {}],
    ['a value that is no number', 'alerts.accepted', { accepted: '3' }],
    ['a value that JSON cannot say', 'message.told', { latencyMs: Number.NaN }],
  ])('is not made of %s', (_name, event, fields) => {
    expect(metricMembers(event, fields, AT)).toEqual({});
  });

  it.each([
    ['alerts.accepted', { accepted: 7 }, 'AlertsAccepted'],
    ['clock.ticked', {}, 'Heartbeat'],
    ['message.told', { part: 'root', latencyMs: 7 }, 'NotifyLatency'],
  ])('stands in the line of %s, whose fields stay, and every name it refers to is there', (event, fields, metric) => {
    const line = lineSchema.parse(logged(event, fields));
    expect(line).toMatchObject({ at: '2026-11-20T12:00:00.000Z', event, ...fields });
    for (const { Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
      expect(Metrics.map(({ Name }) => [Name, typeof line[Name]])).toEqual([[metric, 'number']]);
      for (const name of Dimensions.flat()) expect(line[name]).toBe('prod');
    }
  });
});
