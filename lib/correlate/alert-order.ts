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

/** Orders by the source's own times where it has them, by the door's clock where not. */
export const decideAlertMove = (
  known: Pick<AlertRecord, 'state' | 'startedAt' | 'endedAt' | 'changedAt'> | null,
  alert: Alert,
  acceptedAt: string,
): AlertMove => {
  const from = known?.state ?? null;
  switch (alert.state) {
    case 'firing':
      return moveOfFiring(known, from, alert, acceptedAt);
    case 'resolved':
      return moveOfResolved(known, from, alert, acceptedAt);
    case 'nodata':
      return from === null || from === 'nodata'
        ? { effect: 'nodata', from, to: 'nodata', reason: 'no data opens nothing' }
        : { effect: 'late', from, to: from, reason: `no data neither opens nor closes: it stays ${from}` };
  }
};

type Known = Parameters<typeof decideAlertMove>[0];

const moveOfFiring = (known: Known, from: AlertState | null, alert: Alert, acceptedAt: string): AlertMove => {
  if (from === 'firing')
    return { effect: 'repeats', from, to: 'firing', reason: 'it was firing already: counted, not told' };
  if (from === 'resolved' && known && isStraggler(known, alert, acceptedAt))
    return {
      effect: 'late',
      from,
      to: 'resolved',
      reason: 'it started before the resolve that is already known: a late delivery',
    };
  return {
    effect: 'fires',
    from,
    to: 'firing',
    reason: from === null ? 'first seen' : `it was ${from} and fires again`,
  };
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
