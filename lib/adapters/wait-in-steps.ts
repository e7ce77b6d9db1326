import type { Wait } from '../ports/world.ts';

/** A timer that is set for longer ends at once. */
const MOST_TIMER_MS = 2_147_483_647;

/** Waits however long, one timer after the other. */
export const waitInSteps =
  (timer: Wait): Wait =>
  async (ms) => {
    let leftMs = ms;
    for (; leftMs > MOST_TIMER_MS; leftMs -= MOST_TIMER_MS) await timer(MOST_TIMER_MS);
    await timer(leftMs);
  };
