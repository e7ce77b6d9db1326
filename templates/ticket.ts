import type { Incident, Note } from '../lib/domain/incident.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { formatClock } from '../lib/domain/utc.ts';
import { context, message, section } from './blocks.ts';
import { md, sentence } from './text.ts';
import { count, untrustedOf } from './words.ts';

/** Told in the thread: where the text for the provider lies, what is in it, and what to do with it. */
export const renderTicketNote = (incident: Incident, note: Note): ChatMessage => {
  const text = sentence(note.text, { untrusted: untrustedOf(incident) });
  const findings = incident.diagnosis?.probes ?? [];
  const ids = findings.filter(
    ({ evidence }) => evidence?.correlationId !== undefined || evidence?.requestId !== undefined,
  ).length;
  const found =
    ids === 0
      ? 'Mistral gave no id with its answers: the times and models have to do'
      : `It names ${count(ids, 'call')} by the ids that Mistral gave`;
  return message(text, [
    section(md`${formatClock(note.at, incident.createdAt)} · ${text}`),
    section(
      md`Send it to Mistral support as it is, in the name of the organisation that the key belongs to. ${found}.`,
    ),
    context([md`No prompts, keys or names of customers are in it.`]),
  ]);
};
