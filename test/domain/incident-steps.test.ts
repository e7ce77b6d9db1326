import { describe, expect, it } from 'vitest';
import type { Incident, NoteKind } from '../../lib/domain/incident.ts';
import { BOT, changeIncident, dueOf, NEVER_MS, setTimer } from '../../lib/domain/incident-change.ts';
import {
  acknowledge,
  assign,
  postUpdate,
  reopen,
  resolve,
  type Step,
  setSeverity,
  unacknowledge,
} from '../../lib/domain/incident-steps.ts';
import { isOpenLease, LEASE_STATES, mayMove } from '../../lib/domain/lease.ts';
import { at, atMs, makeIncident, makeMoment } from '../make.ts';

const incident = makeIncident();
const moment = makeMoment(60);
const taken = (step: Step): Incident => {
  if ('refused' in step) throw new Error(step.refused);
  return step.incident;
};
const refusal = (step: Step): string => ('refused' in step ? step.refused : '');
const over = taken(resolve(incident, { actor: 'U0MAYA', because: 'done.' }, moment));

describe('a person’s step', () => {
  it('acknowledges once; the second person hears who was first', () => {
    const acknowledged = taken(acknowledge(incident, 'U0MAYA', moment));
    expect(acknowledged).toMatchObject({ acknowledgedBy: 'U0MAYA', milestones: { acknowledged: at(60) } });
    expect(refusal(acknowledge(acknowledged, 'U0NOAH', moment))).toContain('<@U0MAYA>');
    expect(refusal(acknowledge(acknowledged, 'U0MAYA', moment))).toContain('You have already');
  });

  it('never lets a late acknowledge undo a resolve', () => {
    expect(refusal(acknowledge(over, 'U0MAYA', moment))).toContain('already resolved');
  });

  it('takes an acknowledgement back, and keeps when it was first given', () => {
    const back = taken(unacknowledge(taken(acknowledge(incident, 'U0MAYA', moment)), 'U0MAYA', makeMoment(90)));
    expect(back).toMatchObject({ acknowledgedBy: null, milestones: { acknowledged: at(60) } });
    expect(refusal(unacknowledge(incident, 'U0MAYA', moment))).toContain('Nobody');
  });

  it('assigns a commander, and another one later', () => {
    const first = taken(assign(incident, { commander: 'U0MAYA', by: 'U0MAYA' }, moment));
    const second = taken(assign(first, { commander: 'U0NOAH', by: 'U0MAYA' }, makeMoment(90)));
    expect(second).toMatchObject({ commander: 'U0NOAH', milestones: { commanderAssigned: at(60) } });
    expect(refusal(assign(second, { commander: 'U0NOAH', by: 'U0MAYA' }, moment))).toContain('already');
    expect(refusal(assign(over, { commander: 'U0NOAH', by: 'U0MAYA' }, moment))).toContain('already resolved');
  });

  it('sets a severity that stays', () => {
    expect(taken(setSeverity(incident, 'P4', 'U0MAYA', moment))).toMatchObject({
      severity: 'P4',
      severitySetBy: 'person',
    });
  });

  it('resolves although alerts fire, says what is still active, and stops the checks', () => {
    const lease = {
      id: 'L',
      kind: 'enable-fallback',
      state: 'active',
      requestedBy: 'U',
      approvedBy: null,
      expiresAt: null,
      outcome: '',
    } as const;
    const resolved = taken(
      resolve(makeIncident({ mitigations: [lease] }), { actor: 'U0MAYA', because: 'enough.' }, moment),
    );
    expect(resolved).toMatchObject({ status: 'resolved', milestones: { resolved: at(60) }, timers: [] });
    expect(resolved.outbox.notes[0]?.text).toContain('1 mitigation is still active');
    const rotated = makeIncident({ mitigations: [{ ...lease, kind: 'rotate-key' }] });
    const well = taken(resolve(rotated, { actor: 'U0MAYA', because: 'enough.' }, moment));
    expect(well.outbox.notes[0]?.text).toBe('Resolved by <@U0MAYA>: enough.');
    expect(refusal(resolve(over, { actor: 'U0MAYA', because: '' }, moment))).toContain('already resolved');
  });

  it('reopens what is resolved, and checks at once', () => {
    const again = taken(reopen(over, { actor: 'U0MAYA', because: 'no.' }, makeMoment(90)));
    expect(again).toMatchObject({ status: 'investigating', goodChecks: 0 });
    expect(again.milestones.resolved).toBeUndefined();
    expect(again.timers).toEqual([{ kind: 'recheck', dueMs: atMs(90), refId: null }]);
    expect(refusal(reopen(incident, { actor: 'U0MAYA', because: '' }, moment))).toContain('open');
    const openId = 'INC-261120-OTHER234';
    expect(refusal(reopen(over, { actor: 'U0MAYA', because: '', openId }, moment))).toContain(openId);
  });

  it('tells an update with its author', () => {
    expect(taken(postUpdate(incident, 'U0MAYA', 'on it', moment)).outbox.notes.map(({ text }) => text)).toEqual([
      '<@U0MAYA>: on it',
    ]);
  });

  it('makes the message due, leaves a timeline entry, and keeps at most 40 notes while nobody hears them', () => {
    let long = incident;
    for (let nth = 0; nth < 60; nth += 1)
      long = taken(postUpdate(long, 'U0MAYA', `update ${nth}`, makeMoment(60 + nth, `n${nth}`)));
    expect(long.outbox.notes).toHaveLength(40);
    expect(long.outbox.notes.at(-1)?.text).toContain('update 59');
    expect(long.outbox.unfiled.length).toBeGreaterThanOrEqual(60);
    expect(long.outbox.notBeforeMs).toBe(atMs(60));
    expect(long.revision).toBe(incident.revision + 60);
  });
});

