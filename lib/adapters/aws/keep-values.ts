import type { Secrets } from '../../ports/secrets.ts';
import type { Clock } from '../../ports/world.ts';

type Kept = { readonly value: string; readonly untilMs: number };

/**
 * Keeps values under labels for `forMs`: reading one costs, and the routine check needs it every minute. All of a secret are forgotten
 * by a move of its labels here, one of them by asking for it `fresh`. Labels, values by version and values that were not there are not kept.
 */
export const keepValues = (
  secrets: Secrets,
  { forMs, clock }: { readonly forMs: number; readonly clock: Clock },
): Secrets => {
  const keptBySecret = new Map<string, Map<string, Kept>>();

  const keptOf = (secretId: string): Map<string, Kept> => {
    const kept = keptBySecret.get(secretId) ?? new Map<string, Kept>();
    keptBySecret.set(secretId, kept);
    return kept;
  };

  return {
    labels: secrets.labels,
    value: async (secretId, at, how) => {
      if (!('label' in at)) return secrets.value(secretId, at, how);
      const kept = keptOf(secretId);
      const last = how?.fresh === true ? undefined : kept.get(at.label);
      if (last !== undefined && clock.nowMs() < last.untilMs) return last.value;
      kept.delete(at.label);
      // Read after a move began, it is kept where the move does not look any more.
      const value = await secrets.value(secretId, at, how);
      if (value !== null) kept.set(at.label, { value, untilMs: clock.nowMs() + forMs });
      return value;
    },
    move: async (secretId, label, from, to) => {
      try {
        return await secrets.move(secretId, label, from, to);
      } finally {
        // Also when it failed: it may have been done.
        keptBySecret.delete(secretId);
      }
    },
  };
};
