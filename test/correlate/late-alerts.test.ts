import { describe, expect, it } from 'vitest';
import { decideAlertMove } from '../../lib/correlate/alert-order.ts';
import { at, makeAlert, makeArrival } from '../make.ts';
import { makeDesk, OPEN } from './desk.ts';

const firing = makeArrival('job-1', 1);
const again = makeArrival('job-2', 2);
const resolved = makeArrival('job-3', 3, { state: 'resolved', endedAt: at(3) });

describe('an alert whose job comes again after a crash', () => {
  it('does not fire in its incident when its resolve was applied meanwhile', () => {
    const desk = makeDesk();
    desk.claim([firing]);
    desk.apply(desk.claim([resolved]));
    desk.apply(desk.claim([firing]));
    expect(desk.records.get('key-1')?.state).toBe('resolved');
    expect(desk.incident()).toMatchObject({
      alerts: [{ state: 'resolved', count: 1, firstSeen: at(1), lastSeen: at(3) }],
      totals: { firing: 0, resolved: 1, received: 2 },
    });
  });

  it('does not fire in its incident when a slower worker applies it last', () => {
    const desk = makeDesk();
    const slow = desk.claim([firing]);
    desk.apply(desk.claim([resolved]));
    desk.apply(slow);
    expect(desk.incident()).toMatchObject({ alerts: [{ state: 'resolved' }], totals: { firing: 0, resolved: 1 } });
  });

  it('does not reopen the incident that its resolve has ended', () => {
    const desk = makeDesk();
    desk.claim([firing]);
    desk.take([resolved]);
    desk.put({ ...desk.incident(), status: 'resolved' });
    expect(desk.take([firing], 9).status).toBe('resolved');
  });

  it('is told by its repeat, which also counts it', () => {
    const desk = makeDesk();
    desk.claim([firing]);
    desk.take([again]);
    expect(desk.incident()).toMatchObject({ revision: 1, alerts: [{ state: 'firing', count: 2 }] });
    expect(desk.incident().outbox.notBeforeMs).not.toBeNull();
    const { revision, outbox } = desk.incident();
    desk.take([firing]);
    expect(desk.incident()).toMatchObject({ revision, outbox, alerts: [{ count: 2, firstSeen: at(1) }] });
  });

  it('reopens by its repeat, when the job that fired was lost on its way to a resolved incident', () => {
    const desk = makeDesk();
    desk.take([firing]);
    desk.take([resolved]);
    desk.put({ ...desk.incident(), status: 'resolved' });
    desk.claim([makeArrival('job-4', 40, { startedAt: at(40) })]);
    desk.take([makeArrival('job-5', 41, { startedAt: at(40) })]);
    expect(desk.incident()).toMatchObject({ status: 'investigating', alerts: [{ state: 'firing', count: 3 }] });
    const notes = desk.incident().outbox.notes.length;
    expect(desk.take([makeArrival('job-4', 40, { startedAt: at(40) })]).outbox.notes).toHaveLength(notes);
  });

  it('twice in one body has its two answers again', () => {
    const body = [makeArrival('job-1', 1), makeArrival('job-1', 1, { state: 'resolved', endedAt: at(1) })];
    const desk = makeDesk();
    const before = desk.claim(body);
    const after = desk.claim(body);
    expect(after.map(({ move }) => [move.effect, move.to])).toEqual(before.map(({ move }) => [move.effect, move.to]));
    desk.apply(after);
    expect(desk.incident()).toMatchObject({
      alerts: [{ state: 'resolved', count: 1 }],
      totals: { firing: 0, resolved: 1, received: 2 },
    });
  });
});

describe('an alert of a key that was resolved in another incident', () => {
  it('takes nothing from the count of the others when it fires here', () => {
    const desk = makeDesk();
    desk.take([makeArrival('job-4', 4, { key: 'key-2' })]);
    desk.take([makeArrival('job-5', 5, { key: 'key-2', state: 'resolved', endedAt: at(5) })]);
    const known = desk.claim([firing, resolved]).length;
    const tally = { received: known, fired: 1, episodes: 1 };
    const record = desk.records.get('key-1');
    if (!record) throw new Error('no record');
    desk.records.set('key-1', { ...record, incidentId: 'INC-261120-ANOTHER1', tally });
    desk.take([makeArrival('job-6', 60, { startedAt: at(60) })]);
    expect(desk.incident().totals).toEqual({ firing: 1, resolved: 1, nodata: 0, received: 3 });
    expect(desk.incident().alerts.map(({ count }) => count)).toEqual([1, 1]);
  });
});

describe('a repeat', () => {
  it('does not change a title that was told', () => {
    const desk = makeDesk();
    desk.apply(desk.claim([firing]));
    desk.apply(desk.claim([makeArrival('job-2', 2, { title: 'Another name' })]));
    expect(desk.incident()).toMatchObject({ revision: 1, alerts: [{ title: 'High latency', count: 2 }] });
  });
});

describe('a firing alert without a start', () => {
  const known = { state: 'resolved', startedAt: null, endedAt: at(30), changedAt: at(31) } as const;
  const alert = makeAlert({ startedAt: null });

  it('is late when the door took it before the resolve', () => {
    expect(decideAlertMove(known, alert, at(30), OPEN)).toMatchObject({ effect: 'late', to: 'resolved' });
  });

  it('fires when the door took it after the resolve', () => {
    expect(decideAlertMove(known, alert, at(32), OPEN)).toMatchObject({ effect: 'fires', to: 'firing' });
  });
});
