import type { Home } from '../../lib/correlate/alert-order.ts';
import { applyAlerts, openIncident } from '../../lib/correlate/apply-alerts.ts';
import type { PlacedAlert } from '../../lib/correlate/count-alerts.ts';
import { type Arrival, foldArrivals, recordOf, standingOf } from '../../lib/correlate/place-alerts.ts';
import type { AlertRecord } from '../../lib/domain/alert.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import { makeMoment } from '../make.ts';

export const OPEN: Home = { resolvedAt: null, reopenWithinMs: 1_800_000 };

const OPENING = {
  id: 'INC-261120-ABCDEFGH',
  service: 'mistral-api',
  environment: 'production',
  channel: 'incidents',
  drill: false,
};

/** Records of keys and one incident, written one after the other as the flow does, so that a crash can fall between. */
export const makeDesk = (start: Incident | null = null) => {
  const records = new Map<string, AlertRecord>();
  let incident = start;
  const claim = (arrivals: readonly Arrival[], home: Home = OPEN): readonly PlacedAlert[] =>
    [...Map.groupBy(arrivals, ({ alert }) => alert.key)].flatMap(([key, sameKey]) => {
      const known = records.get(key) ?? null;
      const folded = foldArrivals(known, sameKey, home);
      const record = recordOf(known, folded, OPENING.id);
      if (record) records.set(key, record);
      return folded.placements.map((placement) => ({
        arrival: placement.arrival,
        move: placement.move,
        tally: placement.tally,
        standing: standingOf(placement, record, OPENING.id),
      }));
    });
  const apply = (placed: readonly PlacedAlert[], seconds = 1): Incident => {
    const first = placed[0];
    if (!first) throw new Error('nothing to apply');
    const before = incident ?? openIncident(first.arrival, OPENING, makeMoment(seconds));
    incident = applyAlerts(before, placed, makeMoment(seconds));
    return incident;
  };
  return {
    records,
    claim,
    apply,
    take: (arrivals: readonly Arrival[], seconds = 1): Incident => apply(claim(arrivals), seconds),
    /** Something else changed the incident. */
    put: (next: Incident): void => {
      incident = next;
    },
    incident: (): Incident => {
      if (!incident) throw new Error('no incident');
      return incident;
    },
  };
};
