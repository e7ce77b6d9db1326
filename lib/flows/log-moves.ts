import type { AlertMove } from '../correlate/alert-order.ts';
import type { Log } from '../ports/world.ts';

/** `target`: the incident; null: it opened nothing. */
export type Move = { readonly move: AlertMove; readonly target: string | null };

/** One line for all that moved alike: a batch may hold hundreds of repeats, and lines cost. */
export const logMoves = (log: Log, moves: readonly Move[]): void => {
  const alike = Map.groupBy(moves, ({ target, move }) => JSON.stringify([target, move.effect, move.reason]));
  for (const [first, ...others] of alike.values()) {
    if (first === undefined) continue;
    const { target, move } = first;
    log('alert.placed', { incident: target, effect: move.effect, reason: move.reason, alerts: 1 + others.length });
  }
};
