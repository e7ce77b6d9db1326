import type { Alert, AlertEffect, AlertRecord, AlertState } from '../domain/alert.ts';

/** What one received alert does to what is known of its key, and why. */
export type AlertMove = {
  readonly effect: AlertEffect;
  readonly from: AlertState | null;
  readonly to: AlertState;
  readonly reason: string;
};

/**
 * A sender's retries end after minutes, so a firing that is older than the resolve it arrives after is a straggler only for this long.
 * Later the same text is taken as a real alert whose `startsAt` moved backward, which Alertmanager does (measured).
 */
const STRAGGLER_MS = 5 * 60_000;

/** The incident of the alert's key: when it was resolved (null: it is open), and how long its firing alerts may reopen it. */
export type Home = { readonly resolvedAt: string | null; readonly reopenWithinMs: number };

type Known = Pick<AlertRecord, 'state' | 'startedAt' | 'endedAt' | 'changedAt'> | null;

/** Orders by the source's own times where it has them, by the door's clock where not. */
export const decideAlertMove = (known: Known, alert: Alert, acceptedAt: string, home: Home): AlertMove => {
  const from = known?.state ?? null;
  switch (alert.state) {
    case 'firing':
      return moveOfFiring(known, alert, acceptedAt, home);
    case 'resolved':
      return moveOfResolved(known, from, alert, acceptedAt);
    case 'nodata':
      return from === null || from === 'nodata'
        ? { effect: 'nodata', from, to: 'nodata', reason: 'no data opens nothing' }
        : { effect: 'late', from, to: from, reason: `no data neither opens nor closes: it stays ${from}` };
  }
};

const moveOfFiring = (known: Known, alert: Alert, acceptedAt: string, home: Home): AlertMove => {
  const from = known?.state ?? null;
  const fires = (reason: string): AlertMove => ({ effect: 'fires', from, to: 'firing', reason });
  if (known === null) return fires('first seen');
  switch (known.state) {
    case 'firing': {
      const anew = whyAnew(known, alert, acceptedAt, home);
      if (anew !== null) return fires(anew);
      return { effect: 'repeats', from, to: 'firing', reason: 'it was firing already: counted, not told' };
    }
    case 'resolved':
      if (!isStraggler(known, alert, acceptedAt)) return fires('it was resolved and fires again');
      return {
        effect: 'late',
        from,
        to: 'resolved',
        reason: 'it started before the resolve that is already known: a late delivery',
      };
    case 'nodata':
      return fires('it was nodata and fires again');
  }
};

/**
 * Somebody resolved the incident although the alert fired, and its source may never say that it is over. A later start is a new
 * episode; the same one again is a repeat for as long as the incident could be reopened, and news after that. null: a repeat.
 */
const whyAnew = (known: NonNullable<Known>, alert: Alert, acceptedAt: string, home: Home): string | null => {
  if (home.resolvedAt === null) return null;
  const resolvedMs = Date.parse(home.resolvedAt);
  if (Date.parse(known.changedAt) > resolvedMs) return null;
  const startedMs = alert.startedAt === null ? null : Date.parse(alert.startedAt);
  const isSameStart = known.startedAt !== null && Date.parse(known.startedAt) === startedMs;
  if (startedMs !== null && startedMs > resolvedMs && !isSameStart) return 'it started after its incident was resolved';
  return Date.parse(acceptedAt) - resolvedMs > home.reopenWithinMs
    ? 'it still fires long after its incident was resolved'
    : null;
};

const isStraggler = (known: NonNullable<Known>, alert: Alert, acceptedAt: string): boolean => {
  if (known.endedAt === null || alert.startedAt === null) return acceptedAt < known.changedAt;
  const startedBeforeTheEnd = Date.parse(alert.startedAt) <= Date.parse(known.endedAt);
  return startedBeforeTheEnd && Date.parse(acceptedAt) - Date.parse(known.changedAt) <= STRAGGLER_MS;
};

const moveOfResolved = (known: Known, from: AlertState | null, alert: Alert, acceptedAt: string): AlertMove => {
  if (from === null)
    return {
      effect: 'resolves',
      from,
      to: 'resolved',
      reason: 'resolved without having been seen firing: kept, opens nothing',
    };
  if (from === 'resolved') return { effect: 'repeats', from, to: 'resolved', reason: 'it was resolved already' };
  const endedAt = alert.endedAt ?? acceptedAt;
  if (known?.startedAt && Date.parse(endedAt) < Date.parse(known.startedAt))
    return { effect: 'late', from, to: from, reason: 'it ended before the present episode began: a late delivery' };
  return { effect: 'resolves', from, to: 'resolved', reason: 'its source says it is over' };
};
