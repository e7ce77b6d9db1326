import { describe, expect, it } from 'vitest';
import { decideAlertMove } from '../../lib/correlate/alert-order.ts';
import type { AlertState } from '../../lib/domain/alert.ts';
import { at, makeAlert } from '../make.ts';
import { OPEN } from './desk.ts';

type Known = Parameters<typeof decideAlertMove>[0];

const known = (state: AlertState, startedAt: string | null, endedAt: string | null, changedAt = at(0)): Known => ({
  state,
  startedAt,
  endedAt,
  changedAt,
});
const firing = (startedAt: string | null) => makeAlert({ state: 'firing', startedAt });
const resolved = (endedAt: string | null) => makeAlert({ state: 'resolved', endedAt });

describe('one received alert', () => {
  it.each([
    ['fires when its key was never seen', null, firing(at(0)), 1, 'fires', 'firing'],
    ['repeats while it fires', known('firing', at(0), null), firing(at(0)), 60, 'repeats', 'firing'],
    [
      'repeats while it fires, also when its start moved backward',
      known('firing', at(0), null),
      firing(at(-90)),
      60,
      'repeats',
      'firing',
    ],
    ['resolves what fires', known('firing', at(0), null), resolved(at(30)), 31, 'resolves', 'resolved'],
    [
      'resolves without an end of its own by the door’s clock',
      known('firing', at(0), null),
      resolved(null),
      31,
      'resolves',
      'resolved',
    ],
    [
      'is late when it ended before the present episode began',
      known('firing', at(100), null),
      resolved(at(50)),
      101,
      'late',
      'firing',
    ],
    [
      'repeats when it was resolved already',
      known('resolved', at(0), at(30)),
      resolved(at(30)),
      40,
      'repeats',
      'resolved',
    ],
    [
      'fires again after a resolve with a later start',
      known('resolved', at(0), at(30)),
      firing(at(31)),
      32,
      'fires',
      'firing',
    ],
    [
      'is late when it started before the resolve it arrives after',
      known('resolved', at(0), at(30), at(31)),
      firing(at(0)),
      33,
      'late',
      'resolved',
    ],
    [
      'is late when it started in the second of the resolve',
      known('resolved', at(0), at(30), at(31)),
      firing(at(30)),
      33,
      'late',
      'resolved',
    ],
    [
      'fires all the same when no sender would still be retrying',
      known('resolved', at(0), at(30), at(31)),
      firing(at(0)),
      332,
      'fires',
      'firing',
    ],
    [
      'is still late at the end of the time in which senders retry',
      known('resolved', at(0), at(30), at(31)),
      firing(at(0)),
      331,
      'late',
      'resolved',
    ],
    [
      'fires after a resolve when it has no start',
      known('resolved', at(0), at(30), at(31)),
      firing(null),
      33,
      'fires',
      'firing',
    ],
    ['opens nothing as no data', null, makeAlert({ state: 'nodata' }), 1, 'nodata', 'nodata'],
    ['does not close as no data', known('firing', at(0), null), makeAlert({ state: 'nodata' }), 1, 'late', 'firing'],
    [
      'does not undo a resolve as no data',
      known('resolved', at(0), at(30)),
      makeAlert({ state: 'nodata' }),
      40,
      'late',
      'resolved',
    ],
    ['fires after no data', known('nodata', null, null), firing(at(5)), 6, 'fires', 'firing'],
    ['resolved without having been seen is kept and opens nothing', null, resolved(at(10)), 11, 'resolves', 'resolved'],
  ] as const)('%s', (_name, before, alert, acceptedAt, effect, to) => {
    const move = decideAlertMove(before, alert, at(acceptedAt), OPEN);
    expect({ effect: move.effect, to: move.to, from: move.from }).toEqual({ effect, to, from: before?.state ?? null });
    expect(move.reason).not.toBe('');
  });
});

describe('a firing of a key whose incident was resolved while it fired', () => {
  const home = { resolvedAt: at(600), reopenWithinMs: 1_800_000 };
  const lasting = known('firing', at(0), null, at(5));
  it.each([
    ['fires when it started after the resolve', lasting, firing(at(601)), 602, 'fires'],
    ['repeats when it started in the moment of the resolve', lasting, firing(at(600)), 602, 'repeats'],
    ['repeats while the incident could be reopened', lasting, firing(at(0)), 2_400, 'repeats'],
    ['fires when the incident can no longer be reopened', lasting, firing(at(0)), 2_401, 'fires'],
    ['repeats without a start while the incident could be reopened', lasting, firing(null), 2_400, 'repeats'],
    ['fires without a start when it can no longer be reopened', lasting, firing(null), 2_401, 'fires'],
    ['repeats with an earlier start than before', lasting, firing(at(-90)), 700, 'repeats'],
    [
      'repeats when its sender’s clock is ahead and it is the same',
      known('firing', at(660), null),
      firing(at(660)),
      700,
      'repeats',
    ],
    ['repeats when it began again since', known('firing', at(601), null, at(602)), firing(at(601)), 9_000, 'repeats'],
  ] as const)('%s', (_name, before, alert, acceptedAt, effect) => {
    expect(decideAlertMove(before, alert, at(acceptedAt), home)).toMatchObject({
      effect,
      from: 'firing',
      to: 'firing',
    });
  });

  it('says why', () => {
    expect(decideAlertMove(lasting, firing(at(601)), at(602), home).reason).toContain('started after its incident');
    expect(decideAlertMove(lasting, firing(null), at(9_000), home).reason).toContain('still fires long after');
  });
});
