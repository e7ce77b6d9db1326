import { isWarning } from '../lib/domain/ahead.ts';
import {
  type Incident,
  type IncidentAlert,
  isOpen,
  type MitigationSummary,
  standingOfCause,
} from '../lib/domain/incident.ts';
import { isOpenLease, type MitigationKind } from '../lib/domain/lease.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { MITIGATION_NAMES, STATUS_NAMES } from '../lib/domain/names.ts';
import { formatClock, spanMs } from '../lib/domain/utc.ts';
import { actions, type Block, context, fields, header, message, section } from './blocks.ts';
import { describeAction, runningLease, stillWrong } from './incident-action.ts';
import { firstButtons, hasButton, laterButtons, offeredKinds, undoButton } from './incident-buttons.ts';
import { describeCause, describeCommander, describeNextUpdate, describeTaken } from './incident-fields.ts';
import { EMPTY, escapeText, joinText, link, type Mrkdwn, md } from './text.ts';
import {
  ACTIVE_WORDS,
  byHand,
  count,
  describeAskers,
  describeEnd,
  describeImpact,
  describeOwner,
  describeSpan,
  listNotOffered,
  outcomeOf,
  SEVERITY_SIGNS,
  serviceName,
} from './words.ts';

const ALERTS_SHOWN = 5;
const LEASES_SHOWN = 8;

/**
 * The root message. It follows from the incident alone, so that what Slack shows can be compared with what is stored; how often an
 * alert was repeated and when it was last seen are left out, because repeats are not told.
 */
export const renderIncident = (incident: Incident): ChatMessage => {
  const title = headline(incident);
  return message(
    md`${escapeText(title, 160)}\n${serviceName(incident)}. ${describeCause(incident)}\n*Action*: ${describeAction(incident)}`,
    [
      header(title),
      ...summaryLine(incident),
      section(joinText([md`*${causeTitle(incident)}*\n${describeCause(incident)}`, ownerLine(incident)], '\n')),
      section(md`*Action*\n${describeAction(incident)}`),
      ...actions(firstButtons(incident)),
      ...contextOf([describeTaken(incident)]),
      fields([
        md`*Status*\n${describeStatus(incident)}`,
        md`*Impact*\n${describeImpact(incident)}`,
        md`*Next update*\n${describeNextUpdate(incident)}`,
        md`*Commander*\n${describeCommander(incident)}`,
      ]),
      ...mitigationBlocks(incident),
      ...contextOf([handLine(incident), notOfferedLine(incident)]),
      ...contextOf([alertLine(incident)]),
      ...actions(laterButtons(incident)),
      context([md`${incident.id} · opened ${formatClock(incident.createdAt, null)}`]),
    ],
  );
};

const contextOf = (texts: readonly Mrkdwn[]): readonly Block[] => {
  const said = texts.filter((text) => text.mrkdwn !== '');
  return said.length === 0 ? [] : [context(said)];
};

/** Calm once it is resolved, so that who reads the channel sees that nobody is needed; a warning where something was known to be wrong. */
const signOf = (incident: Incident): string => {
  if (isOpen(incident)) return SEVERITY_SIGNS[incident.severity];
  return stillWrong(incident).length === 0 ? '✅' : '⚠️';
};

const headline = (incident: Incident): string =>
  [
    `${signOf(incident)} ${incident.severity}`,
    ...(incident.drill ? ['DRILL'] : []),
    ...(isOpen(incident) ? [] : [STATUS_NAMES.resolved]),
    incident.title,
  ].join(' · ');

/** What the alert said itself; its title is the header. */
const summaryLine = ({ summary = '' }: Incident): readonly Block[] => {
  const text = escapeText(summary, 200);
  return text.mrkdwn === '' ? [] : [section(text)];
};

const causeTitle = (incident: Incident): string => {
  if (isWarning(incident)) return 'How it is now';
  return standingOfCause(incident) === 'over' ? 'Cause (was)' : 'Cause';
};

/** How sure we are is of use while it is wrong. */
const ownerLine = (incident: Incident): Mrkdwn => {
  const { diagnosis } = incident;
  if (diagnosis === null) return EMPTY;
  const at = md`Diagnosed at ${formatClock(diagnosis.at, incident.updatedAt)}.`;
  switch (standingOfCause(incident)) {
    case 'none':
    case 'old':
      return EMPTY;
    case 'over':
      return at;
    case 'present':
      return isWarning(incident) ? at : md`${describeOwner(diagnosis)} ${at}`;
  }
};

