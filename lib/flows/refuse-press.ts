import { whisperNotAllowed } from '../../templates/whisper.ts';
import type { SlackRequest } from '../domain/job.ts';
import type { ChatMessage } from '../domain/message.ts';
import type { Permission } from '../mitigate/approval.ts';
import type { Parts } from './parts.ts';
import { buttonName } from './take-step.ts';

/** What is told to whoever may not press: which button, that nothing was done, why, and whom to ask where that helps. */
export const refusePress = async (
  parts: Pick<Parts, 'people' | 'settings'>,
  request: SlackRequest,
  permission: Permission,
): Promise<ChatMessage> => {
  const others = permission.mayOthers === true ? await whoElseMay(parts, request.user) : null;
  return whisperNotAllowed(buttonName(request), permission.why, others);
};

/** A group that Slack does not tell us is left out: those who are known can be asked all the same. */
const whoElseMay = async (
  { people, settings }: Pick<Parts, 'people' | 'settings'>,
  user: string,
): Promise<readonly string[]> => {
  const { users, groups } = settings.mayMitigate;
  const members = await Promise.all(groups.map((group) => people.groupMembers(group).catch(() => [])));
  return [...new Set([...users, ...members.flat()])].filter((other) => other !== user);
};
