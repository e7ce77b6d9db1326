import type { SlackRequest } from '../domain/job.ts';
import { mayPress, type Permission, type Presser } from '../mitigate/approval.ts';
import type { Parts } from './parts.ts';

type PressParts = Pick<Parts, 'people' | 'settings' | 'log'>;

/** Who presses, as Slack knows them now; null when it does not know them, an absence of an answer throws. */
const presserOf = async (parts: PressParts, request: SlackRequest): Promise<Presser | null> => {
  const person = await parts.people.person(request.user);
  if (person === null) return null;
  return {
    user: request.user,
    isBot: request.isBot || person.isBot,
    isRestricted: person.isRestricted,
    allowedUsers: parts.settings.mayMitigate.users,
    groupMembers: await membersOf(parts),
  };
};

const SILENT = 'Slack could not be asked who you are: press again in a moment.';
const STRANGER = 'Slack does not know you in this workspace.';

/** Looked up at the click, never read from the message. Whatever cannot be known refuses. */
export const mayMitigateNow = (parts: PressParts, request: SlackRequest): Promise<Permission> =>
  permit(parts, request, mayPress);

/** The same door, with the rule handed in: an approval asks more of the person than a press. */
export const permit = async (
  parts: PressParts,
  request: SlackRequest,
  rule: (presser: Presser) => Permission,
): Promise<Permission> => {
  const presser = await presserOf(parts, request).catch(() => undefined);
  const decided =
    presser === undefined
      ? { allowed: false, why: SILENT }
      : presser === null
        ? { allowed: false, why: STRANGER }
        : rule(presser);
  parts.log('press.decided', {
    user: request.user,
    action: request.action,
    allowed: decided.allowed,
    why: decided.why,
  });
  return decided;
};

const membersOf = async (parts: PressParts): Promise<readonly string[] | 'unknown'> => {
  try {
    const groups = await Promise.all(
      parts.settings.mayMitigate.groups.map((group) => parts.people.groupMembers(group)),
    );
    return groups.flat();
  } catch {
    return 'unknown';
  }
};

/** Anybody in the workspace may do what only concerns the incident; a stranger or another program may not. Open when Slack is silent. */
export const mayTakePart = async (parts: PressParts, request: SlackRequest): Promise<Permission> => {
  if (request.isBot) return { allowed: false, why: 'Programs may not press buttons.' };
  const person = await parts.people.person(request.user).catch(() => undefined);
  if (person === undefined) return { allowed: true, why: 'Slack could not be asked; this step is open to all' };
  if (person === null || person.isBot) return { allowed: false, why: STRANGER };
  return { allowed: true, why: 'a person of this workspace' };
};
