import type { AlertState, Tally } from './alert.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { LeaseState, MitigationKind } from './lease.ts';
import type { Severity } from './severity.ts';
import type { TimelineEntry } from './timeline.ts';

export const INCIDENT_STATUSES = ['investigating', 'mitigating', 'monitoring', 'resolved'] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

export const MILESTONES = [
  'started',
  'detected',
  'acknowledged',
  'commanderAssigned',
  'causeIdentified',
  'mitigated',
  'resolved',
] as const;
export type Milestone = (typeof MILESTONES)[number];

/** One alert as the incident keeps it. At most 50 of them are kept, fewer when their texts are long; `totals` counts all. */
export type IncidentAlert = {
  readonly key: string;
  readonly source: string;
  readonly title: string;
  readonly state: AlertState;
  /** How much of its key's tally is counted here: an older word never replaces a newer one, and nothing counts twice. */
  readonly tally?: Tally;
  readonly severity: Severity;
  /** How often it was received firing. */
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** http(s) link to the source's own view, as it came first. */
  readonly link?: string | null;
};

/** What the message shows of a lease. */
export type MitigationSummary = {
  readonly id: string;
  readonly kind: MitigationKind;
  readonly state: LeaseState;
  readonly requestedBy: string;
  readonly approvedBy: string | null;
  readonly expiresAt: string | null;
  readonly outcome: string;
  /** When it came into its state. */
  readonly since?: string;
};

export type NoteKind = 'diagnosis' | 'update' | 'approval' | 'resolution' | 'ticket';

/** Something the thread must hear, kept until it was told. `refId` is what the template loads besides the incident. */
export type Note = {
  readonly id: string;
  readonly kind: NoteKind;
  readonly at: string;
  readonly text: string;
  readonly refId: string | null;
};

/** What must be told. The root message is due while the told revision is behind `Incident.revision`. */
export type Outbox = {
  readonly notes: readonly Note[];
  /** Entries to be appended to the timeline; filed before they are forgotten here. */
  readonly unfiled: readonly TimelineEntry[];
  /** Epoch ms before which nothing is sent; null when all has been told. */
  readonly notBeforeMs: number | null;
};

export type TimerKind = 'recheck' | 'lease-end' | 'approval-end' | 'sweep-duplicates';
export type Timer = { readonly kind: TimerKind; readonly dueMs: number; readonly refId: string | null };

export type Incident = {
  readonly id: string;
  /** Group key that opened it. */
  readonly group: string;
  readonly integration: string;
  readonly title: string;
  /** What the opening alert says besides its title; left out when it says no more. */
  readonly summary?: string;
  readonly service: string;
  readonly environment: string;
  readonly channel: string;
  readonly drill: boolean;
  readonly status: IncidentStatus;
  readonly severity: Severity;
  readonly severitySetBy: 'alert' | 'diagnosis' | 'person';
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly alerts: readonly IncidentAlert[];
  readonly totals: {
    readonly firing: number;
    readonly resolved: number;
    readonly nodata: number;
    readonly received: number;
  };
  readonly acknowledgedBy: string | null;
  readonly commander: string | null;
  readonly milestones: Readonly<Partial<Record<Milestone, string>>>;
  readonly diagnosis: Diagnosis | null;
  /** Good checks in a row, by the routine that watches recovery. */
  readonly goodChecks: number;
  /** When the last of them was asked: a click or a job that comes again does not make a row. */
  readonly goodCheckAt?: string;
  /** When the first good check after a problem was asked; a relapse takes it away. */
  readonly wellSince?: string | null;
  /** A cause from before this says nothing about now: it was opened again, or an alert fired again after all was well. */
  readonly doubtedAt?: string;
  readonly mitigations: readonly MitigationSummary[];
  /** Since when nothing has been wrong: set with `monitoring`, cleared by a relapse. */
  readonly quietSince: string | null;
  /** Short ids of jobs that changed it and left no other trace in it, newest last: a redelivered one changes nothing. */
  readonly applied: readonly string[];
  /** Grows when what the root message shows has changed. */
  readonly revision: number;
  readonly outbox: Outbox;
  readonly timers: readonly Timer[];
};

/** `old`: what is known is from before a reopening. `over`: the last counted check was good. */
type CauseStanding = 'none' | 'old' | 'present' | 'over';

export const standingOfCause = (incident: Incident): CauseStanding => {
  const { diagnosis } = incident;
  if (diagnosis === null) return 'none';
  if (diagnosis.verdict === 'problem' && isWell(incident)) return 'over';
  return isDoubted(incident, diagnosis) ? 'old' : 'present';
};

/** Whether this was found out before the last reason to ask anew. */
export const isDoubted = ({ doubtedAt }: Incident, { at }: Diagnosis): boolean =>
  doubtedAt !== undefined && at < doubtedAt;

const isWell = ({ wellSince = null, status }: Incident): boolean => wellSince !== null || status === 'monitoring';

export const isOpen = (incident: Incident): boolean => incident.status !== 'resolved';
