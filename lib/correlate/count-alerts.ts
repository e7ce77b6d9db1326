import { type AlertState, NO_TALLY, type Tally } from '../domain/alert.ts';
import { shortJob } from '../domain/applied-jobs.ts';
import type { Incident, IncidentAlert } from '../domain/incident.ts';
import { clip } from '../domain/plain-text.ts';
import type { Severity } from '../domain/severity.ts';
import type { AlertMove } from './alert-order.ts';
import type { Arrival, Standing } from './place-alerts.ts';

/** An arrival that was placed in this incident, and what is known of its key by now. */
export type PlacedAlert = {
  readonly arrival: Arrival;
  readonly move: AlertMove;
  /** The key's tally with this arrival. */
  readonly tally: Tally;
  readonly standing: Standing;
};

/** What people hear of one alert: it fires, it fired and is over already, or it is over. */
export type AlertNews = { readonly what: 'firing' | 'over' | 'resolved'; readonly key: string; readonly title: string };

export type Counted = {
  readonly alerts: Incident['alerts'];
  readonly totals: Incident['totals'];
  /** What was not counted before. */
  readonly fresh: readonly PlacedAlert[];
  readonly news: readonly AlertNews[];
  /** Jobs whose alerts are counted in the totals alone: their short ids are all that tells a repeated one. */
  readonly unnamedJobs: readonly string[];
};

/** Members kept in the incident by name, and how much they may take together; the totals count all. */
const MEMBERS_KEPT = 50;
const MEMBERS_BYTES = 15_000;
/** What a member takes without its title and link. */
const MEMBER_BYTES = 330;
const TITLE_CHARS = 120;
const LINK_CHARS = 300;
/** The message links the first ones. */
const LINKS_KEPT = 10;
/** Severity of an alert whose source has none. */
export const DEFAULT_SEVERITY: Severity = 'P3';

/**
 * Takes over what happened to each key. A member has its key's tally, so whatever comes again adds nothing, however late. Alerts beyond
 * the members are counted by their jobs: there a job that comes again after very many others may count twice, and is told twice at most then.
 */
export const countAlerts = (incident: Incident, placed: readonly PlacedAlert[]): Counted => {
  const members = new Map(incident.alerts.map((member) => [member.key, member]));
  const applied = new Set(incident.applied);
  let totals = incident.totals;
  let isRoomLeft = hasRoom(members);
  const fresh: PlacedAlert[] = [];
  const news: AlertNews[] = [];
  const unnamed: PlacedAlert[] = [];
  for (const [key, sameKey] of Map.groupBy(placed, (one) => one.arrival.alert.key)) {
    const old = members.get(key) ?? null;
    if (old === null && !isRoomLeft) {
      unnamed.push(...sameKey);
      continue;
    }
    const counted = countMember(old, sameKey, members.size);
    if (counted === null) continue;
    members.set(key, counted.member);
    if (old === null) isRoomLeft = hasRoom(members);
    totals = moveTotals(totals, old?.state ?? null, counted.member.state, counted.received);
    fresh.push(...sameKey);
    if (counted.news) news.push({ what: counted.news, key, title: counted.member.title });
  }
  const shortIds = new Map([...new Set(unnamed.map(jobIdOf))].map((jobId) => [jobId, shortJob(jobId)]));
  const freshUnnamed = unnamed.filter((one) => !applied.has(shortIds.get(jobIdOf(one)) ?? ''));
  return {
    alerts: [...members.values()],
    totals: freshUnnamed.reduce(countUnnamed, totals),
    fresh: [...fresh, ...freshUnnamed],
    news: [...news, ...freshUnnamed.flatMap(newsOfUnnamed)],
    unnamedJobs: [...new Set(freshUnnamed.map(jobIdOf))],
  };
};

const jobIdOf = ({ arrival }: PlacedAlert): string => arrival.jobId;

/** The key may have been in another incident before: what it was there is not counted here. */
const countUnnamed = (totals: Incident['totals'], { tally, standing, move }: PlacedAlert): Incident['totals'] =>
  moveTotals(totals, tally.received <= standing.since.received + 1 ? null : move.from, move.to, 1);

