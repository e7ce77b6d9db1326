import { type Incident, isOpen, type MitigationSummary } from '../lib/domain/incident.ts';
import { MITIGATION_NAMES } from '../lib/domain/names.ts';
import type { Severity } from '../lib/domain/severity.ts';
import { formatClock, parseUtc } from '../lib/domain/utc.ts';
import { hasButton, offeredKinds } from './incident-buttons.ts';
import { EMPTY, escapeText, joinText, type Mrkdwn, md, mention } from './text.ts';
import { asSentence, byHand, count, describeAskers, outcomeOf } from './words.ts';

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

/** What is being done, and what to press now: one or two short sentences. */
export const describeAction = (incident: Incident): Mrkdwn => {
  switch (incident.status) {
    case 'resolved':
      return leftOver(incident);
    case 'monitoring':
      return running(incident) ?? watching(incident);
    case 'mitigating':
    case 'investigating':
      return running(incident) ?? joinText([failed(incident), nextPress(incident)], ' ');
  }
};

const leftOver = (incident: Incident): Mrkdwn => {
  const active = incident.mitigations.filter((lease) => lease.state === 'active');
  return active.length === 0
    ? md`None. Nothing is left to do.`
    : md`Still active: ${active.map((lease) => MITIGATION_NAMES[lease.kind]).join(', ')}. See below.`;
};

/** The newest mitigation that is under way or not known, which outranks everything else. */
const running = (incident: Incident): Mrkdwn | null => {
  const lease = incident.mitigations.findLast((one) => describeRunning(one, incident) !== null);
  return lease === undefined ? null : describeRunning(lease, incident);
};

const describeRunning = (lease: MitigationSummary, incident: Incident): Mrkdwn | null => {
  const name = md`*${MITIGATION_NAMES[lease.kind]}*`;
  switch (lease.state) {
    case 'awaiting-approval':
      return md`${name} waits for a second person. Press Approve or Reject in the thread. ${describeAskers(lease)}`;
    case 'proposed':
    case 'applying':
      return md`${name} is running. ${describeAskers(lease)}`;
    case 'reverting':
      return md`${name} is being undone.`;
    case 'unknown':
      return md`Nobody knows whether ${name} took effect. ${outcomeOf(lease, incident)} Press *Run triage* to see what Mistral answers now.`;
    case 'rejected':
    case 'active':
    case 'failed':
    case 'reverted':
    case 'expired':
      return null;
  }
};

const watching = (incident: Incident): Mrkdwn => {
  const temporary = incident.mitigations.findLast((lease) => lease.kind !== 'rotate-key' && lease.state === 'active');
  if (temporary) {
    const name = MITIGATION_NAMES[temporary.kind];
    return md`Mistral answers well again. Press *Undo* under ${name}; without that this stays open until ${name} ends.`;
  }
  return incident.totals.firing === 0
    ? md`Nothing to press. Mistral answers well and no alert fires. It resolves by itself if it stays quiet.`
    : md`Nothing to press. Mistral answers well. Waiting for ${count(incident.totals.firing, 'alert')} to stop firing.`;
};

/** What became of the newest mitigation, when it did not work: its outcome says what to do by hand. */
const failed = (incident: Incident): Mrkdwn => {
  const last = incident.mitigations.at(-1);
  if (last?.state !== 'failed') return EMPTY;
  return md`*${MITIGATION_NAMES[last.kind]}* did not work. ${outcomeOf(last, incident)}`;
};

const nextPress = (incident: Incident): Mrkdwn => {
  const { diagnosis } = incident;
  if (diagnosis === null)
    return md`Triage is looking for the cause. If no cause stands here after 2 minutes, press *Run triage*.`;
  const active = incident.mitigations.filter((lease) => lease.state === 'active');
  if (active.length > 0) {
    return md`${active.map((lease) => MITIGATION_NAMES[lease.kind]).join(', ')} is in place. Checking whether Mistral answers again.`;
  }
  const offered = offeredKinds(incident);
  const pressed = offered.find(hasButton);
  const advice = diagnosis.mitigations.find((one) => one.kind === (pressed ?? offered[0]));
  if (advice && pressed) return md`Press *${MITIGATION_NAMES[advice.kind]}*. ${asSentence(advice.why)}`;
  if (advice) return md`${byHand(advice.kind, incident.service)} ${asSentence(advice.why)}`;
  const step = diagnosis.nextSteps[0];
  return step === undefined ? md`Press *Run triage* to ask again.` : asSentence(step, 500);
};

/** What a button did, in the place of the button. */
export const describeTaken = (incident: Incident): Mrkdwn => {
  if (incident.acknowledgedBy !== null) return md`Acknowledged by ${mention(incident.acknowledgedBy)}.`;
  return isOpen(incident) ? md`Nobody has acknowledged this yet.` : EMPTY;
};

export const describeCommander = (incident: Incident): Mrkdwn => {
  if (incident.commander !== null) return mention(incident.commander);
  return isOpen(incident) ? md`Nobody yet. Press *Assign me*.` : md`Nobody`;
};

export const describeCause = (incident: Incident): Mrkdwn =>
  incident.diagnosis === null ? md`Not known yet.` : escapeText(incident.diagnosis.cause, 600);
