import type { RoutineCheck } from '../domain/check.ts';

type Status = RoutineCheck['services'][string]['status'];
type ServiceHealth = RoutineCheck['services'][string] & { readonly checkedAt: string };

export type Health = {
  readonly status: Status;
  readonly services: Readonly<Record<string, ServiceHealth>>;
  readonly timestamp: string;
};

/** A check older than this many intervals says nothing any more. */
const STALE_INTERVALS = 3;

const WORST: readonly Status[] = ['unhealthy', 'degraded', 'healthy'];

/**
 * The worst service decides. `mistral` is the worst of all; where there are several, each follows under its environment and name. Without
 * a check, and with one that is too old, it is unhealthy: nobody knows.
 */
export const judgeHealth = (check: RoutineCheck | null, nowMs: number): Health => {
  const timestamp = new Date(nowMs).toISOString();
  if (!check) return nobodyKnows('no routine check yet', timestamp, timestamp);
  const { checkedAt } = check;
  if (nowMs - Date.parse(checkedAt) > STALE_INTERVALS * check.intervalMs)
    return nobodyKnows('the last routine check is too old', checkedAt, timestamp);
  const services = Object.entries(check.services).map(([place, health]) => [place, { ...health, checkedAt }] as const);
  const worst = WORST.flatMap((status) => services.filter(([, health]) => health.status === status))[0]?.[1];
  if (!worst) return nobodyKnows('no service was checked', checkedAt, timestamp);
  return {
    status: worst.status,
    services: { ...Object.fromEntries(services.length > 1 ? services : []), mistral: worst },
    timestamp,
  };
};

const nobodyKnows = (error: string, checkedAt: string, timestamp: string): Health => ({
  status: 'unhealthy',
  services: { mistral: { status: 'unhealthy', latencyMs: 0, error, checkedAt } },
  timestamp,
});
