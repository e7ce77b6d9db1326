import type { Lease } from '../domain/lease.ts';

export type Permission = { readonly allowed: boolean; readonly why: string };

export type Presser = {
  readonly user: string;
  readonly isBot: boolean;
  /** A guest of the workspace. */
  readonly isRestricted: boolean;
  readonly allowedUsers: readonly string[];
  /** Of all allowed groups together, asked at the click; `unknown` when it could not be asked. */
  readonly groupMembers: readonly string[] | 'unknown';
};

const allow = (why: string): Permission => ({ allowed: true, why });
const deny = (why: string): Permission => ({ allowed: false, why });

/** Who may press a mitigation. Nobody, unless configured; a membership that cannot be known is none. */
export const mayPress = ({ user, isBot, isRestricted, allowedUsers, groupMembers }: Presser): Permission => {
  if (user === '') return deny('It is not known who pressed.');
  if (isBot) return deny('Bots may not run mitigations.');
  if (isRestricted) return deny('Guests of the workspace may not run mitigations.');
  if (allowedUsers.includes(user)) return allow('listed as a user who may run mitigations');
  if (groupMembers === 'unknown') {
    return deny('Slack could not be asked who is in the allowed groups, so nothing was run. Try again in a moment.');
  }
  if (groupMembers.includes(user)) return allow('a member of a group that may run mitigations');
  return deny(
    'You are not among the people who may run mitigations: ask the platform owner, or somebody on that list.',
  );
};

/** Whether this person may approve this lease: somebody else than asked for it, who may press it too, and in time. */
export const mayApprove = (
  lease: Pick<Lease, 'state' | 'requestedBy'>,
  approver: Presser,
  time: { readonly nowMs: number; readonly endsMs: number },
): Permission => {
  if (lease.state !== 'awaiting-approval') return deny(`This does not wait for an approval: it is ${lease.state}.`);
  const permission = mayPress(approver);
  if (!permission.allowed) return permission;
  if (approver.user === lease.requestedBy) return deny('Who asked for it may not approve it: a second person must.');
  // Written so that a time that is no number denies.
  if (!(time.nowMs < time.endsMs)) return deny('The time for the approval is over: ask for it again.');
  return allow(`a second person, ${permission.why}`);
};
