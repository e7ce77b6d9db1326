import type { Home } from '../correlate/alert-order.ts';
import { applyAlerts, openIncident } from '../correlate/apply-alerts.ts';
import type { PlacedAlert } from '../correlate/count-alerts.ts';
import {
  type Arrival,
  type Candidate,
  chooseHome,
  type Folded,
  foldArrivals,
  mayJoin,
  recordOf,
  resolvedAtOf,
  standingOf,
} from '../correlate/place-alerts.ts';
import type { AlertRecord } from '../domain/alert.ts';
import type { Incident } from '../domain/incident.ts';
import { dueOf } from '../domain/incident-change.ts';
import { followChange } from '../triage/next-check.ts';
import { makeRoom } from './file-timeline.ts';
import { logMoves, type Move } from './log-moves.ts';
import { momentOf, type Parts } from './parts.ts';
import { pointGroup } from './point-group.ts';
import { redactArrivals } from './redact-alerts.ts';
import { rememberIncidents, type Seen } from './remember-incidents.ts';
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
  const byKey = Map.groupBy(clean, ({ alert }) => alert.key);
  const seen = rememberIncidents(parts.store);
  const moves: Move[] = [];
  for (const sameKey of byKey.values()) moves.push(...(await claimKey(parts, seen, sameKey, byIncident)));
  logMoves(parts.log, moves);
  const moved: string[] = [];
  for (const [incidentId, placed] of byIncident)
    if (await applyToIncident(parts, seen, incidentId, placed)) moved.push(incidentId);
  parts.nudge(moved);
  return [...byIncident.keys()];
};

const claimKey = async (
  parts: ReceiveParts,
  seen: Seen,
  arrivals: readonly Arrival[],
  byIncident: ByIncident,
): Promise<readonly Move[]> => {
  const { folded, incidentId, record } = await foldAndClaim(parts, seen, arrivals);
  return folded.placements.map((placement) => {
    const { arrival, move, before, tally } = placement;
    const target = before ? before.incidentId : incidentId;
    if (target === null) return { move, target };
    const placed = byIncident.get(target) ?? [];
    placed.push({ arrival, move, tally, standing: standingOf(placement, record, target) });
    byIncident.set(target, placed);
    return { move, target };
  });
};

/** `record` is the key's record as it is now. */
const foldAndClaim = async (parts: ReceiveParts, seen: Seen, arrivals: readonly Arrival[]) => {
  const key = arrivals[0]?.alert.key ?? '';
  for (;;) {
    const stored = await parts.store.read('alert', key);
    const known = stored?.record ?? null;
    const folded = foldArrivals(known, arrivals, await homeOf(parts, seen, known));
    const incidentId = await chooseIncident(parts, known, folded);
    const record = recordOf(known, folded, incidentId);
    if (record === known || record === null) return { folded, incidentId, record };
    if ((await parts.store.write('alert', key, record, stored?.version ?? 0)) !== null)
      return { folded, incidentId, record };
  }
};

/** Only of what still fires it matters whether somebody resolved its incident. */
const homeOf = async ({ settings }: ReceiveParts, seen: Seen, known: AlertRecord | null): Promise<Home> => {
  const { reopenWithinMs } = settings;
  if (known?.state !== 'firing' || known.incidentId === null) return { resolvedAt: null, reopenWithinMs };
  return { resolvedAt: resolvedAtOf((await seen(known.incidentId))?.record ?? null), reopenWithinMs };
};

const readIncident = async (parts: ReceiveParts, incidentId: string): Promise<Incident | null> =>
  (await parts.store.read('incident', incidentId))?.record ?? null;

/**
 * A firing alert goes to its group's open incident, else to its own of before while that may still be entered, else through the
 * group to a recent or a new one. An accepted alert belongs to an incident also when it comes after its own resolve, which alone
 * opened none.
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
  return claimGroup(parts, firing.arrival.alert.group, known?.incidentId ?? null);
};

/** `ownId`: the incident in which the alert was before. */
const claimGroup = async (parts: ReceiveParts, group: string, ownId: string | null): Promise<string> => {
  const joins = (incident: Incident | null): boolean =>
    mayJoin(incident, parts.clock.nowMs(), parts.settings.reopenWithinMs);
  const candidate = async (id: string | null): Promise<Candidate | null> =>
    id === null ? null : { id, incident: await readIncident(parts, id) };
  for (;;) {
    const stored = await parts.store.read('group', group);
    const ofGroup = await candidate(stored?.record.incidentId ?? null);
    const choice = chooseHome(group, { ofGroup, own: await candidate(ownId) }, joins);
    const incidentId = choice.incidentId ?? parts.ids.incident(parts.clock.nowMs());
    if (choice.pointsGroup && !(await pointGroup(parts, { group, incidentId }, stored))) continue;
    parts.log('alert.home', { incident: incidentId, reason: choice.reason });
    return incidentId;
  }
};

/** Whether somebody has to look at it now: not when alerts were only counted. Whatever sets a timer is told as well. */
const applyToIncident = async (
  parts: ReceiveParts,
  seen: Seen,
  incidentId: string,
  placed: readonly PlacedAlert[],
): Promise<boolean> => {
  const first = placed[0]?.arrival;
  if (!first) return false;
  for (let isFirst = true; ; isFirst = false) {
    const stored = await (isFirst ? seen(incidentId) : parts.store.read('incident', incidentId));
    const moment = momentOf(parts);
    const before = stored
      ? await makeRoom(parts, stored.record)
      : openIncident(first, openingOf(parts, incidentId, first), moment);
    const next = followChange(before, applyAlerts(before, placed, moment), parts.settings, moment);
    // It was applied before, by somebody who may have died before the rest.
    if (stored && next === before) return true;
    await parts.checkpoint('saving');
    if ((await parts.store.write('incident', incidentId, next, stored?.version ?? 0, dueOf(next))) === null) continue;
    return next.outbox.notBeforeMs !== null;
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
