import type { Jobs } from '../../ports/jobs.ts';
import type { Clock } from '../../ports/world.ts';

/** As the port promises for a job that was done; SQS itself remembers none. */
const REMEMBERED_MS = 3_600_000;
const MOST = 20_000;

/**
 * A job that this process put already is not put again. Others may put it as well, which every handler bears; this keeps a busy
 * incident, whose timers are looked at after each change, from making a job of the same timer each time.
 */
export const putOnce = (jobs: Jobs, clock: Clock): Jobs => {
  const known = new Map<string, number>();
  return {
    ...jobs,
    put: async (wanted, options) => {
      const nowMs = clock.nowMs();
      const fresh = wanted.filter(({ id }) => nowMs - (known.get(id) ?? Number.NEGATIVE_INFINITY) >= REMEMBERED_MS);
      await jobs.put(fresh, options);
      for (const { id } of fresh) {
        known.delete(id);
        known.set(id, nowMs);
      }
      for (const [id] of known) {
        if (known.size <= MOST) break;
        known.delete(id);
      }
    },
  };
};
