import type { Branch } from '../domain/branch.ts';
import type { Diagnosis, Finding } from '../domain/diagnosis.ts';
import { momentFact, numberFact, textFact } from '../domain/finding-facts.ts';
import { hasRisen, type Traffic } from './impact.ts';
import { nameIn } from './say.ts';

/** The metrics compare with an hour ago: an older deploy was there then, too. */
const RECENT_MS = 60 * 60_000;

/** What a deploy of ours can break. The key, the network and Mistral's own state it does not touch. */
const BREAKABLE = /^(?:app|request|config)\.|^model_or_route\./;

const deployedMs = (deployments: Finding, atMs: number): number | null => {
  const at = momentFact(deployments, 'deployedAt');
  const minutesAgo = numberFact(deployments, 'minutesAgo');
  if (at !== null) return at;
  return minutesAgo === null || Math.abs(minutesAgo) > 1e6 ? null : atMs - minutesAgo * 60_000;
};

/** Our deploy that this began with: within the hour before, able to cause it, and nothing says that it was as bad before. */
export const findDeploy = (
  deployments: Finding | null,
  traffic: Traffic | null,
  { atMs, beganMs }: { readonly atMs: number; readonly beganMs: number },
): NonNullable<Diagnosis['sinceDeploy']> | null => {
  if (deployments === null || deployments.outcome === 'unknown' || Number.isNaN(atMs)) return null;
  const ms = deployedMs(deployments, atMs);
  if (ms === null || ms > beganMs || beganMs - ms > RECENT_MS) return null;
  // After an hour the incident is compared with itself.
  const isComparable = atMs - beganMs < RECENT_MS;
  if (isComparable && hasRisen(traffic) === false && traffic?.state !== 'slow') return null;
  const version = textFact(deployments, 'version');
  return { at: new Date(ms).toISOString(), ...(version === null ? {} : { version: nameIn(version) }) };
};

export const mayBreak = (branch: Branch): boolean => BREAKABLE.test(branch);
