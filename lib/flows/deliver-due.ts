import { deliverMessage } from './deliver-message.ts';
import { type Desk, openDesk } from './delivery-desk.ts';
import type { Parts } from './parts.ts';

/** A deliverer that broke down leaves the incident alone for as long as it rests itself. */
const AFTER_FAILURE_MS = 1_000;

/**
 * Tells whatever is due, P1 first, then the oldest, until nothing is left that may be told now. Several may work at one desk: a channel
 * is told by one of them at a time, and a Slack call that hangs keeps up its own channel alone.
 * Returns how long the next round may wait, at most `idleMs`. Once `isOver`, no other message is begun.
 */
export const deliverDue = async (
  parts: Parts,
  idleMs: number,
  desk: Desk = openDesk(),
  isOver: () => boolean = () => false,
): Promise<number> => {
  for (;;) {
    await desk.look(parts, idleMs);
    const item = isOver() ? null : desk.take();
    if (item === null) return desk.restMs(parts.clock.nowMs(), idleMs);
    let waitMs: number | null = AFTER_FAILURE_MS;
    try {
      waitMs = (await deliverMessage(parts, item.id))?.waitMs ?? null;
    } finally {
      desk.release(item, parts.clock.nowMs(), waitMs);
    }
  }
};
