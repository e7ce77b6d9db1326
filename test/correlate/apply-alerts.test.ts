import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyAlerts, openIncident, type PlacedAlert } from '../../lib/correlate/apply-alerts.ts';
import { foldArrivals, mayJoin, recordOf } from '../../lib/correlate/place-alerts.ts';
import type { AlertRecord } from '../../lib/domain/alert.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import { at, atMs, makeArrival, makeIncident, makeMoment } from '../make.ts';

const fires = (jobId: string, seconds: number, change = {}): PlacedAlert => ({
  arrival: makeArrival(jobId, seconds, change),
  move: { effect: 'fires', from: null, to: 'firing', reason: 'test' },
});
const repeats = (jobId: string, seconds: number, change = {}): PlacedAlert => ({
  arrival: makeArrival(jobId, seconds, change),
  move: { effect: 'repeats', from: 'firing', to: 'firing', reason: 'test' },
});
const resolves = (jobId: string, seconds: number, change = {}): PlacedAlert => ({
  arrival: makeArrival(jobId, seconds, { state: 'resolved', endedAt: at(seconds), ...change }),
  move: { effect: 'resolves', from: 'firing', to: 'resolved', reason: 'test' },
});

const opening = {
  id: 'INC-261120-ABCDEFGH',
  service: 'mistral-api',
  environment: 'production',
  channel: 'incidents',
  drill: false,
};
const opened = (placed: readonly PlacedAlert[], seconds = 1): Incident => {
  const first = placed[0];
  if (!first) throw new Error('an incident opens with an alert');
  return applyAlerts(openIncident(first.arrival, opening, makeMoment(seconds)), placed, makeMoment(seconds));
};

describe('alerts in their incident', () => {
  it('open it with one entry, a message to tell and triage due at once', () => {
    const incident = opened([fires('a', 1, { severity: 'P1' })]);
    expect(incident).toMatchObject({
      status: 'investigating',
      severity: 'P1',
      revision: 1,
      totals: { firing: 1, received: 1 },
    });
    expect(incident.outbox.notBeforeMs).toBe(atMs(1));
    expect(incident.timers).toEqual([{ kind: 'recheck', dueMs: atMs(1), refId: null }]);
    expect(incident.outbox.unfiled.map((entry) => entry.kind)).toEqual(['alert-joined']);
    expect(incident.outbox.notes).toEqual([]);
  });

  it('are counted and not told when they repeat', () => {
    const incident = opened([fires('a', 1)]);
    const repeated = applyAlerts(incident, [repeats('b', 2), repeats('c', 3)], makeMoment(3));
    expect(repeated.alerts[0]).toMatchObject({ count: 3, lastSeen: at(3), firstSeen: at(1) });
    expect(repeated.revision).toBe(incident.revision);
    expect(repeated.outbox).toEqual(incident.outbox);
  });

  it('change nothing when their job was applied before', () => {
    const incident = opened([fires('a', 1)]);
    expect(applyAlerts(incident, [fires('a', 1)], makeMoment(9))).toBe(incident);
  });

  it('join with a note in the thread when the incident is known to people', () => {
    const joined = applyAlerts(
      opened([fires('a', 1)]),
      [fires('b', 2, { key: 'key-2', title: 'Other' })],
      makeMoment(2),
    );
    expect(joined.totals).toMatchObject({ firing: 2, received: 2 });
    expect(joined.outbox.notes.map((note) => note.text)).toEqual(['Alert firing: Other']);
  });

  it('raise the severity, and say so; a lower one does not lower it', () => {
    const incident = opened([fires('a', 1, { severity: 'P3' })]);
    const raised = applyAlerts(incident, [fires('b', 2, { key: 'key-2', severity: 'P1' })], makeMoment(2));
    expect(raised.severity).toBe('P1');
    expect(raised.outbox.notes.map((note) => note.text)).toContain(
      'Severity raised from P3 to P1: a more severe alert joined.',
    );
    expect(applyAlerts(raised, [fires('c', 3, { key: 'key-3', severity: 'P4' })], makeMoment(3)).severity).toBe('P1');
  });

  it('do not raise what a person set', () => {
    const incident = makeIncident({ severity: 'P4', severitySetBy: 'person' });
    expect(applyAlerts(incident, [fires('a', 1, { severity: 'P1' })], makeMoment(1)).severity).toBe('P4');
  });

  it('are shown as resolved in the same incident', () => {
    const incident = opened([fires('a', 1)]);
    const resolved = applyAlerts(incident, [resolves('b', 2)], makeMoment(2));
    expect(resolved.totals).toEqual({ firing: 0, resolved: 1, nodata: 0, received: 2 });
    expect(resolved.alerts[0]).toMatchObject({ state: 'resolved', count: 1 });
    expect(resolved.revision).toBe(incident.revision + 1);
  });

  it('take an incident in monitoring back when one fires again', () => {
    const calm = makeIncident({ status: 'monitoring', goodChecks: 3, quietSince: at(0) });
    const back = applyAlerts(calm, [fires('a', 1)], makeMoment(1));
    expect(back).toMatchObject({ status: 'investigating', goodChecks: 0, quietSince: null });
  });

  it('reopen a resolved incident when one fires, and not when one repeats or resolves', () => {
    const over = makeIncident({ status: 'resolved', milestones: { started: at(0), resolved: at(10) } });
    const reopened = applyAlerts(over, [fires('a', 20)], makeMoment(20));
    expect(reopened.status).toBe('investigating');
    expect(reopened.milestones.resolved).toBeUndefined();
    expect(reopened.timers.some((timer) => timer.kind === 'recheck')).toBe(true);
    expect(applyAlerts(over, [repeats('b', 20)], makeMoment(20)).status).toBe('resolved');
    expect(applyAlerts(over, [resolves('c', 20)], makeMoment(20)).status).toBe('resolved');
  });

  it('keep at most 50 members and 100 jobs, and count all', () => {
    let incident = opened([fires('job-0', 1)]);
    for (let nth = 1; nth < 130; nth += 1)
      incident = applyAlerts(incident, [fires(`job-${nth}`, nth, { key: `key-${nth + 1}` })], makeMoment(nth));
    expect(incident.alerts).toHaveLength(50);
    expect(incident.applied).toHaveLength(100);
    expect(incident.totals).toMatchObject({ firing: 130, received: 130 });
    expect(JSON.stringify(incident).length).toBeLessThan(40_000);
  });
});

