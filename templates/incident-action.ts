import { isWarning } from '../lib/domain/ahead.ts';
import { type Incident, isOpen, type MitigationSummary, standingOfCause } from '../lib/domain/incident.ts';
import { MITIGATION_NAMES } from '../lib/domain/names.ts';
import { isNeedless } from '../lib/domain/needless.ts';
import { formatClock } from '../lib/domain/utc.ts';
import { stillFiring } from './incident-buttons.ts';
import { failedLease, inPlace, nextPress } from './incident-next.ts';
import { EMPTY, escapeText, joinText, type Mrkdwn, md } from './text.ts';
import { count, describeAskers, outcomeOf, sinceWell } from './words.ts';

/** What is being done, and what to press now: one or two short sentences. */
export const describeAction = (incident: Incident): Mrkdwn => {
  switch (incident.status) {
    case 'resolved':
      return leftOver(incident);
    case 'monitoring':
      return running(incident) ?? warning(incident) ?? watching(incident);
    case 'mitigating':
    case 'investigating':
      return (
        running(incident) ?? warning(incident) ?? joinText([describeFailed(incident), describeNext(incident)], ' ')
      );
  }
};

/** What to do stands under the title, and can wait for the morning. */
const warning = (incident: Incident): Mrkdwn | null => {
  if (!isWarning(incident)) return null;
  const how = incident.summary === undefined ? md`do what the alert says` : md`do what stands under the title`;
  return md`Nothing to press, and nothing is broken yet. In working hours, ${how}. It resolves by itself when the reason is gone.`;
};

const leftOver = (incident: Incident): Mrkdwn => {
  const active = incident.mitigations.filter((lease) => lease.state === 'active');
  const temporary = active.filter((lease) => lease.kind !== 'rotate-key').map((lease) => MITIGATION_NAMES[lease.kind]);
  const lines = [
    ...(temporary.length === 0 ? [] : [md`Still active: *${temporary.join(', ')}*. Press *Undo* below to end it now.`]),
    ...(active.length === temporary.length
      ? []
      : [md`The rotation used up the standby key: store a new one, if nobody has yet.`]),
  ];
  const wrong = stillWrong(incident);
  const left = wrong.length === 0 ? lines : [...wrong, ...lines, md`Press *Reopen* if this needs anybody.`];
  return left.length === 0 ? md`None. Nothing is left to do.` : joinText(left, ' ');
};

/** What was known to be wrong when a person resolved it all the same. */
export const stillWrong = (incident: Incident): readonly Mrkdwn[] => {
  const { diagnosis, goodChecks, totals } = incident;
  const firing = totals.firing === 0 ? [] : [md`${escapeText(stillFiring(incident, 300), 400)}.`];
  if (diagnosis?.verdict !== 'problem' || goodChecks > 0) return firing;
  const at = formatClock(diagnosis.at, incident.updatedAt);
  return [...firing, md`The cause, told at ${at}, was not gone at the last check.`];
};

const running = (incident: Incident): Mrkdwn | null => {
  const lease = runningLease(incident);
  return lease === undefined ? null : describeRunning(lease, incident);
};

/** The newest mitigation that is under way or not known, which the action tells before everything else. */
export const runningLease = (incident: Incident): MitigationSummary | undefined =>
  isOpen(incident) ? incident.mitigations.findLast((lease) => describeRunning(lease, incident) !== null) : undefined;

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
      return md`Nobody knows whether ${name} took effect. ${outcomeOf(lease, incident)} Press *Run triage* to see what Mistral answers now, or *Undo* to take it back.`;
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

const describeNext = (incident: Incident): Mrkdwn => {
  if (standingOfCause(incident) !== 'over') return nextPress(incident);
  const well = md`Nothing to press. Mistral answers well${sinceWell(incident)}; the bot goes on checking.`;
  return joinText([inPlace(incident), well], ' ');
};

const describeFailed = (incident: Incident): Mrkdwn => {
  if (standingOfCause(incident) === 'over') return EMPTY;
  const last = incident.mitigations.at(-1);
  if (last !== undefined && isNeedless(last)) return md`*${MITIGATION_NAMES[last.kind]}*: ${outcomeOf(last, incident)}`;
  const lease = failedLease(incident);
  return lease === null ? EMPTY : md`*${MITIGATION_NAMES[lease.kind]}* did not work. ${outcomeOf(lease, incident)}`;
};
