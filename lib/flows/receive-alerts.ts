import { applyAlerts, openIncident, type PlacedAlert } from '../correlate/apply-alerts.ts';
import { type Arrival, type Folded, foldArrivals, mayJoin, recordOf } from '../correlate/place-alerts.ts';
import type { AlertRecord } from '../domain/alert.ts';
import { dueOf } from '../domain/incident-change.ts';
import { momentOf, type Parts } from './parts.ts';
import { redactArrivals } from './redact-alerts.ts';
import { placeOf, targetOf } from './target-of.ts';

type ReceiveParts = Pick<
  Parts,
  'store' | 'clock' | 'ids' | 'log' | 'checkpoint' | 'settings' | 'nudge' | 'heldSecrets'
>;

/** Placed alerts by incident. */
type ByIncident = Map<string, PlacedAlert[]>;

/**
 * Accepted alerts become part of exactly one incident each. The order makes every crash harmless: the alert's record is claimed with
 * the incident's id first, the incident is written second, the job is forgotten last; redelivery resumes with the claimed id.
 */
export const receiveAlerts = async (parts: ReceiveParts, arrivals: readonly Arrival[]): Promise<readonly string[]> => {
  const byIncident: ByIncident = new Map();
  const knownNames = parts.settings.services.flatMap(({ name, environment }) => [name, environment]);
  const clean = redactArrivals(arrivals, await parts.heldSecrets(), knownNames);
  for (const sameKey of groupByKey(clean).values()) await claimKey(parts, sameKey, byIncident);
  for (const [incidentId, placed] of byIncident) await applyToIncident(parts, incidentId, placed);
  const touched = [...byIncident.keys()];
  parts.nudge(touched);
  return touched;
};

const groupByKey = (arrivals: readonly Arrival[]): Map<string, Arrival[]> => {
  const byKey = new Map<string, Arrival[]>();
  for (const arrival of arrivals) byKey.set(arrival.alert.key, [...(byKey.get(arrival.alert.key) ?? []), arrival]);
  return byKey;
};

const claimKey = async (parts: ReceiveParts, arrivals: readonly Arrival[], byIncident: ByIncident): Promise<void> => {
  const { folded, incidentId, record, order } = await foldAndClaim(parts, arrivals);
  for (const { arrival, move, before } of folded.placements) {
    const target = before ? before.incidentId : incidentId;
    parts.log('alert.placed', { incident: target, effect: move.effect, reason: move.reason });
    if (target === null) continue;
    const state = target === record?.incidentId ? record.state : move.to;
    byIncident.set(target, [...(byIncident.get(target) ?? []), { arrival, move, standing: { state, order } }]);
  }
};

/** `record` is the key's record as it is now, `order` its version. */
const foldAndClaim = async (parts: ReceiveParts, arrivals: readonly Arrival[]) => {
  const key = arrivals[0]?.alert.key ?? '';
  for (;;) {
    const stored = await parts.store.read('alert', key);
    const known = stored?.record ?? null;
    const folded = foldArrivals(known, arrivals);
    const incidentId = await chooseIncident(parts, known, folded);
    const next = recordOf(known, folded, incidentId);
    const claimed = { folded, incidentId, record: next };
    if (next === known || next === null) return { ...claimed, order: stored?.version ?? 0 };
    const order = await parts.store.write('alert', key, next, stored?.version ?? 0);
    if (order !== null) return { ...claimed, order };
  }
};

/**
 * The incident of the key's record while it may still be entered; else the group's; a new one is claimed through the group. An accepted
 * alert belongs to an incident also when it comes after its own resolve, which alone opened none.
 */
const chooseIncident = async (
  parts: ReceiveParts,
  known: AlertRecord | null,
  folded: Folded,
): Promise<string | null> => {
  const isHomeless = (known?.incidentId ?? null) === null;
  const firing = folded.placements.find(
    ({ arrival, move, before }) =>
      before === null && arrival.alert.state === 'firing' && (move.effect === 'fires' || isHomeless),
  );
  if (!firing) return known?.incidentId ?? null;
  if (known?.incidentId && (await joins(parts, known.incidentId))) return known.incidentId;
  return claimGroup(parts, firing.arrival.alert.group);
};

const joins = async (parts: ReceiveParts, incidentId: string): Promise<boolean> => {
  const stored = await parts.store.read('incident', incidentId);
  return mayJoin(stored?.record ?? null, parts.clock.nowMs(), parts.settings.reopenWithinMs).joins;
};

const claimGroup = async (parts: ReceiveParts, group: string): Promise<string> => {
  for (;;) {
    const stored = await parts.store.read('group', group);
    if (stored && (await joins(parts, stored.record.incidentId))) return stored.record.incidentId;
    const { nowMs, at } = momentOf(parts);
    const incidentId = parts.ids.incident(nowMs);
    const version = await parts.store.write(
      'group',
      group,
      { key: group, incidentId, claimedAt: at },
      stored?.version ?? 0,
    );
    if (version !== null) return incidentId;
  }
};

const applyToIncident = async (
  parts: ReceiveParts,
  incidentId: string,
  placed: readonly PlacedAlert[],
): Promise<void> => {
  const first = placed[0]?.arrival;
  if (!first) return;
  for (;;) {
    const stored = await parts.store.read('incident', incidentId);
    const moment = momentOf(parts);
    const before = stored?.record ?? openIncident(first, openingOf(parts, incidentId, first), moment);
    const next = applyAlerts(before, placed, moment);
    if (next === stored?.record) return;
    await parts.checkpoint('saving');
    if ((await parts.store.write('incident', incidentId, next, stored?.version ?? 0, dueOf(next))) !== null) return;
  }
};

/** An incident of a service that runs elsewhere only is told where that service's incidents are told. */
const openingOf = (parts: ReceiveParts, id: string, { alert }: Arrival) => {
  const { services, channel } = parts.settings;
  const place = placeOf(parts, alert);
  const service = targetOf(parts, place) ?? services.find((one) => one.name === place.service);
  return {
    id,
    ...place,
    channel: service?.channel ?? channel,
    drill: alert.labels['drill'] === 'true',
  };
};
