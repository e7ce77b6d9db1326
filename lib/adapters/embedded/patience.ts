import { setTimeout as sleep } from 'node:timers/promises';
import { isBusy, StateFileError, toStateFileError } from './file-problem.ts';

/** Runs synchronous work; while another process has the lock, tries again after a short random wait, until the deadline. */
export type Patience = <T>(work: () => T) => Promise<T>;

/** Waits without stopping the event loop. Every other failure comes back in our words. */
export const makePatience =
  (path: string, deadlineMs: number): Patience =>
  async (work) => {
    const endMs = performance.now() + deadlineMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error)) throw toStateFileError(path, error);
        if (performance.now() >= endMs) {
          throw new StateFileError(
            'busy',
            `${path} has been locked by another process for ${deadlineMs} ms. Nothing was written. Stop that process, or try again.`,
          );
        }
        await sleep(Math.random() * Math.min(100, 4 * 2 ** attempt));
      }
    }
  };