const happens = (
  before: Incident,
  seconds: number,
  kind: NoteKind,
  actor = BOT,
  patch: Partial<Incident> = {},
): Incident =>
  changeIncident(before, makeMoment(seconds, `h${seconds}`), patch, [
    { kind: 'update', actor, text: `${kind} ${seconds}`, note: { kind } },
  ]);

describe('while nobody hears', () => {
  it('what must be answered stays, then how it ended, then what it is; the oldest updates go first', () => {
    let long = happens(happens(happens(incident, 1, 'approval'), 2, 'diagnosis'), 3, 'resolution');
    for (let nth = 4; nth < 90; nth += 1) long = happens(long, nth, 'update');
    expect(long.outbox.notes).toHaveLength(40);
    expect(long.outbox.notes.slice(0, 4).map(({ text }) => text)).toEqual([
      'approval 1',
      'diagnosis 2',
      'resolution 3',
      'update 53',
    ]);
    for (let nth = 90; nth < 190; nth += 1) long = happens(long, nth, 'diagnosis');
    expect(long.outbox.notes.map(({ kind }) => kind).filter((kind) => kind !== 'diagnosis')).toEqual([
      'approval',
      'resolution',
    ]);
  });

  it('long notes go before there are many of them, but the newest never', () => {
    let long = happens(incident, 1, 'approval');
    for (let nth = 2; nth < 20; nth += 1)
      long = changeIncident(long, makeMoment(nth, `l${nth}`), {}, [
        { kind: 'update', actor: BOT, text: `${nth} ${'漢'.repeat(5_000)}`, note: { kind: 'update' } },
      ]);
    expect(Buffer.byteLength(JSON.stringify(long.outbox.notes))).toBeLessThan(7_000);
    expect(long.outbox.notes.map(({ text }) => text.slice(0, 10).split(' ')[0])).toEqual(['approval', '19']);
  });
});

describe('a message that was put off', () => {
  const later: Incident = { ...incident, outbox: { notes: [], unfiled: [], notBeforeMs: atMs(900) } };

  it('stays so when more alerts come', () => {
    expect(happens(later, 60, 'update').outbox.notBeforeMs).toBe(atMs(900));
  });

  it('is tried at once when a person acted, or when it became a P1', () => {
    expect(happens(later, 60, 'update', 'U0MAYA').outbox.notBeforeMs).toBe(atMs(60));
    expect(happens(later, 60, 'update', BOT, { severity: 'P1' }).outbox.notBeforeMs).toBe(atMs(60));
    expect(happens({ ...later, severity: 'P1' }, 60, 'update', BOT).outbox.notBeforeMs).toBe(atMs(900));
  });

  it('is due at once when nothing waited', () => {
    const told: Incident = { ...incident, outbox: { notes: [], unfiled: [], notBeforeMs: null } };
    expect(happens(told, 60, 'update').outbox.notBeforeMs).toBe(atMs(60));
  });
});

describe('when an incident needs somebody', () => {
  it.each([
    [
      'never, while it is open and quiet',
      makeIncident({ timers: [], outbox: { notes: [], unfiled: [], notBeforeMs: null } }),
      NEVER_MS,
    ],
    ['no more, when it is resolved and told', { ...over, outbox: { notes: [], unfiled: [], notBeforeMs: null } }, null],
    ['when its message is due', { ...incident, timers: [], outbox: { notes: [], unfiled: [], notBeforeMs: 5 } }, 5],
    [
      'at its next timer',
      {
        ...incident,
        timers: setTimer([], { kind: 'recheck', dueMs: 3, refId: null }),
        outbox: { notes: [], unfiled: [], notBeforeMs: 5 },
      },
      3,
    ],
  ] as const)('%s', (_name, which, due) => {
    expect(dueOf(which)).toBe(due);
  });

  it('has one timer of a kind and reference', () => {
    const one = setTimer([], { kind: 'lease-end', dueMs: 1, refId: 'a' });
    const two = setTimer(one, { kind: 'lease-end', dueMs: 2, refId: 'b' });
    expect(setTimer(two, { kind: 'lease-end', dueMs: 9, refId: 'a' })).toHaveLength(2);
    expect(setTimer(two, { kind: 'lease-end', dueMs: null, refId: 'a' })).toEqual([
      { kind: 'lease-end', dueMs: 2, refId: 'b' },
    ]);
  });
});

describe('a lease', () => {
  it('that has ended moves no more, and is no double press', () => {
    for (const ended of ['rejected', 'failed', 'reverted', 'expired'] as const) {
      expect(LEASE_STATES.filter((state) => mayMove(ended, state))).toEqual([]);
      expect(isOpenLease(ended)).toBe(false);
    }
  });

  it.each(LEASE_STATES)('never goes from %s to what it is', (state) => {
    expect(mayMove(state, state)).toBe(false);
  });
});
