import { describe, expect, it } from 'vitest';
import type { MitigationSummary } from '../../lib/domain/incident.ts';
import { blocksAnother, LEASE_STATES, type LeaseUndo } from '../../lib/domain/lease.ts';
import { afterUndo, endOf, keepSummaries, leaseTimers, stateAfterApply } from '../../lib/mitigate/lease.ts';

const ENDS = '2026-11-20T13:00:00.000Z';

describe('what an undo leaves', () => {
  const asked: LeaseUndo = { attempt: 1, why: 'asked', from: 'active' };
  const ended: LeaseUndo = { attempt: 1, why: 'ended', from: 'unknown' };

  it.each([
    ['done, asked for', asked, 'done', { state: 'reverted', expiresAt: ENDS }],
    ['done, because its time was over', ended, 'done', { state: 'expired', expiresAt: ENDS }],
    ['failed, asked for: what it was before, with its end', asked, 'failed', { state: 'active', expiresAt: ENDS }],
    ['failed at its end: what it was, until a person presses', ended, 'failed', { state: 'unknown', expiresAt: null }],
    ['not known: tried again at its end', ended, 'unknown', { state: 'unknown', expiresAt: ENDS }],
  ] as const)('%s', (_what, undo, result, left) => {
    expect(afterUndo({ expiresAt: ENDS }, undo, result)).toEqual(left);
  });
});

describe('what an apply leaves', () => {
  it.each([
    ['done', 'done', 'active'],
    ['done', 'failed', 'unknown'],
    ['done', 'unknown', 'unknown'],
    ['failed', 'failed', 'failed'],
    ['unknown', 'unknown', 'unknown'],
  ] as const)('applied %s, verified %s: %s', (applied, verified, state) => {
    expect(stateAfterApply(applied, verified)).toBe(state);
  });
});

describe('the end of a plan', () => {
  it('counts from when it is applied', () => {
    expect(endOf({ minutes: '60' }, Date.parse('2026-11-20T12:00:00.000Z'))).toBe(ENDS);
  });

  it.each([null, {}, { minutes: 'soon' }])('is never for %j', (plan) => {
    expect(endOf(plan, 0)).toBeNull();
  });
});

describe('a lease wakes its incident', () => {
  const lease = { id: 'LSE-1', expiresAt: ENDS, requestedAt: '2026-11-20T12:00:00.000Z' };
  const other = { kind: 'lease-end', dueMs: 1, refId: 'LSE-2' } as const;
  const stale = { kind: 'lease-end', dueMs: 1, refId: 'LSE-1' } as const;

  it.each(LEASE_STATES)(
    '%s: at its end where it is or may be in effect, at the end of its approval where it waits',
    (state) => {
      const kinds = leaseTimers([other, stale], { ...lease, state }, 15).filter((timer) => timer !== other);
      const end = { kind: 'lease-end', dueMs: Date.parse(ENDS), refId: 'LSE-1' };
      const approval = { kind: 'approval-end', dueMs: Date.parse('2026-11-20T12:15:00.000Z'), refId: 'LSE-1' };
      const inEffect = ['active', 'unknown', 'reverting'].includes(state);
      expect(kinds).toEqual(inEffect ? [end] : state === 'awaiting-approval' ? [approval] : []);
    },
  );

  it('by the list as it is when nothing changes', () => {
    const timers = leaseTimers([other], { ...lease, state: 'active' }, 15);
    expect(leaseTimers(timers, { ...lease, state: 'active' }, 15)).toBe(timers);
  });

  it('at no time when it has no end', () => {
    expect(leaseTimers([stale], { ...lease, state: 'active', expiresAt: null }, 15)).toEqual([]);
  });
});

describe('a second request of a kind', () => {
  it.each([
    ['rotate-key', ['proposed', 'awaiting-approval', 'applying', 'reverting']],
    ['enable-fallback', ['proposed', 'awaiting-approval', 'applying', 'active', 'unknown', 'reverting']],
  ] as const)('of %s is a double press while the first is %j', (kind, blocking) => {
    expect(LEASE_STATES.filter((state) => blocksAnother(kind, state)).toSorted()).toEqual([...blocking].toSorted());
  });
});

describe('the summaries of an incident', () => {
  const make = (
    nth: number,
    kind: MitigationSummary['kind'],
    state: MitigationSummary['state'],
  ): MitigationSummary => ({
    id: `LSE-${nth}`,
    kind,
    state,
    requestedBy: 'U1',
    approvedBy: null,
    expiresAt: null,
    outcome: '',
  });
  const many = (kind: MitigationSummary['kind'], state: MitigationSummary['state'], count: number) =>
    Array.from({ length: count }, (_, nth) => make(nth + 1, kind, state));

  it('keep what is in effect, however much came after it, and the newest of the rest', () => {
    const kept = keepSummaries([make(0, 'enable-fallback', 'active'), ...many('rotate-key', 'failed', 25)]);
    expect(kept.map(({ id }) => id)).toEqual(['LSE-0', ...Array.from({ length: 19 }, (_, nth) => `LSE-${nth + 7}`)]);
  });

  it('keep no more than twenty of rotations that all took effect, the newest', () => {
    const kept = keepSummaries([...many('rotate-key', 'active', 24), make(99, 'rotate-key', 'proposed')]);
    expect(kept).toHaveLength(20);
    expect(kept.at(0)?.id).toBe('LSE-6');
    expect(kept.at(-1)?.id).toBe('LSE-99');
  });

  it('stay as they are while there is room', () => {
    const few = many('rotate-key', 'failed', 20);
    expect(keepSummaries(few)).toEqual(few);
  });
});
