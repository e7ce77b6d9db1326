import { renderWhisper, whisperGone } from '../../templates/whisper.ts';
import { rememberJobs, wasApplied } from '../domain/applied-jobs.ts';
import type { Incident } from '../domain/incident.ts';
import type { Moment } from '../domain/incident-change.ts';
import type { Step } from '../domain/incident-steps.ts';
import type { Job, SlackRequest } from '../domain/job.ts';
import type { ChatMessage } from '../domain/message.ts';
import { BUTTON_NAMES } from '../domain/names.ts';
import { type StepCommand, stepByPerson } from '../domain/person-step.ts';
import { changeStored } from './change-incident.ts';
import { momentOf, type Parts } from './parts.ts';
import { claimGroupOf } from './point-group.ts';

/** A person's wish and the job that brought it. */
export type Asked = { readonly job: Job; readonly request: SlackRequest };

/** What a person calls what they pressed or typed. */
export const buttonName = (request: SlackRequest): string => BUTTON_NAMES[request.action] ?? 'This command';

/** A person's step on an incident, once however often its job is delivered. Returns what to tell the person, or null. */
const takeStep = async (
  parts: Pick<Parts, 'store' | 'nudge' | 'clock' | 'ids' | 'log' | 'settings'>,
  { job, request }: Asked,
  incidentId: string,
  step: (incident: Incident, moment: Moment) => Step,
): Promise<ChatMessage | null> => {
  const answer = await changeStored<string>(parts, incidentId, (incident) => {
    if (wasApplied(incident, job.id)) return { answer: '' };
    const taken = step(incident, momentOf(parts));
    const why = 'refused' in taken ? taken.refused : taken.reason;
    parts.log('step.decided', { incident: incidentId, action: request.action, taken: 'incident' in taken, why });
    if ('refused' in taken) return { answer: taken.refused };
    return { incident: { ...taken.incident, applied: rememberJobs(taken.incident, [job.id]) }, answer: '' };
  });
  if (answer === null) return whisperGone(buttonName(request));
  return answer === '' ? null : renderWhisper(answer);
};

/** The same for a button and a command. */
export const takePersonStep = async (
  parts: Pick<Parts, 'store' | 'nudge' | 'clock' | 'ids' | 'log' | 'settings'>,
  asked: Asked,
  command: StepCommand,
  incidentId: string,
): Promise<ChatMessage | null> => {
  const openId = command.verb === 'reopen' ? await claimGroupOf(parts, incidentId) : null;
  const who = { user: asked.request.user, openId };
  return takeStep(parts, asked, incidentId, (incident, moment) => stepByPerson(incident, command, who, moment));
};
