import { randomBytes } from 'node:crypto';
import { LIMITS } from '../../../templates/limits.ts';

const KEPT = 1_000;

export type Triggers = {
  readonly issue: (user: string, viewId?: string) => string;
  readonly exchange: (
    id: string,
  ) =>
    | { readonly user: string; readonly viewId: string | null }
    | 'invalid_trigger_id'
    | 'expired_trigger_id'
    | 'exchanged_trigger_id';
};

/** A trigger opens one modal within three seconds of the press. Never stored: it dies long before a restart is over. */
export const openTriggers = (clock: { readonly nowMs: () => number }): Triggers => {
  const issued = new Map<string, { user: string; viewId: string | null; atMs: number; isUsed: boolean }>();
  return {
    issue: (user, viewId) => {
      const id = `${clock.nowMs()}.${issued.size}.${randomBytes(12).toString('hex')}`;
      issued.set(id, { user, viewId: viewId ?? null, atMs: clock.nowMs(), isUsed: false });
      const [oldest] = issued.keys();
      if (issued.size > KEPT && oldest !== undefined) issued.delete(oldest);
      return id;
    },
    exchange: (id) => {
      const trigger = issued.get(id);
      if (trigger === undefined) return 'invalid_trigger_id';
      if (trigger.isUsed) return 'exchanged_trigger_id';
      if (clock.nowMs() - trigger.atMs > LIMITS.triggerMs) return 'expired_trigger_id';
      trigger.isUsed = true;
      return { user: trigger.user, viewId: trigger.viewId };
    },
  };
};
