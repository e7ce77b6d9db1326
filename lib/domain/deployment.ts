import type { ProbeFacts } from './diagnosis.ts';

/** Something went out, as whoever sent it out told us. */
export type Deployment = {
  readonly version: string;
  /** When, in ISO 8601 UTC. */
  readonly at: string;
  /** false: the sender named no time, so it is when we heard of it. */
  readonly isTimed: boolean;
  /** A person or a pipeline, as it calls itself. */
  readonly by: string | null;
  readonly url: string | null;
};

/** The last deployments of a service, newest first. */
export type DeploymentHistory = { readonly deployments: readonly Deployment[] };

/** Enough to see what went out lately, and a small record. */
const MOST_DEPLOYMENTS = 20;

/** Without a time of its own, the same version within this time is a sender that tries again. */
const RETRY_MS = 10 * 60_000;

const isSame = (one: Deployment, other: Deployment): boolean => {
  if (one.version !== other.version) return false;
  if (one.isTimed && other.isTimed) return one.at === other.at;
  return Math.abs(Date.parse(one.at) - Date.parse(other.at)) < RETRY_MS;
};

/** Where it was told already, and where it is older than all that is kept, the history stays as it is. */
export const addDeployment = (history: DeploymentHistory | null, told: Deployment): DeploymentHistory => {
  const before = history?.deployments ?? [];
  if (history !== null && before.some((one) => isSame(one, told))) return history;
  const deployments = [told, ...before]
    .toSorted((one, other) => (one.at === other.at ? 0 : one.at < other.at ? 1 : -1))
    .slice(0, MOST_DEPLOYMENTS);
  return history !== null && !deployments.includes(told) ? history : { deployments };
};

/** What a source knows of one that went out: when, in ISO 8601 UTC, and what it is called. */
export type Shipped = { readonly deployedAt: string; readonly version?: string };

/** Somebody who mends an incident ships a few times: the one that it began with is still among these. */
const MOST_TOLD = 8;

const FACT = /^(?:deployedAt|version)\d*$/;

/** Newest first: `deployedAt` and `version`, then `deployedAt2` and `version2`, and so on. Dates that are none are left out. */
export const deploymentFacts = (shipped: readonly Shipped[]): ProbeFacts =>
  Object.fromEntries(
    shipped
      .filter(({ deployedAt }) => !Number.isNaN(Date.parse(deployedAt)))
      .toSorted((one, other) => Date.parse(other.deployedAt) - Date.parse(one.deployedAt))
      .slice(0, MOST_TOLD)
      .flatMap(({ deployedAt, version }, index) => {
        const nth = index === 0 ? '' : String(index + 1);
        const when = [`deployedAt${nth}`, deployedAt] as const;
        return version === undefined ? [when] : [when, [`version${nth}`, version] as const];
      }),
  );

/** The facts back to what they tell of, newest first. */
export const deploymentsIn = (facts: ProbeFacts): readonly Shipped[] =>
  Array.from({ length: MOST_TOLD }, (_, index) => (index === 0 ? '' : String(index + 1))).flatMap((nth) => {
    const [deployedAt, version] = [facts[`deployedAt${nth}`], facts[`version${nth}`]];
    if (typeof deployedAt !== 'string') return [];
    return [typeof version === 'string' && version.trim() !== '' ? { deployedAt, version } : { deployedAt }];
  });

/** What a source says besides, as its revision. */
export const besideDeployments = (facts: ProbeFacts): ProbeFacts =>
  Object.fromEntries(Object.entries(facts).filter(([name]) => !FACT.test(name)));
