import type { Lease } from '../domain/lease.ts';

export type Permission = {
  readonly allowed: boolean;
  readonly why: string;
  /** It is only this person who may not: somebody else can be asked. */
  readonly mayOthers?: boolean;
};

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
const denyPerson = (why: string): Permission => ({ allowed: false, why, mayOthers: true });

/** Who may press a mitigation. Nobody, unless configured; a membership that cannot be known is none. */
export const mayPress = ({ user, isBot, isRestricted, allowedUsers, groupMembers }: Presser): Permission => {
  if (user === '') return deny('It is not known who pressed.');
  if (isBot) return denyPerson('Bots may not run mitigations.');
  if (isRestricted) return denyPerson('Guests of the workspace may not run mitigations.');
  if (allowedUsers.includes(user)) return allow('listed as a user who may run mitigations');
  if (groupMembers === 'unknown') {
    return denyPerson('Slack could not be asked who is in the allowed groups: press again in a moment.');
  }
  if (groupMembers.includes(user)) return allow('a member of a group that may run mitigations');
  return denyPerson('You are not among the people who may run mitigations.');
};

/** When nobody can approve it any more. */
export const approvalEndMs = (lease: Pick<Lease, 'requestedAt'>, approvalMinutes: number): number =>
  Date.parse(lease.requestedAt) + approvalMinutes * 60_000;

/** Whether a second person was, or is, asked: the thread then has a message with the decision. */
export const neededApproval = (lease: Pick<Lease, 'state' | 'approvedBy' | 'undo'>): boolean =>
  lease.approvedBy !== null ||
  lease.state === 'awaiting-approval' ||
  lease.state === 'rejected' ||
  (lease.state === 'expired' && !lease.undo);

/**
 * Whether this person may approve or reject this lease: somebody else than asked for it, who may press it too, in time, and while its
 * incident is open.
 */
export const mayApprove = (
  lease: Pick<Lease, 'state' | 'requestedBy' | 'approvedBy'>,
  approver: Presser,
  now: { readonly nowMs: number; readonly endsMs: number; readonly isIncidentOpen: boolean },
): Permission => {
  if (lease.state !== 'awaiting-approval') return deny(`This does not wait for an approval: it is ${lease.state}.`);
  if (lease.approvedBy !== null) return deny(`<@${lease.approvedBy}> has already approved it.`);
  const permission = mayPress(approver);
  if (!permission.allowed) return permission;
  if (approver.user === lease.requestedBy)
    return denyPerson('Who asked for it may not approve it: a second person must.');
  // Written so that a time that is no number denies.
  if (!(now.nowMs < now.endsMs)) return deny('The time for the approval is over: ask for it again.');
  if (!now.isIncidentOpen) return deny('Its incident is resolved, so nothing was changed: reopen the incident first.');
  return allow(`a second person, ${permission.why}`);
};
