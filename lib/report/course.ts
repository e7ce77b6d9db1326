import { isOpen, standingOfCause } from '../domain/incident.ts';
import { BOT } from '../domain/incident-change.ts';
import { isMoreSevere, isSeverity } from '../domain/severity.ts';
import type { TimelineEntry } from '../domain/timeline.ts';
import { formatDuration, formatUtc, spanMs } from '../domain/utc.ts';
import { cite } from './markdown.ts';
import { orderTimeline } from './timeline.ts';
import type { Writing } from './writing.ts';

/** As the two sentences that change a severity say it: `… from P2 to P1`, `… to P1 (it was P2)`. */
const CHANGED = /\bfrom (P\d) to (P\d)\b|\bto (P\d) \(it was (P\d)\)/;

/** `P2, raised to P1 at …`: only the last one would hide how it began. */
export const describeSeverities = ({ incident, timeline, person }: Writing): string => {
  const changes = orderTimeline(timeline).flatMap((entry) => readChange(entry) ?? []);
  const [first] = changes;
  if (first === undefined) return incident.severity;
  const steps = changes.map(({ from, to, entry }) => {
    const by = entry.actor === BOT ? '' : ` by ${person(entry.actor)}`;
    return `${isMoreSevere(to, from) ? 'raised' : 'lowered'} to ${to} at ${formatUtc(entry.at)}${by} ${cite('timeline', entry.id)}`;
  });
  return [first.from, ...steps].join(', ');
};

const readChange = (entry: TimelineEntry) => {
  if (entry.kind !== 'severity-changed') return null;
  const [, raisedFrom, raisedTo, setTo, setFrom] = CHANGED.exec(entry.text) ?? [];
  const from = raisedFrom ?? setFrom ?? '';
  const to = raisedTo ?? setTo ?? '';
  return isSeverity(from) && isSeverity(to) && from !== to ? { from, to, entry } : null;
};

/** Between its alert and its resolution, or that it is not over. */
export const describeDuration = (writing: Writing): string => {
  const { incident } = writing;
  const { started, resolved } = incident.milestones;
  if (resolved === undefined) return isOpen(incident) ? 'not over yet' : 'unknown';
  const lasted = formatDuration(spanMs(started, resolved));
  return stillWrong(writing).length === 0 ? lasted : `${lasted} until it was resolved, not until all was well`;
};

/** What was wrong when it was resolved all the same. */
const stillWrong = ({ incident, timeline, sayTold }: Writing): readonly string[] => {
  const { diagnosis, milestones } = incident;
  if (isOpen(incident)) return [];
  const firing = incident.totals.firing + countResolvedAfter(timeline, milestones.resolved);
  const isRefused = diagnosis?.verdict === 'problem' && standingOfCause(incident) === 'present';
  return [
    ...(firing === 0
      ? []
      : [`${firing} ${firing === 1 ? 'alert' : 'alerts'} still fired ${cite('alert', 'totals.firing')}`]),
    ...(isRefused
      ? [
          `the cause was not gone at the last check: ${sayTold(diagnosis.cause).replace(/[.!?…]$/, '')} ${cite('diagnosis', 'cause')}`,
        ]
      : []),
  ];
};

/** Alerts that ended after the incident did were firing when it was resolved. */
const countResolvedAfter = (timeline: readonly TimelineEntry[], resolved: string | undefined): number =>
  timeline
    .filter(({ kind, at }) => kind === 'alert-resolved' && resolved !== undefined && at > resolved)
    .reduce((sum, { text }) => sum + Number(/^(\d+) alerts resolved/.exec(text)?.[1] ?? 1), 0);

/** `resolved by Maya while 1 alert still fired; …`; null while it is open. */
export const describeResolution = (writing: Writing): string | null => {
  const { incident, timeline, person } = writing;
  const { resolved } = incident.milestones;
  if (isOpen(incident) || resolved === undefined) return null;
  const actor = timeline.findLast(({ kind, at }) => kind === 'status-changed' && at === resolved)?.actor;
  const by = actor === undefined ? 'resolved' : actor === BOT ? 'resolved by itself' : `resolved by ${person(actor)}`;
  const wrong = stillWrong(writing);
  return wrong.length === 0 ? by : `${by} while ${wrong.join('; ')}`;
};

/** `, taken back …` where an acknowledgement was and none is; its last entry is then the one that took it back. */
export const describeTakenBack = ({ incident, timeline, person }: Writing): string => {
  const entry = findTakenBack(incident, timeline);
  return entry === null
    ? ''
    : `, taken back ${formatUtc(entry.at)} by ${person(entry.actor)} ${cite('timeline', entry.id)}`;
};

export const findTakenBack = (
  { acknowledgedBy, milestones }: Pick<Writing['incident'], 'acknowledgedBy' | 'milestones'>,
  timeline: readonly TimelineEntry[],
): TimelineEntry | null =>
  acknowledgedBy !== null || milestones.acknowledged === undefined
    ? null
    : (orderTimeline(timeline).findLast(({ kind }) => kind === 'acknowledged') ?? null);
