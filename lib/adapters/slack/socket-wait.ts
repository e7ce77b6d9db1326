import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, but no longer than until `cut`. */
export const pause = async (ms: number, cut: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal: cut }).catch(() => undefined);
};

/** What `work` comes to, or `late` after `limitMs`. Leaves no timer behind. */
export const within = async <T, L>(limitMs: number, work: Promise<T>, late: L): Promise<T | L> => {
  const done = new AbortController();
  try {
    return await Promise.race([work, pause(limitMs, done.signal).then(() => late)]);
  } finally {
    done.abort();
  }
};
