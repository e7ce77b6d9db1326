import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayJoin } from '../../lib/correlate/place-alerts.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import { at, atMs, makeArrival, makeIncident } from '../make.ts';
import { makeDesk } from './desk.ts';

const fires = makeArrival;
const resolves = (jobId: string, seconds: number, change = {}) =>
  makeArrival(jobId, seconds, { state: 'resolved', endedAt: at(seconds), ...change });

const open = (...arrivals: readonly ReturnType<typeof makeArrival>[]) => {
  const desk = makeDesk();
  desk.take(arrivals);
  return desk;
};

describe('alerts in their incident', () => {
  it('open it with one entry, a message to tell and triage due at once', () => {
    const incident = open(fires('a', 1, { severity: 'P1' })).incident();
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
    const desk = open(fires('a', 1));
    const incident = desk.incident();
    const repeated = desk.take([fires('b', 2), fires('c', 3)], 3);
    expect(repeated.alerts[0]).toMatchObject({ count: 3, lastSeen: at(3), firstSeen: at(1) });
    expect(repeated.revision).toBe(incident.revision);
    expect(repeated.outbox).toEqual(incident.outbox);
  });

  it('keep what the first one says besides its title, on one line of at most 200 characters', () => {
    const summaryOf = (summary: string) => open(fires('a', 1, { title: 'Errors', summary })).incident().summary;
    expect(summaryOf('Half of\nthe calls fail.')).toBe('Half of the calls fail.');
    expect(summaryOf('x'.repeat(5_000))).toHaveLength(200);
    expect(summaryOf(' Errors ')).toBeUndefined();
    expect(summaryOf('')).toBeUndefined();
    const desk = open(fires('a', 1, { summary: 'The first.' }));
    expect(desk.take([fires('b', 2, { key: 'key-2', summary: 'The second.' })], 2).summary).toBe('The first.');
  });

  it('change nothing when their job was applied before', () => {
    const desk = open(fires('a', 1));
    const incident = desk.incident();
    expect(desk.take([fires('a', 1)], 9)).toBe(incident);
  });

  it('join with a note in the thread when the incident is known to people', () => {
    const joined = open(fires('a', 1)).take([fires('b', 2, { key: 'key-2', title: 'Other' })], 2);
    expect(joined.totals).toMatchObject({ firing: 2, received: 2 });
    expect(joined.outbox.notes.map((note) => note.text)).toEqual(['Alert firing: Other']);
  });

  it('of one batch are one entry and one note, which name three and count the rest', () => {
    const desk = open(fires('a', 1));
    const batch = ['b', 'c', 'd', 'e', 'f'].map((name) => fires('b', 2, { key: name, title: `Alert ${name}` }));
    const joined = desk.take(batch, 2);
    const text = '5 alerts firing: Alert b, Alert c, Alert d and 2 more';
    expect(joined.outbox.notes.map((note) => note.text)).toEqual([text]);
    expect(joined.outbox.unfiled.slice(1)).toMatchObject([
      { kind: 'alert-joined', text, refs: ['b', 'c', 'd', 'e', 'f'] },
    ]);
    const over = desk.take(
      batch.map(({ alert }) => resolves('g', 9, { key: alert.key, title: alert.title })),
      9,
    );
    expect(over.outbox.notes).toHaveLength(1);
    expect(over.outbox.unfiled.at(-1)?.text).toBe('5 alerts resolved: Alert b, Alert c, Alert d and 2 more');
    expect(over.totals).toMatchObject({ firing: 1, resolved: 5 });
  });

  it('raise the severity, and say so; a lower one does not lower it', () => {
    const desk = open(fires('a', 1, { severity: 'P3' }));
    const raised = desk.take([fires('b', 2, { key: 'key-2', severity: 'P1' })], 2);
    expect(raised.severity).toBe('P1');
    expect(raised.outbox.notes.map((note) => note.text)).toContain(
      'Severity raised from P3 to P1: a more severe alert joined.',
    );
    expect(desk.take([fires('c', 3, { key: 'key-3', severity: 'P4' })], 3).severity).toBe('P1');
  });

  it('do not raise what a person set', () => {
    const incident = makeIncident({ severity: 'P4', severitySetBy: 'person' });
    expect(makeDesk(incident).take([fires('a', 1, { severity: 'P1' })]).severity).toBe('P4');
  });

  it('are shown as resolved in the same incident', () => {
    const desk = open(fires('a', 1));
    const { revision } = desk.incident();
    const resolved = desk.take([resolves('b', 2)], 2);
    expect(resolved.totals).toEqual({ firing: 0, resolved: 1, nodata: 0, received: 2 });
    expect(resolved.alerts[0]).toMatchObject({ state: 'resolved', count: 1 });
    expect(resolved.revision).toBe(revision + 1);
  });

  it('take an incident in monitoring back when one fires again', () => {
    const calm = makeIncident({ status: 'monitoring', goodChecks: 3, quietSince: at(0) });
    const back = makeDesk(calm).take([fires('a', 1)]);
    expect(back).toMatchObject({ status: 'investigating', goodChecks: 0, quietSince: null });
  });

  it('reopen a resolved incident when one fires, and not when one repeats or resolves', () => {
    const over = { status: 'resolved', milestones: { started: at(0), resolved: at(10) } } as const;
    const reopened = makeDesk(makeIncident(over)).take([fires('a', 20)], 20);
    expect(reopened.status).toBe('investigating');
    expect(reopened.milestones.resolved).toBeUndefined();
    expect(reopened.timers.some((timer) => timer.kind === 'recheck')).toBe(true);
    const desk = open(fires('a', 1));
    desk.put({ ...desk.incident(), ...over });
    expect(desk.take([fires('b', 20)], 20).status).toBe('resolved');
    expect(desk.take([resolves('c', 21)], 21).status).toBe('resolved');
  });

  it('are linked where their source’s link is short, the first ten of them', () => {
    const desk = makeDesk();
    const link = 'https://prometheus.example/graph?g0.expr=up';
    for (let nth = 0; nth < 12; nth += 1) desk.take([fires(`j${nth}`, nth, { key: `key-${nth}`, link })], nth);
    expect(desk.incident().alerts.map((member) => member.link ?? null)).toEqual([
      ...Array.from({ length: 10 }, () => link),
      null,
      null,
    ]);
    const long = makeDesk().take([fires('a', 1, { link: `https://a.example/${'x'.repeat(300)}` })]);
    expect(long.alerts[0]?.link).toBeUndefined();
  });

  it('are all counted, of which at most 50 are kept by name', () => {
    const desk = makeDesk();
    for (let nth = 0; nth < 130; nth += 1) desk.take([fires(`job-${nth}`, nth, { key: `key-${nth}` })], nth);
    const incident: Incident = desk.incident();
    expect(incident.alerts.length).toBeLessThanOrEqual(50);
    expect(incident.alerts.length).toBeGreaterThan(35);
    expect(incident.totals).toMatchObject({ firing: 130, received: 130 });
    const again = desk.take([fires('job-129', 129, { key: 'key-129' }), fires('job-3', 3, { key: 'key-3' })], 200);
    expect(again).toBe(incident);
    const resolved = desk.take([resolves('end', 300, { key: 'key-129' }), resolves('end', 300, { key: 'key-3' })], 300);
    expect(resolved.totals).toMatchObject({ firing: 128, resolved: 2, received: 132 });
  });
});

