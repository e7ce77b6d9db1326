import type { Incident } from '../lib/domain/incident.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { message, section } from './blocks.ts';
import { stillFiring } from './incident-buttons.ts';
import { code, EMPTY, escapeText, joinText, type Mrkdwn, md, mention, sentence } from './text.ts';

/** Short answers that only the person who pressed sees. Each says what happened, that nothing was done, and what to do instead. */
const whisper = (text: Mrkdwn): ChatMessage => message(text, [section(text)]);

/**
 * An answer in one sentence of ours. It may begin with the person it is about; any other mention in it comes from
 * somebody's title and is none.
 */
export const renderWhisper = (text: string): ChatMessage => whisper(sentence(text, { mentions: 'leading' }));

const PEOPLE_SHOWN = 10;

/** `mayPress`: Slack ids of the people who may, empty when none is known; null where asking somebody else does not help. */
export const whisperNotAllowed = (button: string, why: string, mayPress: readonly string[] | null): ChatMessage =>
  whisper(
    joinText(
      [
        md`*${button}* was not run, nothing was changed.`,
        sentence(why, { mentions: 'leading' }),
        mayPress === null ? EMPTY : whomToAsk(mayPress),
      ],
      ' ',
    ),
  );

const whomToAsk = (mayPress: readonly string[]): Mrkdwn => {
  if (mayPress.length === 0)
    return md`Who may is listed in \`triage.config.ts\`: ask the person who installed this bot.`;
  const shown = joinText(mayPress.slice(0, PEOPLE_SHOWN).map(mention), ', ');
  const more = mayPress.length - PEOPLE_SHOWN;
  return md`Ask one of these people to press it: ${shown}${more > 0 ? ` or ${more} more` : ''}.`;
};

/** The button belongs to something that is not there any more. */
export const whisperGone = (button: string): ChatMessage =>
  whisper(
    md`*${button}* belongs to an incident that is not stored any more. Nothing was done. Send \`/mistral-triage status\` to see what is open.`,
  );

/** `by`: Slack id of who was first. */
export const whisperAlreadyDone = (what: string, by: string): ChatMessage =>
  whisper(md`${escapeText(what, 100)} already, by ${mention(by)}. Nothing more was done.`);

const DONE = {
  ack: 'Acknowledged',
  unack: 'The acknowledgement is taken back',
  assign: 'Assigned',
  severity: 'The severity is set',
  update: 'Told in the thread',
  resolve: 'Resolved',
  reopen: 'Reopened',
  evidence: 'Evidence is being collected; the thread says where it is',
  postmortem: 'The postmortem is being drafted; the thread says where it is',
  'rotate-key': 'Rotate key is under way; the incident message shows the outcome',
  'fallback-on': 'Enable fallback is under way; the incident message shows the outcome',
  'fallback-off': 'The fallback is being taken back; the incident message shows the outcome',
} as const;

/** A command that was obeyed: without this a person on a phone cannot tell that anything happened. */
export const whisperDone = (verb: keyof typeof DONE, incident: Incident): ChatMessage =>
  whisper(md`${DONE[verb]}: ${incident.id}, ${escapeText(incident.title, 80)}.`);

/** Resolving while alerts fire asks once and is then obeyed. */
export const whisperResolveAnyway = (incident: Incident): ChatMessage =>
  whisper(
    md`${incident.id} was not resolved. ${escapeText(stillFiring(incident, 300), 400)}. To resolve it anyway, send ${code(`/mistral-triage resolve ${incident.id} anyway`)}. The next new alert opens it again.`,
  );
