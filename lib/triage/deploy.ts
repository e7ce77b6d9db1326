import { isOfWarnings } from '../domain/ahead.ts';
import { deploymentsIn } from '../domain/deployment.ts';
import type { Diagnosis, Finding } from '../domain/diagnosis.ts';
import { numberFact, textFact } from '../domain/finding-facts.ts';
import { type Incident, standingOfCause } from '../domain/incident.ts';
import { nameIn } from '../domain/plain-text.ts';
import { hasRisen, readTraffic, type Traffic } from './impact.ts';

/** The metrics compare with an hour ago: an older deploy was there then, too. */
const RECENT_MS = 60 * 60_000;
/** What a deploy breaks at once is seen within this; what fails later may have begun with anything. */
const RIGHT_BEFORE_MS = 15 * 60_000;

/**
 * What a deploy of ours can break. The key, the network and Mistral's own state it does not touch, and no deploy makes our own smallest
 * question, which does not run it, too long or invalid. `unknown`: our service fails, and Mistral was not heard.
 */
const BREAKABLE = /^app\.|^config\.(?!api_key)|^model_or_route\.|^unknown$/;

type Deploy = NonNullable<Diagnosis['sinceDeploy']>;
type Went = { readonly ms: number; readonly version?: string };

/** Newest first; none of a clock that is ahead of ours. */
const readWent = (deployments: Finding, atMs: number): readonly Went[] => {
  const { facts = {} } = deployments;
  const dated = deploymentsIn(facts).flatMap(({ deployedAt, version }) => {
    const ms = Date.parse(deployedAt);
    return Number.isNaN(ms) ? [] : [{ ms, ...(version === undefined ? {} : { version: nameIn(version) }) }];
  });
  const minutesAgo = numberFact(deployments, 'minutesAgo');
  const version = textFact(deployments, 'version');
  const last = minutesAgo === null || Math.abs(minutesAgo) > 1e6 ? null : atMs - minutesAgo * 60_000;
  const undated = last === null ? [] : [{ ms: last, ...(version === null ? {} : { version: nameIn(version) }) }];
  return (dated.length > 0 ? dated : undated).filter(({ ms }) => ms <= atMs);
};

const tellWent = ({ ms, ...named }: Went): Pick<Deploy, 'at' | 'version'> => ({
  at: new Date(ms).toISOString(),
  ...named,
});

/** What went out since, under another name: two sources may tell of one deploy at two times. */
const tellLater = (went: readonly Went[], suspect: Went): Pick<Deploy, 'later'> => {
  const [last] = went;
  if (last === undefined || last === suspect || last.version === suspect.version) return {};
  const before = went.slice(went.indexOf(suspect) + 1).find(({ version }) => version !== suspect.version);
  const isBack = last.version !== undefined && last.version === before?.version;
  return { later: { ...tellWent(last), isBack } };
};

type When = { readonly atMs: number; readonly beganMs: number };

/** A deploy of ours, and how long before the trouble it went out. */
export type Before = { readonly deploy: Deploy; readonly beforeMs: number };

/**
 * Our last deploy before this began, within the hour, if nothing says that it was as bad before. What went out since did not begin it.
 */
const findBefore = (deployments: Finding | null, traffic: Traffic | null, { atMs, beganMs }: When): Before | null => {
  if (deployments === null || deployments.outcome === 'unknown' || Number.isNaN(atMs)) return null;
  const went = readWent(deployments, atMs);
  const suspect = went.find(({ ms }) => ms <= beganMs);
  if (suspect === undefined || beganMs - suspect.ms > RECENT_MS) return null;
  // After an hour the incident is compared with itself.
  const isComparable = atMs - beganMs < RECENT_MS;
  if (isComparable && hasRisen(traffic) === false && traffic?.state !== 'slow') return null;
  return { deploy: { ...tellWent(suspect), ...tellLater(went, suspect) }, beforeMs: beganMs - suspect.ms };
};

/** Our deploy that this began with: right before it. */
export const findDeploy = (deployments: Finding | null, traffic: Traffic | null, when: When): Deploy | null => {
  const before = findBefore(deployments, traffic, when);
  return before !== null && before.beforeMs <= RIGHT_BEFORE_MS ? before.deploy : null;
};

/** Our last deploy where it went out within the hour and not right before: it may be the reason or not. */
export const findEarlier = (deployments: Finding | null, traffic: Traffic | null, when: When): Before | null => {
  const before = findBefore(deployments, traffic, when);
  return before !== null && before.beforeMs > RIGHT_BEFORE_MS ? before : null;
};

/** Whether somebody whose trouble began at `since` is told of the same deploy as this diagnosis tells of; false also where that is not kept. */
export const isSameDeploy = (diagnosis: Diagnosis, since: string = diagnosis.at): boolean => {
  const deployments = diagnosis.probes.find(({ name }) => name === 'deployments') ?? null;
  if (!mayBreak(diagnosis) || deployments?.outcome !== 'ok') return true;
  if (deployments.facts === undefined) return false;
  const traffic = readTraffic(diagnosis.probes.find(({ name }) => name === 'traffic') ?? null);
  const deploy = findDeploy(deployments, traffic, beginningOf(diagnosis.at, since));
  return deploy?.at === diagnosis.sinceDeploy?.at;
};

/**
 * When what is wrong with an incident began, as ISO 8601; undefined: now, since it was well until now or only warns of what may come. What
 * was known before it was asked anew is over, and the deploy of a relapse stays the one that it began with.
 */
export const troubleSince = (incident: Incident): string | undefined => {
  const cause = standingOfCause(incident);
  if (cause === 'over') return undefined;
  const { doubtedAt, milestones, createdAt, diagnosis } = incident;
  const began = doubtedAt ?? (isOfWarnings(incident) ? undefined : (milestones.started ?? createdAt));
  const deployed = cause === 'present' ? diagnosis?.sinceDeploy?.at : undefined;
  if (began === undefined || deployed === undefined) return began ?? deployed;
  return Date.parse(deployed) > Date.parse(began) ? deployed : began;
};

/** What is no date, or lies ahead, is no beginning: then it is now. */
export const beginningOf = (at: string, since: string): When => {
  const atMs = Date.parse(at);
  return { atMs, beganMs: Math.min(Date.parse(since) || atMs, atMs) };
};

export const mayBreak = ({ verdict, branch }: Pick<Diagnosis, 'verdict' | 'branch'>): boolean =>
  verdict === 'problem' && BREAKABLE.test(branch);