describe('a resolved incident', () => {
  const over = makeIncident({ status: 'resolved', milestones: { resolved: at(0) } });
  it.each([
    ['may be joined within the time to reopen', atMs(1_800), true],
    ['may not be joined later', atMs(1_801), false],
  ] as const)('%s', (_name, nowMs, joins) => {
    expect(mayJoin(over, nowMs, 1_800_000)).toBe(joins);
  });

  it('that is only claimed may be joined', () => {
    expect(mayJoin(null, 0, 0)).toBe(true);
  });
});

/** Jobs of three keys, delivered in any order, in any batches, some of them twice. */
const deliveries = fc.array(
  fc.record({ job: fc.integer({ min: 0, max: 11 }), batch: fc.integer({ min: 1, max: 3 }) }),
  { minLength: 12, maxLength: 40 },
);

const KEYS = ['key-0', 'key-1', 'key-2'];

describe('redelivery', () => {
  it('counts each job once, whatever order and batches the jobs come in', () => {
    fc.assert(
      fc.property(deliveries, (plan) => {
        const order = [...plan.map(({ job }) => job), ...Array.from({ length: 12 }, (_, job) => job)];
        const desk = makeDesk();
        for (let cursor = 0; cursor < order.length; ) {
          const size = plan[cursor % plan.length]?.batch ?? 1;
          const jobs = [...new Set(order.slice(cursor, cursor + size))];
          desk.take(
            jobs.map((job) => fires(`job-${job}`, job, { key: KEYS[job % KEYS.length] ?? '' })),
            cursor,
          );
          cursor += size;
        }
        expect(desk.incident().totals).toEqual({ firing: 3, resolved: 0, nodata: 0, received: 12 });
        expect(desk.incident().alerts.map(({ count }) => count)).toEqual([4, 4, 4]);
      }),
    );
  });
});
