import type { RoutineCheck } from '../domain/check.ts';
import type { Store } from '../ports/store.ts';
import type { Clock } from '../ports/world.ts';

export type HealthParts = { readonly store: Store; readonly clock: Clock };

type Status = 'healthy' | 'degraded' | 'unhealthy';
type ServiceHealth = RoutineCheck['services'][string] & { readonly checkedAt: string };

export type Health = {
  readonly status: Status;
  readonly services: Readonly<Record<string, ServiceHealth>>;
  readonly timestamp: string;
};

/** A check older than this many intervals says nothing any more. */
const STALE_INTERVALS = 3;

const WORST: readonly Status[] = ['unhealthy', 'degraded', 'healthy'];

/** The worst service decides. `mistral` is the worst of all, each service follows under its own name where there are several. */
export const readHealth = async ({ store, clock }: HealthParts): Promise<Health> => {
  const timestamp = new Date(clock.nowMs()).toISOString();
  const stored = await store.read('check', 'routine').catch(() => null);
  const check = stored?.record;
  if (!check)
    return { status: 'unhealthy', services: { mistral: missing('no routine check yet', timestamp) }, timestamp };
  if (clock.nowMs() - Date.parse(check.checkedAt) > STALE_INTERVALS * check.intervalMs)
    return {
      status: 'unhealthy',
      services: { mistral: missing('the last routine check is too old', check.checkedAt) },
      timestamp,
    };
  const services = Object.entries(check.services).map(
    ([name, health]) => [name, { ...health, checkedAt: check.checkedAt }] as const,
  );
  const worst = WORST.flatMap((status) => services.filter(([, health]) => health.status === status))[0]?.[1];
  if (!worst)
    return {
      status: 'unhealthy',
      services: { mistral: missing('no service was checked', check.checkedAt) },
      timestamp,
    };
  return {
    status: worst.status,
    services: { ...Object.fromEntries(services.length > 1 ? services : []), mistral: worst },
    timestamp,
  };
};

const missing = (error: string, checkedAt: string): ServiceHealth => ({
  status: 'unhealthy',
  latencyMs: 0,
  error,
  checkedAt,
});