const describeStatus = (incident: Incident): Mrkdwn => {
  const { resolved, started } = incident.milestones;
  if (isOpen(incident) || resolved === undefined) return md`${STATUS_NAMES[incident.status]}`;
  const lasted = spanMs(started ?? incident.createdAt, resolved);
  return md`${STATUS_NAMES[incident.status]} at ${formatClock(resolved, incident.updatedAt)}, after ${describeSpan(lasted)}`;
};

const canBeUndone = (lease: MitigationSummary): boolean => lease.state === 'active' || lease.state === 'unknown';

/** One line per mitigation that is not over and not told as the action, an Undo right under each that is, or may be, in effect. */
const mitigationBlocks = (incident: Incident): readonly Block[] =>
  incident.mitigations
    .filter((lease) => isOpenLease(lease.state) && (canBeUndone(lease) || lease.id !== runningLease(incident)?.id))
    .slice(-LEASES_SHOWN)
    .flatMap((lease) => [
      section(mitigationLine(incident, lease)),
      ...actions(canBeUndone(lease) ? [undoButton(incident, lease)] : []),
    ]);

const LEASE_WORDS: Readonly<Record<MitigationSummary['state'], string>> = {
  proposed: 'being prepared',
  'awaiting-approval': 'waits for a second person',
  rejected: 'rejected',
  applying: 'running',
  active: 'active',
  failed: 'failed',
  unknown: 'outcome not known',
  reverting: 'being undone',
  reverted: 'undone',
  expired: 'over',
};

const mitigationLine = (incident: Incident, lease: MitigationSummary): Mrkdwn => {
  const name = md`*${MITIGATION_NAMES[lease.kind]}*`;
  if (lease.state !== 'active') return md`${name}: ${LEASE_WORDS[lease.state]}. ${describeAskers(lease)}`;
  const outcome = outcomeOf(lease, incident);
  return joinText(
    [
      md`${name} is ${ACTIVE_WORDS[lease.kind]}. ${describeEnd(lease, incident.updatedAt)}`,
      outcome,
      describeAskers(lease),
    ],
    ' ',
  );
};

const modelFor = ({ diagnosis }: Incident, kind: MitigationKind): string | undefined =>
  diagnosis?.mitigations.find((advice) => advice.kind === kind)?.model;

/** Advice without a button, beyond the one that the action already names. */
const handLine = (incident: Incident): Mrkdwn => {
  const offered = offeredKinds(incident);
  const named = offered.some(hasButton) ? null : offered[0];
  const lines = offered
    .filter((kind) => !hasButton(kind) && kind !== named)
    .map((kind) => byHand(kind, incident.service, modelFor(incident, kind)));
  return lines.length === 0 ? EMPTY : md`Helps too, by hand: ${joinText(lines, ' ')}`;
};

/** The missing standby key is told with the action. */
const notOfferedLine = (incident: Incident): Mrkdwn => {
  const { diagnosis } = incident;
  if (!isOpen(incident) || diagnosis === null || standingOfCause(incident) !== 'present') return EMPTY;
  const advices = diagnosis.notOffered.filter(({ lacks }) => lacks === undefined);
  return advices.length === 0 ? EMPTY : md`Not offered. ${listNotOffered(advices)}`;
};

const alertLine = (incident: Incident): Mrkdwn => {
  const { firing, resolved } = incident.totals;
  const shown = [...incident.alerts.filter(isFiring), ...incident.alerts.filter((alert) => !isFiring(alert))].slice(
    0,
    ALERTS_SHOWN,
  );
  const names = joinText(shown.map(alertName), ' · ');
  const more = firing + resolved - shown.length;
  const rest = more > 0 ? md` and ${more} more` : EMPTY;
  return md`${count(firing, 'alert')} firing, ${resolved} resolved${names.mrkdwn === '' ? EMPTY : md`: ${names}`}${rest}`;
};

const isFiring = (alert: IncidentAlert): boolean => alert.state === 'firing';

/** The words of the link are ours: a title must not pretend to lead somewhere else. */
const alertName = (alert: IncidentAlert): Mrkdwn => {
  const name = md`${isFiring(alert) ? '▲' : '✓'} ${escapeText(alert.title, 80)}`;
  const open = alert.link ? link(alert.link, 'open') : EMPTY;
  return open.mrkdwn === '' ? name : md`${name} ${open}`;
};
