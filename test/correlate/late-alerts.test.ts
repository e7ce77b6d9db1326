import { describe, expect, it } from 'vitest';
import { decideAlertMove } from '../../lib/correlate/alert-order.ts';
import { applyAlerts, openIncident, type PlacedAlert } from '../../lib/correlate/apply-alerts.ts';
import { type Arrival, foldArrivals, recordOf } from '../../lib/correlate/place-alerts.ts';
import type { AlertRecord } from '../../lib/domain/alert.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import { at, makeAlert, makeArrival, makeMoment } from '../make.ts';

const opening = {
  id: 'INC-261120-ABCDEFGH',
  service: 'mistral-api',
  environment: 'production',
  channel: 'incidents',
  drill: false,
};

/** One key's record and its incident, written one after the other as the flow does, so that a crash can fall between. */
const makeDesk = () => {
  let record: AlertRecord | null = null;
  let version = 0;
  let incident: Incident | null = null;
  const claim = (arrivals: readonly Arrival[]): readonly PlacedAlert[] => {
    const folded = foldArrivals(record, arrivals);
    const next = recordOf(record, folded, opening.id);
    if (next !== record) version += 1;
    record = next;
    const standing = { state: record?.state ?? 'nodata', order: version };
    return folded.placements.map(({ arrival, move }) => ({ arrival, move, standing }));
  };
  const apply = (placed: readonly PlacedAlert[]): void => {
    const first = placed[0];
    if (!first) throw new Error('nothing to apply');
    incident = applyAlerts(
      incident ?? openIncident(first.arrival, opening, makeMoment(1)),
      placed,
      makeMoment(placed.length),
    );
  };
  return { claim, apply, incident: () => incident, record: () => record };
};

const firing = makeArrival('job-1', 1);
const again = makeArrival('job-2', 2);
const resolved = makeArrival('job-3', 3, { state: 'resolved', endedAt: at(3) });

describe('an alert whose job comes again after a crash', () => {
  it('does not fire in its incident when its resolve was applied meanwhile', () => {
    const desk = makeDesk();
    desk.claim([firing]);
    desk.apply(desk.claim([resolved]));
    desk.apply(desk.claim([firing]));
    expect(desk.record()?.state).toBe('resolved');
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
    desk.apply(desk.claim([resolved]));
    const opened = desk.incident();
    if (!opened) throw new Error('no incident');
    const placed = desk.claim([firing]);
    expect(applyAlerts({ ...opened, status: 'resolved' }, placed, makeMoment(9)).status).toBe('resolved');
  });

  it('is told by its repeat, when that one opens the incident', () => {
    const desk = makeDesk();
    desk.claim([firing]);
    desk.apply(desk.claim([again]));
    expect(desk.incident()).toMatchObject({ revision: 1, alerts: [{ state: 'firing', count: 1 }] });
    expect(desk.incident()?.outbox.notBeforeMs).not.toBeNull();
    desk.apply(desk.claim([firing]));
    expect(desk.incident()).toMatchObject({ alerts: [{ state: 'firing', count: 2 }], totals: { firing: 1 } });
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
    const opened = openIncident(firing, opening, makeMoment(1));
    const other: PlacedAlert = {
      arrival: makeArrival('job-4', 4, { key: 'key-2', state: 'resolved', endedAt: at(4) }),
      move: { effect: 'resolves', from: 'firing', to: 'resolved', reason: 'test' },
    };
    const fires: PlacedAlert = {
      arrival: makeArrival('job-5', 5),
      move: { effect: 'fires', from: 'resolved', to: 'firing', reason: 'test' },
    };
    expect(applyAlerts(opened, [other, fires], makeMoment(5)).totals).toMatchObject({ firing: 1, resolved: 1 });
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
    expect(decideAlertMove(known, alert, at(30))).toMatchObject({ effect: 'late', to: 'resolved' });
  });

  it('fires when the door took it after the resolve', () => {
    expect(decideAlertMove(known, alert, at(32))).toMatchObject({ effect: 'fires', to: 'firing' });
  });
});