describe('a resolved incident', () => {
  const over = makeIncident({ status: 'resolved', milestones: { resolved: at(0) } });
  it.each([
    ['may be joined within the time to reopen', atMs(1_800), true],
    ['may not be joined later', atMs(1_801), false],
  ] as const)('%s', (_name, nowMs, joins) => {
    expect(mayJoin(over, nowMs, 1_800_000).joins).toBe(joins);
  });

  it('that is only claimed may be joined', () => {
    expect(mayJoin(null, 0, 0).joins).toBe(true);
  });
});

/** Jobs of three keys, delivered in any order, in any batches, some of them twice. */
const deliveries = fc.array(
  fc.record({ job: fc.integer({ min: 0, max: 11 }), batch: fc.integer({ min: 1, max: 3 }) }),
  { minLength: 12, maxLength: 40 },
);

const KEYS = ['key-0', 'key-1', 'key-2'];

type World = { readonly records: Map<string, AlertRecord>; incident: Incident | null };

/** One batch of jobs, as the flow would take it: fold each key's arrivals into its record, then change the incident once. */
const take = (world: World, jobs: readonly number[], seconds: number): void => {
  const placed = KEYS.flatMap((key, nth) => {
    const arrivals = jobs
      .filter((job) => job % KEYS.length === nth)
      .map((job) => makeArrival(`job-${job}`, job, { key }));
    const known = world.records.get(key) ?? null;
    const folded = foldArrivals(known, arrivals);
    const record = recordOf(known, folded, opening.id);
    if (record) world.records.set(key, record);
    return folded.placements;
  });
  const first = placed[0];
  if (first)
    world.incident = applyAlerts(
      world.incident ?? openIncident(first.arrival, opening, makeMoment(0)),
      placed,
      makeMoment(seconds),
    );
};

describe('redelivery', () => {
  it('counts each job once, whatever order and batches the jobs come in', () => {
    fc.assert(
      fc.property(deliveries, (plan) => {
        const order = [...plan.map(({ job }) => job), ...Array.from({ length: 12 }, (_, job) => job)];
        const world: World = { records: new Map(), incident: null };
        for (let cursor = 0; cursor < order.length; ) {
          const size = plan[cursor % plan.length]?.batch ?? 1;
          take(world, [...new Set(order.slice(cursor, cursor + size))], cursor);
          cursor += size;
        }
        expect(world.incident?.totals).toEqual({ firing: 3, resolved: 0, nodata: 0, received: 12 });
        expect(world.incident?.alerts.map(({ count }) => count)).toEqual([4, 4, 4]);
      }),
    );
  });
});
