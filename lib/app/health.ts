import type { ChatFailure } from '../ports/chat.ts';
import type { Store } from '../ports/store.ts';
import type { Clock } from '../ports/world.ts';
import { type Health, judgeHealth } from '../triage/health.ts';

/** Whether Slack took what it was last asked to take. */
export type ChatHealth = {
  readonly status: 'healthy' | 'degraded';
  readonly error?: ChatFailure;
  readonly checkedAt: string;
};

export type HealthParts = {
  readonly store: Pick<Store, 'read'>;
  readonly clock: Clock;
  /** null: Slack was not asked yet. Absent: nobody knows. */
  readonly chatHealth?: () => ChatHealth | null;
};

type Told = Omit<Health, 'services'> & {
  readonly services: Readonly<Record<string, Health['services'][string] | ChatHealth>>;
};

/**
 * From the last routine check alone. A store that cannot be read knows of none. Slack can make it degraded and no worse: alerts are
 * accepted and kept all the same, and a restart by whoever watches this would mend nothing.
 */
export const readHealth = async ({ store, clock, chatHealth }: HealthParts): Promise<Told> => {
  const stored = await store.read('check', 'routine').catch(() => null);
  const health = judgeHealth(stored?.record ?? null, clock.nowMs());
  const slack = chatHealth?.() ?? null;
  if (slack === null) return health;
  const status = health.status === 'healthy' ? slack.status : health.status;
  return { ...health, status, services: { ...health.services, slack } };
};
