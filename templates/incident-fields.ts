import { type Incident, isOpen, standingOfCause } from '../lib/domain/incident.ts';
import type { Severity } from '../lib/domain/severity.ts';
import { formatClock, parseUtc } from '../lib/domain/utc.ts';
import { EMPTY, escapeText, type Mrkdwn, md, mention } from './text.ts';

const MINUTE_MS = 60_000;

/** How long people wait for the next word, by severity. */
const UPDATE_EVERY_MS: Readonly<Record<Severity, number>> = {
  P1: 15 * MINUTE_MS,
  P2: 30 * MINUTE_MS,
  P3: 120 * MINUTE_MS,
  P4: 24 * 60 * MINUTE_MS,
};

export const describeNextUpdate = (incident: Incident): Mrkdwn => {
  if (!isOpen(incident)) return md`None, it is resolved`;
  const fromMs = parseUtc(incident.updatedAt);
  const dueMs = fromMs === null ? Number.NaN : fromMs + UPDATE_EVERY_MS[incident.severity];
  const due = new Date(dueMs);
  return md`${Number.isNaN(due.getTime()) ? 'unknown' : `By ${formatClock(due.toISOString(), incident.updatedAt)}`}`;
};

/** What a button did, in the place of the button. */
export const describeTaken = (incident: Incident): Mrkdwn => {
  if (incident.acknowledgedBy !== null) return md`Acknowledged by ${mention(incident.acknowledgedBy)}.`;
  return isOpen(incident) ? md`Nobody has acknowledged this yet. Press *Acknowledge* if you take it.` : EMPTY;
};

export const describeCommander = (incident: Incident): Mrkdwn => {
  if (incident.commander !== null) return mention(incident.commander);
  return isOpen(incident) ? md`Nobody yet. Press *Assign me*.` : md`Nobody`;
};

export const describeCause = (incident: Incident): Mrkdwn => {
  const { diagnosis } = incident;
  if (diagnosis === null) return md`Not known yet.`;
  const cause = escapeText(diagnosis.cause, 600);
  return standingOfCause(incident) === 'old' ? md`Not known yet (last time: ${withoutStop(cause)}).` : cause;
};

const withoutStop = ({ mrkdwn }: Mrkdwn): Mrkdwn => ({ mrkdwn: mrkdwn.replace(/\.$/, '') });
