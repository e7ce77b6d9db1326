import { isWarning } from '../domain/ahead.ts';
import { isOfLimit } from '../domain/branch.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import { type Incident, isOpen } from '../domain/incident.ts';
import { type Moment, setTimer } from '../domain/incident-change.ts';
import type { LeaseState } from '../domain/lease.ts';

export type CheckSettings = {
  readonly recheckMs: number;
  readonly limitedRecheckMs: number;
};

/** A warning stands for days, and nothing recovers meanwhile: the routine check watches the service all the same. */
const WARNING_MS = 600_000;

const HOUR_MS = 3_600_000;
/**
 * How many times the usual time lies between two checks of what has not changed for so long: with the usual half minute 5 minutes after
 * an hour, and 15 after a day. In the first hour people wait for each answer; later an alert, a press and the routine check, which goes
 * on each minute, tell sooner that something is new, and every check costs.
 */
const PATIENCE = [
  { afterMs: 24 * HOUR_MS, times: 30 },
  { afterMs: HOUR_MS, times: 10 },
] as const;

/** Who waits for the end of a quiet window looks as often as ever. */
const timesLonger = (incident: Incident, nowMs: number): number => {
  if (incident.status === 'monitoring' && !isLoud(incident)) return 1;
  // Repeats of an alert and checks that find the same leave it as it is.
  const sameMs = nowMs - Date.parse(incident.updatedAt);
  return PATIENCE.find(({ afterMs }) => sameMs >= afterMs)?.times ?? 1;
};

/** When it is asked about again; leaves alone what is resolved. */
export const planNextCheck = (
  incident: Incident,
  diagnosis: Diagnosis,
  settings: CheckSettings,
  { nowMs }: Pick<Moment, 'nowMs'>,
): Incident => {
  if (!isOpen(incident)) return incident;
  const waitMs = Math.max(
    nextCheckMs(diagnosis, settings),
    settings.recheckMs * timesLonger(incident, nowMs),
    isWarning(incident) ? WARNING_MS : 0,
  );
  return { ...incident, timers: setTimer(incident.timers, { kind: 'recheck', dueMs: nowMs + waitMs, refId: null }) };
};

/**
 * What people or alerts changed is looked at as soon as a new incident is, however long nothing had changed before; quiet counts from the
 * moment in which it begins. Who set the next check himself knows when.
 */
export const followChange = (
  before: Incident,
  after: Incident,
  { recheckMs }: Pick<CheckSettings, 'recheckMs'>,
  { nowMs, at }: Pick<Moment, 'nowMs' | 'at'>,
): Incident => {
  if (!isOpen(after) || after.revision === before.revision) return after;
  const quietened = after.status === 'monitoring' && after.quietSince !== null && isLoud(before);
  const next = recheckOf(after);
  const isLate = next !== undefined && next.dueMs === recheckOf(before)?.dueMs && next.dueMs > nowMs + recheckMs;
  if (!quietened && !isLate) return after;
  return {
    ...after,
    ...(quietened ? { quietSince: at } : {}),
    ...(isLate ? { timers: setTimer(after.timers, { ...next, dueMs: nowMs + recheckMs }) } : {}),
  };
};

const recheckOf = ({ timers }: Incident) => timers.find(({ kind }) => kind === 'recheck');

/** A probe spends the same budget as the application: where that budget is the problem, it is asked less often. */
export const nextCheckMs = (diagnosis: Diagnosis, settings: CheckSettings): number =>
  isOfLimit(diagnosis.branch) ? Math.max(settings.limitedRecheckMs, settings.recheckMs) : settings.recheckMs;

/** Whether quiet has not even begun. */
export const isLoud = (incident: Incident): boolean => incident.totals.firing > 0 || hasTemporaryMitigation(incident);

/** While a fallback is (perhaps) on, good answers prove nothing about going back: it is undone or ends first, and quiet counts from then. */
const hasTemporaryMitigation = ({ mitigations }: Incident): boolean =>
  mitigations.some(({ kind, state }) => kind !== 'rotate-key' && IN_EFFECT.includes(state));

const IN_EFFECT: readonly LeaseState[] = ['applying', 'active', 'unknown', 'reverting'];
