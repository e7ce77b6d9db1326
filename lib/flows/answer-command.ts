import { renderHelp } from '../../templates/help.ts';
import { renderStatus } from '../../templates/status.ts';
import { renderWhisper, whisperDone, whisperResolveAnyway } from '../../templates/whisper.ts';
import { type Command, typedAs } from '../domain/command.ts';
import { type Incident, isOpen } from '../domain/incident.ts';
import { NEVER_MS } from '../domain/incident-change.ts';
import type { ChatMessage } from '../domain/message.ts';
import type { StepCommand } from '../domain/person-step.ts';
import { mayMitigateNow, mayTakePart } from './may-press.ts';
import type { Parts } from './parts.ts';
import { refuseMitigation, refusePress } from './refuse-press.ts';
import { askForMitigation, askForUndo } from './request-mitigation.ts';
import { type Asked, takePersonStep } from './take-step.ts';
import { tellAnswer } from './tell-answer.ts';

/** Returns the answer that only the person sees, or null when the message itself shows it. */
export const answerCommand = async (parts: Parts, asked: Asked, command: Command): Promise<ChatMessage | null> => {
  const permission = await mayTakePart(parts, asked.request);
  if (!permission.allowed) return refusePress(parts, asked.request, permission);
  switch (command.verb) {
    case 'wrong':
      return renderWhisper(command.why);
    case 'help':
      return renderHelp();
    case 'status':
      return renderStatus(await openIncidents(parts));
    case 'triage':
      return askTriage(parts, asked, command.service);
    case 'ack':
    case 'unack':
    case 'assign':
    case 'severity':
    case 'update':
    case 'resolve':
    case 'reopen':
    case 'rotate-key':
    case 'fallback-on':
    case 'fallback-off':
    case 'evidence':
    case 'postmortem':
      return onIncident(parts, asked, command);
  }
};

type OnIncident = Extract<Command, { readonly incidentId: string | null }>;

const onIncident = async (parts: Parts, asked: Asked, command: OnIncident): Promise<ChatMessage | null> => {
  const chosen = await chooseIncident(parts, command);
  if ('ask' in chosen) return renderWhisper(chosen.ask);
  const { incident } = chosen;
  return (await obey(parts, asked, command, incident)) ?? whisperDone(command.verb, incident);
};

/** Returns why not, or what to do instead; null when it was done or is under way. */
const obey = async (
  parts: Parts,
  asked: Asked,
  command: OnIncident,
  incident: Incident,
): Promise<ChatMessage | null> => {
  switch (command.verb) {
    case 'rotate-key':
      return askForMitigation(parts, asked, { kind: 'rotate-key', incidentId: incident.id });
    case 'fallback-on':
      return askForMitigation(parts, asked, { kind: 'enable-fallback', incidentId: incident.id });
    case 'fallback-off':
      return undoFallback(parts, asked, incident);
    case 'evidence':
    case 'postmortem':
      await parts.jobs.put([
        {
          id: `${command.verb}:${asked.job.id}`,
          queue: 'jobs',
          body: { kind: command.verb, incidentId: incident.id, actor: asked.request.user },
        },
      ]);
      return null;
    case 'ack':
    case 'unack':
    case 'assign':
    case 'severity':
    case 'update':
    case 'resolve':
    case 'reopen':
      return stepOnIncident(parts, asked, command, incident);
  }
};

const stepOnIncident = async (
  parts: Parts,
  asked: Asked,
  command: StepCommand,
  incident: Incident,
): Promise<ChatMessage | null> => {
  if (command.verb === 'resolve' && !command.anyway && incident.totals.firing > 0)
    return whisperResolveAnyway(incident);
  return takePersonStep(parts, asked, command, incident.id);
};

type Chosen = { readonly incident: Incident } | { readonly ask: string };

const chooseIncident = async (parts: Parts, command: OnIncident): Promise<Chosen> => {
  if (command.incidentId !== null) {
    const stored = await parts.store.read('incident', command.incidentId);
    return stored
      ? { incident: stored.record }
      : { ask: `I know no incident ${command.incidentId}. \`/mistral-triage status\` lists the open ones.` };
  }
  const open = await openIncidents(parts);
  const [only, ...others] = open;
  const how = `/mistral-triage ${typedAs(command)}`;
  if (!only) return { ask: `No incident is open. Name a resolved one by its id, as in \`${how} INC-…\`.` };
  if (others.length > 0) {
    const some = open.slice(0, 5).map(({ id, severity, title }) => `${id} (${severity} ${title.slice(0, 60)})`);
    return {
      ask: `${open.length} incidents are open: say which, as in \`${how} ${only.id}\`. Open: ${some.join(', ')}.`,
    };
  }
  return { incident: only };
};

export const openIncidents = async (parts: Pick<Parts, 'store'>): Promise<readonly Incident[]> => {
  const keys = await parts.store.due('incident', NEVER_MS, 1_000);
  const stored = await Promise.all(keys.map(({ key }) => parts.store.read('incident', key)));
  return stored
    .flatMap((one) => (one && isOpen(one.record) ? [one.record] : []))
    .sort((one, other) => other.createdAt.localeCompare(one.createdAt));
};

const undoFallback = async (parts: Parts, asked: Asked, incident: Incident): Promise<ChatMessage | null> => {
  const permission = await mayMitigateNow(parts, asked.request);
  if (!permission.allowed) return refuseMitigation(parts, asked, permission, incident.id);
  const active = incident.mitigations.findLast(
    ({ kind, state }) => kind === 'enable-fallback' && (state === 'active' || state === 'unknown'),
  );
  return active ? askForUndo(parts, asked, active.id) : renderWhisper(`No fallback is on for ${incident.id}.`);
};

/** `service` as it is typed; null: the first one. The answer comes by itself, by a button in the message that it stands under. */
export const askTriage = async (parts: Parts, { job, request }: Asked, service: string | null): Promise<null> => {
  const { channel, user, messageTs } = request;
  const answer = {
    id: messageTs === null ? job.id : `${channel}:${messageTs}`,
    messageTs,
    askedAt: job.body.kind === 'slack' ? job.body.acceptedAt : '',
  };
  const body = { kind: 'ask-triage', service, channel, user, answer } as const;
  await parts.jobs.put([{ id: `ask:${job.id}`, queue: 'triage', body }]);
  if (messageTs === null || service === null) return null;
  // So that whoever pressed sees it at once.
  const { probeDeadlineMs: deadlineMs } = parts.settings;
  await tellAnswer(parts, { ...body, kind: 'triage-progress', answered: [], nth: 0, deadlineMs, service });
  return null;
};
