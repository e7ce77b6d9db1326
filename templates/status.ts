import type { Incident } from '../lib/domain/incident.ts';
import { isOpen } from '../lib/domain/incident.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { STATUS_NAMES } from '../lib/domain/names.ts';
import { formatClock } from '../lib/domain/utc.ts';
import { context, divider, message, section } from './blocks.ts';
import { describeAction } from './incident-action.ts';
import { EMPTY, escapeText, type Mrkdwn, md, mention } from './text.ts';
import { count, SEVERITY_SIGNS, serviceName, sinceWell } from './words.ts';

const SHOWN = 15;

/** The answer to `/mistral-triage status`: open incidents, most severe first, then oldest first. */
export const renderStatus = (incidents: readonly Incident[]): ChatMessage => {
  const open = incidents
    .filter(isOpen)
    .toSorted(
      (one, other) => one.severity.localeCompare(other.severity) || one.createdAt.localeCompare(other.createdAt),
    );
  if (open.length === 0) {
    const text = md`No incident is open. Send \`/mistral-triage\` to check Mistral now.`;
    return message(text, [section(text)]);
  }
  const more = open.length - SHOWN;
  return message(md`${count(open.length, 'open incident')}`, [
    section(md`*${count(open.length, 'open incident')}*`),
    ...open.slice(0, SHOWN).flatMap((incident) => [divider(), section(incidentLine(incident))]),
    context([
      more > 0 ? md`and ${more} more, less severe or newer` : md`The buttons are in the message of each incident.`,
    ]),
  ]);
};

const incidentLine = (incident: Incident): Mrkdwn => {
  const sign = `${SEVERITY_SIGNS[incident.severity]} ${incident.severity}`;
  const title = escapeText(incident.title, 120);
  const status = STATUS_NAMES[incident.status];
  return md`${sign} · *${title}*\n${serviceName(incident)} · ${status}${describeSince(incident)} · Commander: ${incident.commander === null ? 'nobody' : mention(incident.commander)}\n${describeAction(incident)}\n${incident.id}`;
};

/** When it was opened. Of its status only this is kept: since when Mistral answers well. */
const describeSince = (incident: Incident): Mrkdwn => {
  const well = sinceWell(incident);
  const isWell = well.mrkdwn === '' ? EMPTY : md`, Mistral answers well${well}`;
  return md`${isWell}, open since ${formatClock(incident.createdAt, null)}`;
};
