import { renderWhisper, whisperGone } from '../../templates/whisper.ts';
import { readCommand } from '../domain/command.ts';
import { ASK_AGAIN, type Job, type SlackRequest } from '../domain/job.ts';
import type { MitigationKind } from '../domain/lease.ts';
import type { ChatMessage } from '../domain/message.ts';
import { commandOfButton } from '../domain/person-step.ts';
import { redact } from '../report/redact.ts';
import { answerCommand, askTriage } from './answer-command.ts';
import { decideApproval } from './decide-approval.ts';
import { mayMitigateNow, mayTakePart } from './may-press.ts';
import type { Parts } from './parts.ts';
import { refuseMitigation, refusePress } from './refuse-press.ts';
import { askForMitigation, askForUndo } from './request-mitigation.ts';
import { type Asked, buttonName, takePersonStep } from './take-step.ts';

/** A click or command, accepted and now worked on. Whatever the answer, the person hears it. */
export const answerSlack = async (parts: Parts, job: Job, told: SlackRequest): Promise<void> => {
  const request = { ...told, value: redact(told.value, await parts.heldSecrets()) };
  const asked = { job, request };
  const answer =
    request.action === 'command'
      ? await answerCommand(parts, asked, readCommand(request.value))
      : await press(parts, asked);
  if (answer !== null) await whisper(parts, request, answer);
};

/** Only this person sees it. Losing it in an outage of Slack is no loss of state, so it is not kept. */
const whisper = async (
  parts: Pick<Parts, 'people' | 'log'>,
  request: SlackRequest,
  message: ChatMessage,
): Promise<void> => {
  try {
    await parts.people.whisper({ channel: request.channel, user: request.user }, message);
  } catch (error) {
    parts.log('whisper.not-told', { action: request.action, why: error instanceof Error ? error.message : 'unknown' });
  }
};

const OTHER_VERSION = 'This button is of another version of the program. Nothing was done.';

const MITIGATION: Readonly<Record<string, MitigationKind>> = {
  'mitigation.rotate-key': 'rotate-key',
  'mitigation.enable-fallback': 'enable-fallback',
};

/** Returns what the person is told, or null when the message itself shows it. */
const press = async (parts: Parts, asked: Asked): Promise<ChatMessage | null> => {
  const { request } = asked;
  const kind = MITIGATION[request.action];
  if (kind) return askForMitigation(parts, asked, { kind, incidentId: request.value });
  if (request.action.startsWith('mitigation.')) return pressLease(parts, asked);
  const permission = await mayTakePart(parts, request);
  if (!permission.allowed) return refusePress(parts, request, permission);
  const command = commandOfButton(request.action, request.value);
  if (command) return takePersonStep(parts, asked, command, request.value);
  if (request.action === 'incident.triage' && request.value.startsWith(ASK_AGAIN))
    return askTriage(parts, asked, request.value.slice(ASK_AGAIN.length));
  return pressWork(parts, asked);
};

const pressLease = async (parts: Parts, asked: Asked): Promise<ChatMessage | null> => {
  const { request } = asked;
  switch (request.action) {
    // Asks itself who presses: an approval wants more than a press, and finds its own decision after a crash.
    case 'mitigation.approve':
      return decideApproval(parts, asked, true);
    case 'mitigation.reject':
      return decideApproval(parts, asked, false);
    case 'mitigation.undo':
      return pressUndo(parts, asked);
    default:
      return renderWhisper(OTHER_VERSION);
  }
};

const pressUndo = async (parts: Parts, asked: Asked): Promise<ChatMessage | null> => {
  const { request } = asked;
  const permission = await mayMitigateNow(parts, request);
  if (permission.allowed) return askForUndo(parts, asked, request.value);
  const lease = await parts.store.read('lease', request.value);
  return lease === null
    ? refusePress(parts, request, permission)
    : refuseMitigation(parts, asked, permission, lease.record.incidentId);
};

/** Buttons that start work of another worker. */
const pressWork = async (parts: Parts, { job, request }: Asked): Promise<ChatMessage | null> => {
  const incidentId = request.value;
  const known = await parts.store.read('incident', incidentId);
  if (!known) return whisperGone(buttonName(request));
  switch (request.action) {
    case 'incident.triage':
      await parts.jobs.put([
        { id: `triage:${job.id}`, queue: 'triage', body: { kind: 'triage', incidentId, askedBy: request.user } },
      ]);
      return renderWhisper('Asking the Mistral API again; the answer comes in the thread.');
    case 'evidence.collect':
      await parts.jobs.put([
        { id: `evidence:${job.id}`, queue: 'jobs', body: { kind: 'evidence', incidentId, actor: request.user } },
      ]);
      return null;
    case 'triage.ticket':
      await parts.jobs.put([
        { id: `ticket:${job.id}`, queue: 'jobs', body: { kind: 'ticket', incidentId, actor: request.user } },
      ]);
      return null;
    case 'postmortem.draft':
      await parts.jobs.put([
        { id: `postmortem:${job.id}`, queue: 'jobs', body: { kind: 'postmortem', incidentId, actor: request.user } },
      ]);
      return null;
    default:
      return renderWhisper(OTHER_VERSION);
  }
};
