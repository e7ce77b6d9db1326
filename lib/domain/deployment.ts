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
