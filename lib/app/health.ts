import type { Store } from '../ports/store.ts';
import type { Clock } from '../ports/world.ts';
import { type Health, judgeHealth } from '../triage/health.ts';

export type HealthParts = { readonly store: Store; readonly clock: Clock };

/** From the last routine check alone. A store that cannot be read knows of none. */
export const readHealth = async ({ store, clock }: HealthParts): Promise<Health> => {
  const stored = await store.read('check', 'routine').catch(() => null);
  return judgeHealth(stored?.record ?? null, clock.nowMs());
};
