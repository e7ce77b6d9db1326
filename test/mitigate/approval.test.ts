import { describe, expect, it } from 'vitest';
import { mayApprove, mayPress, type Presser } from '../../lib/mitigate/approval.ts';

const nobody: Presser = { user: 'U1', isBot: false, isRestricted: false, allowedUsers: [], groupMembers: [] };
const listed: Presser = { ...nobody, allowedUsers: ['U0', 'U1'] };
const member: Presser = { ...nobody, groupMembers: ['U1', 'U9'] };

describe('a mitigation may be pressed', () => {
  it.each([
    ['by a listed user', listed, true, /listed as a user/],
    ['by a member of an allowed group', member, true, /member of a group/],
    ['by a listed user while the groups are unknown', { ...listed, groupMembers: 'unknown' }, true, /listed as a user/],
    ['not by anybody when nothing is configured', nobody, false, /not among the people/],
    ['not by a user who is on no list', { ...listed, user: 'U2' }, false, /not among the people/],
    [
      'not by somebody whose groups cannot be known',
      { ...nobody, groupMembers: 'unknown' },
      false,
      /could not be asked/,
    ],
    ['not by a bot, listed or not', { ...listed, isBot: true }, false, /Bots may not/],
    ['not by a guest, listed or not', { ...listed, isRestricted: true }, false, /Guests/],
    ['not by a guest through a group', { ...member, isRestricted: true }, false, /Guests/],
    [
      'not by nobody, even if a list has an empty entry',
      { ...listed, user: '', allowedUsers: [''] },
      false,
      /not known who/,
    ],
    ['not by a part of a listed id', { ...listed, user: 'U' }, false, /not among the people/],
    ['not by the same letters in another case', { ...listed, user: 'u1' }, false, /not among the people/],
  ] as const)('%s', (_what, presser, allowed, why) => {
    const permission = mayPress(presser);
    expect(permission.allowed).toBe(allowed);
    expect(permission.why).toMatch(why);
  });
});

describe('a mitigation may be approved', () => {
  const lease = { state: 'awaiting-approval', requestedBy: 'U0', approvedBy: null } as const;
  const inTime = { nowMs: 999, endsMs: 1000, isIncidentOpen: true };

  it.each([
    ['by a second person who may press it', lease, listed, inTime, true, /second person/],
    ['by a second person through a group', lease, member, inTime, true, /second person/],
    ['not by who asked for it', lease, { ...listed, user: 'U0' }, inTime, false, /may not approve it/],
    ['not by who may not press it', lease, nobody, inTime, false, /not among the people/],
    [
      'not while groups cannot be known',
      lease,
      { ...nobody, groupMembers: 'unknown' },
      inTime,
      false,
      /could not be asked/,
    ],
    ['not by a bot', lease, { ...listed, isBot: true }, inTime, false, /Bots/],
    ['not at the end of its time', lease, listed, { ...inTime, nowMs: 1000 }, false, /time .* is over/],
    ['not after it', lease, listed, { ...inTime, nowMs: 1001 }, false, /time .* is over/],
    ['not when its end is no time', lease, listed, { ...inTime, endsMs: Number.NaN }, false, /time .* is over/],
    ['not when it runs already', { ...lease, state: 'applying' }, listed, inTime, false, /it is applying/],
    ['not when it was rejected', { ...lease, state: 'rejected' }, listed, inTime, false, /it is rejected/],
    ['not while its incident is resolved', lease, listed, { ...inTime, isIncidentOpen: false }, false, /is resolved/],
    ['not twice', { ...lease, approvedBy: 'U3' }, listed, inTime, false, /<@U3> has already approved/],
    ['not before it was prepared', { ...lease, state: 'proposed' }, listed, inTime, false, /it is proposed/],
  ] as const)('%s', (_what, waiting, approver, time, allowed, why) => {
    const permission = mayApprove(waiting, approver, time);
    expect(permission.allowed).toBe(allowed);
    expect(permission.why).toMatch(why);
  });
});
