import type { Incident, Note } from '../lib/domain/incident.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { formatClock } from '../lib/domain/utc.ts';
import { message, section } from './blocks.ts';
import { md, sentence } from './text.ts';
import { untrustedOf } from './words.ts';

/** One thing that happened, told in the thread. */
export const renderUpdate = (incident: Incident, note: Note): ChatMessage => {
  const text = sentence(note.text, { untrusted: untrustedOf(incident) });
  return message(text, [section(md`${formatClock(note.at, incident.createdAt)} · ${text}`)]);
};
