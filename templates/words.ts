import { wordByHand } from '../lib/domain/by-hand.ts';
import type { Advice, Diagnosis } from '../lib/domain/diagnosis.ts';
import { wordImpact } from '../lib/domain/diagnosis-words.ts';
import { type Incident, type MitigationSummary, standingOfCause } from '../lib/domain/incident.ts';
import type { MitigationKind } from '../lib/domain/lease.ts';
import { IMPACT_NAMES, MITIGATION_NAMES, nameOwner } from '../lib/domain/names.ts';
import type { Severity } from '../lib/domain/severity.ts';
import { formatClock, formatDuration } from '../lib/domain/utc.ts';
import { EMPTY, escapeText, joinText, keepUnits, type Mrkdwn, md, mention, quietText, sentence } from './text.ts';

/** A plain shape per severity: told apart by colour and, after it, by the letters. */
export const SEVERITY_SIGNS: Readonly<Record<Severity, string>> = { P1: '🔴', P2: '🟠', P3: '🟡', P4: '🔵' };

const NO_NAME = '(no name)';

/** A name in the middle of a sentence: never empty, never long. */
const nameOf = (name: string): Mrkdwn => (quietText(name, 60) === '' ? md`${NO_NAME}` : escapeText(name, 60));

/** Names of services come from outside and stand in the middle of our sentences. */
export const serviceName = (incident: Pick<Incident, 'service' | 'environment'>): Mrkdwn =>
  md`${nameOf(incident.service)} (${nameOf(incident.environment)})`;

/** Texts of the incident that others wrote: a mention in them is none. */
export const untrustedOf = (incident: Incident): readonly string[] => [
  incident.title,
  incident.service,
  incident.environment,
  ...incident.alerts.map((alert) => alert.title),
];

/** First letter large, a full stop at the end. */
export const asSentence = (text: string, max: number = 300): Mrkdwn => {
  const trimmed = text.trim();
  if (trimmed === '') return EMPTY;
  const large = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return escapeText(/[.!?…]$/.test(large) ? large : `${large}.`, max);
};

/** By whom a severity is set, where its words alone stand for the impact. */
const RATED: Readonly<Record<Incident['severitySetBy'], string>> = {
  alert: 'As rated by the alert; users were not counted.',
  diagnosis: 'As rated from the cause; users were not counted.',
  person: 'As set by a person.',
};

export const describeImpact = (incident: Incident): Mrkdwn => {
  const { severity, severitySetBy, totals } = incident;
  const impact =
    measuredImpact(incident) ?? md`${IMPACT_NAMES[severity]}: ${serviceName(incident)}. ${RATED[severitySetBy]}`;
  if (standingOfCause(incident) !== 'over') return impact;
  const since = sinceWell(incident);
  return totals.firing === 0
    ? md`Over${since}; was: ${impact}`
    : md`Mistral answers well${since}, ${count(totals.firing, 'alert')} still ${totals.firing === 1 ? 'fires' : 'fire'}; was: ${impact}`;
};

/** What was measured says more than how anybody rated it; null where no share was, or of a cause that is doubted. */
const measuredImpact = (incident: Incident): Mrkdwn | null => {
  const { diagnosis, updatedAt } = incident;
  if (diagnosis === null || (diagnosis.impact?.failingShare ?? null) === null) return null;
  if (standingOfCause(incident) === 'old') return null;
  return md`${serviceName(incident)}: ${keepUnits(escapeText(wordImpact(diagnosis)))} (measured at ${formatClock(diagnosis.at, updatedAt)}).`;
};

/** ` since 11:12 UTC`; nothing where it was not kept. */
export const sinceWell = ({ wellSince = null, updatedAt }: Incident): Mrkdwn =>
  wellSince === null ? EMPTY : { mrkdwn: ` since ${formatClock(wellSince, updatedAt)}` };

const CONFIDENCE: Readonly<Record<Diagnosis['confidence'], string>> = {
  high: 'We are sure',
  medium: 'We are fairly sure',
  low: 'This is a guess',
};

/** Whose it is and how sure we are. */
export const describeOwner = (diagnosis: Pick<Diagnosis, 'owner' | 'branch' | 'confidence' | 'verdict'>): Mrkdwn =>
  diagnosis.verdict === 'unknown'
    ? md`${nameOwner(diagnosis)}.`
    : md`${nameOwner(diagnosis)}. ${CONFIDENCE[diagnosis.confidence]}.`;

/** What has no button here is told as what a person would do by hand. */
const USELESS_BY_HAND: Readonly<Partial<Record<MitigationKind, string>>> = {
  'reduce-concurrency': 'Fewer calls at once would not help',
  'raise-timeout': 'Waiting longer for an answer would not help',
};

export const listNotOffered = (advices: readonly Advice[]): Mrkdwn =>
  joinText(
    advices.map(({ kind, why }) => {
      const byHandOnly = USELESS_BY_HAND[kind];
      return byHandOnly === undefined
        ? md`*${MITIGATION_NAMES[kind]}*: ${asSentence(why)}`
        : md`${byHandOnly}: ${escapeText(why.charAt(0).toLowerCase() + why.slice(1))}`;
    }),
    ' ',
  );

/** What a person does where there is no button. */
export const byHand = (kind: MitigationKind, service: string, model?: string): Mrkdwn => {
  if (kind === 'rotate-key')
    return md`Create a key in the Mistral console, store it as the standby version of the secret of ${nameOf(service)}, then press *Rotate key*.`;
  const untrusted = model === undefined ? [service] : [service, model];
  return sentence(wordByHand(kind, quietText(service, 60) || NO_NAME, model), { untrusted });
};

/** What a mitigation that took effect is: a rotation is over at once, the others last. */
export const ACTIVE_WORDS: Readonly<Record<MitigationKind, string>> = {
  'rotate-key': 'done',
  'enable-fallback': 'active',
  'reduce-concurrency': 'active',
  'raise-timeout': 'active',
  'switch-model': 'active',
  rollback: 'done',
};

/** When a mitigation ends, in words that say who ends it. */
export const describeEnd = (lease: Pick<MitigationSummary, 'expiresAt'>, near: string): Mrkdwn =>
  lease.expiresAt === null
    ? md`Stays like this unless somebody presses Undo.`
    : md`Ends by itself at ${formatClock(lease.expiresAt, near)}.`;

export const describeAskers = (lease: Pick<MitigationSummary, 'requestedBy' | 'approvedBy'>): Mrkdwn =>
  lease.approvedBy === null
    ? md`Asked for by ${mention(lease.requestedBy)}.`
    : md`Asked for by ${mention(lease.requestedBy)}, approved by ${mention(lease.approvedBy)}.`;

/** How long something lasted, never broken in the middle. */
export const describeSpan = (ms: number | null): Mrkdwn => keepUnits(escapeText(formatDuration(ms)));

/** `1 alert`, `2 alerts`. */
export const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;

/** What became of a mitigation, as its action told it. */
export const outcomeOf = (lease: Pick<MitigationSummary, 'outcome'>, incident: Incident): Mrkdwn =>
  sentence(lease.outcome.charAt(0).toUpperCase() + lease.outcome.slice(1), { untrusted: untrustedOf(incident) });
