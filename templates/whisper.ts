import { type Incident, isOpen, type MitigationSummary } from '../lib/domain/incident.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { MITIGATION_NAMES, STATUS_NAMES } from '../lib/domain/names.ts';
import { message, section } from './blocks.ts';
import { stillFiring } from './incident-buttons.ts';
import { code, escapeText, joinText, type Mrkdwn, md, mention, sentence } from './text.ts';
import { describeAskers } from './words.ts';

/** Short answers that only the person who pressed sees. Each says what happened, that nothing was done, and what to do instead. */
const whisper = (text: Mrkdwn): ChatMessage => message(text, [section(text)]);

/**
 * An answer in one sentence of ours. It may begin with the person it is about; any other mention in it comes from
 * somebody's title and is none.
 */
export const renderWhisper = (text: string): ChatMessage => whisper(sentence(text, { mentions: 'leading' }));

const PEOPLE_SHOWN = 10;

/** `mayPress`: Slack ids of the people who may; empty when that is not known. */
export const whisperNotAllowed = (button: string, mayPress: readonly string[]): ChatMessage =>
  whisper(
    mayPress.length === 0
      ? md`You may not press *${button}*. Nothing was done. Who may is listed in \`triage.config.ts\`: ask the person who installed this bot.`
      : md`You may not press *${button}*. Nothing was done. Ask one of these people to press it: ${joinText(mayPress.slice(0, PEOPLE_SHOWN).map(mention), ', ')}.`,
  );

export const whisperUnknownPerson = (button: string): ChatMessage =>
  whisper(
    md`Slack did not confirm who you are, so *${button}* was not run. Nothing was done. Press it again in a minute; if this comes again, ask a full member of this workspace to press it. Bots and guests may not.`,
  );

/** The message that was pressed is older than the incident. */
export const whisperStale = (button: string, incident: Incident): ChatMessage =>
  whisper(
    md`*${button}* no longer fits: ${incident.id} is ${STATUS_NAMES[incident.status].toLowerCase()} now. Nothing was done. ${isOpen(incident) ? md`Use the buttons that the incident message shows now.` : md`Press *Reopen* first if it is not over.`}`,
  );

/** The button belongs to something that is not there any more. */
export const whisperGone = (button: string): ChatMessage =>
  whisper(
    md`*${button}* belongs to an incident that is not stored any more. Nothing was done. Send \`/mistral-triage status\` to see what is open.`,
  );

export const whisperRunning = (lease: MitigationSummary): ChatMessage =>
  whisper(
    md`*${MITIGATION_NAMES[lease.kind]}* is already under way. ${describeAskers(lease)} Your press was not counted. The incident message shows the outcome.`,
  );

/** `by`: Slack id of who was first. */
export const whisperAlreadyDone = (what: string, by: string): ChatMessage =>
  whisper(md`${escapeText(what, 100)} already, by ${mention(by)}. Nothing more was done.`);

/** Exactly what to do by hand, in the order in which to do it. */
export const whisperNoStandby = (service: string, secretId: string): ChatMessage =>
  whisper(
    md`No standby key is stored for ${escapeText(service, 60)}, so the key was not rotated. Do this by hand:\n1. Create a new key in the Mistral console: console.mistral.ai, page API keys.\n2. Store it as a new version of the secret ${code(secretId)} with the label ${code('STANDBY')}. In a local run: set ${code('MISTRAL_STANDBY_KEY')} and start again.\n3. Press *Rotate key* again.`,
  );

/** Resolving while alerts fire asks once and is then obeyed. */
export const whisperResolveAnyway = (incident: Incident): ChatMessage =>
  whisper(
    md`${incident.id} was not resolved. ${escapeText(stillFiring(incident, 300), 400)}. To resolve it anyway, send ${code(`/mistral-triage resolve ${incident.id} anyway`)}. The next new alert opens it again.`,
  );

export const whisperNotStored = (button: string): ChatMessage =>
  whisper(md`*${button}* could not be stored, so nothing was done. Press it again.`);