const shortTitle = (title: string): string => clip(title, TITLE_CHARS);

/** Once there is no room there never is again, so that no alert is counted both ways. */
const hasRoom = (members: ReadonlyMap<string, IncidentAlert>): boolean =>
  members.size < MEMBERS_KEPT &&
  [...members.values()].reduce((sum, one) => sum + MEMBER_BYTES + bytesOf(one.title) + (one.link?.length ?? 0), 0) <
    MEMBERS_BYTES;

const bytesOf = (text: string): number => Buffer.byteLength(JSON.stringify(text));

type CountedMember = {
  readonly member: IncidentAlert;
  readonly received: number;
  readonly news: AlertNews['what'] | null;
};

/** null when all of it is counted already. */
const countMember = (
  old: IncidentAlert | null,
  sameKey: readonly PlacedAlert[],
  position: number,
): CountedMember | null => {
  const last = sameKey.reduce((newest, one) =>
    one.standing.tally.received >= newest.standing.tally.received ? one : newest,
  );
  const { state, tally, since } = last.standing;
  const counted = old?.tally ?? NO_TALLY;
  const received = tally.received - Math.max(counted.received, since.received);
  const times = sameKey.map(({ arrival }) => arrival.acceptedAt).sort();
  const first = times[0] ?? last.arrival.acceptedAt;
  if (received <= 0) return old && first < old.firstSeen ? seenEarlier(old, first) : null;
  const fired = Math.max(0, tally.fired - Math.max(counted.fired, since.fired));
  const latest = times.at(-1) ?? first;
  const { alert } = last.arrival;
  const base = old ?? joinAs(last, { position, at: first });
  const member: IncidentAlert = {
    ...base,
    state,
    tally,
    severity: alert.severity ?? base.severity,
    count: base.count + fired,
    firstSeen: base.firstSeen < first ? base.firstSeen : first,
    lastSeen: base.lastSeen > latest ? base.lastSeen : latest,
  };
  return { member, received, news: newsOfMember(old, member, tally.episodes > counted.episodes) };
};

/** Its first job comes again behind others that counted it already. */
const seenEarlier = (old: IncidentAlert, firstSeen: string): CountedMember => ({
  member: { ...old, firstSeen },
  received: 0,
  news: null,
});

/** The title stays as it was first told: a repeat is not told. */
const joinAs = (
  { arrival: { alert }, standing }: PlacedAlert,
  { position, at }: { readonly position: number; readonly at: string },
): IncidentAlert => {
  const isLinked = alert.link !== null && alert.link.length <= LINK_CHARS && /^https?:\/\//.test(alert.link);
  return {
    key: alert.key,
    source: alert.source,
    title: shortTitle(alert.title),
    state: standing.state,
    severity: alert.severity ?? DEFAULT_SEVERITY,
    count: 0,
    firstSeen: at,
    lastSeen: at,
    ...(isLinked && position < LINKS_KEPT ? { link: alert.link } : {}),
  };
};

const newsOfMember = (old: IncidentAlert | null, now: IncidentAlert, firesAnew: boolean): AlertNews['what'] | null => {
  if (old === null || firesAnew) return now.state === 'firing' ? 'firing' : 'over';
  return now.state === 'resolved' && old.state !== 'resolved' ? 'resolved' : null;
};

const newsOfUnnamed = ({ arrival, move, standing }: PlacedAlert): readonly AlertNews[] => {
  const { key } = arrival.alert;
  const title = shortTitle(arrival.alert.title);
  switch (move.effect) {
    case 'fires':
      return [{ what: standing.state === 'firing' ? 'firing' : 'over', key, title }];
    case 'resolves':
      return [{ what: 'resolved', key, title }];
    case 'nodata':
    case 'repeats':
    case 'late':
      return [];
  }
};

const moveTotals = (
  totals: Incident['totals'],
  from: AlertState | null,
  to: AlertState,
  received: number,
): Incident['totals'] => {
  const next = { ...totals, received: totals.received + received };
  if (from === to) return next;
  const left = from === null || next[from] === 0 ? next : { ...next, [from]: next[from] - 1 };
  return { ...left, [to]: left[to] + 1 };
};
