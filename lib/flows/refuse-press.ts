import { whisperNotAllowed } from '../../templates/whisper.ts';
import { rememberJobs, wasApplied } from '../domain/applied-jobs.ts';
import { changeIncident } from '../domain/incident-change.ts';
import type { SlackRequest } from '../domain/job.ts';
import type { ChatMessage } from '../domain/message.ts';
import { clip } from '../domain/plain-text.ts';
import type { Permission } from '../mitigate/approval.ts';
import { changeStored } from './change-incident.ts';
import { momentOf, type Parts } from './parts.ts';
import { type Asked, buttonName } from './take-step.ts';

/** What is told to whoever may not press: which button, that nothing was done, why, and whom to ask where that helps. */
export const refusePress = async (
  parts: Pick<Parts, 'people' | 'settings'>,
  request: SlackRequest,
  permission: Permission,
): Promise<ChatMessage> => {
  const others = permission.mayOthers === true ? await whoElseMay(parts, request.user) : null;
  return whisperNotAllowed(buttonName(request), permission.why, others);
};

/**
 * The same for a mitigation, and the timeline of its incident keeps who wanted what and why not: once, however often the job comes.
 * Nothing else of the incident changes, so that nobody is told of it and no message is edited.
 */
export const refuseMitigation = async (
  parts: Pick<Parts, 'people' | 'settings' | 'store' | 'nudge' | 'clock' | 'ids'>,
  { job, request }: Asked,
  permission: Permission,
  incidentId: string,
): Promise<ChatMessage> => {
  await changeStored(parts, incidentId, (incident) => {
    if (wasApplied(incident, job.id)) return { answer: null };
    const what = request.action === 'command' ? `/mistral-triage ${request.value}` : buttonName(request);
    const text = `<@${request.user}> pressed ${clip(what, 80)} and was refused: ${permission.why}`;
    const { outbox } = changeIncident(incident, momentOf(parts), {}, [
      { kind: 'mitigation', actor: request.user, text },
    ]);
    return { incident: { ...incident, outbox, applied: rememberJobs(incident, [job.id]) }, answer: null };
  });
  return refusePress(parts, request, permission);
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
