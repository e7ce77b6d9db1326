export type TurnSettings = {
  /** Calls that open their connections at the same time. */
  readonly most: number;
  /** After this a call does not hold its turn any more: it waits for the other side, and costs us nothing. */
  readonly openingMs: number;
};

/** Gives the turn back; more than once is once. */
export type EndTurn = () => void;

/**
 * So many calls begin at once and no more, so that a latency is that of the call and not of our own queue. A call that hangs holds up
 * nobody for longer than `openingMs`, and nobody waits longer than it is willing to: in an outage every question is still put.
 */
export const createTurns = ({ most, openingMs }: TurnSettings): ((mostWaitMs: number) => Promise<EndTurn>) => {
  let opening = 0;
  const waiting = new Set<() => void>();
  const begin = (): EndTurn => {
    let isOpening = true;
    opening += 1;
    const end = (): void => {
      if (!isOpening) return;
      isOpening = false;
      clearTimeout(timer);
      opening -= 1;
      const [first] = waiting;
      if (opening < most) first?.();
    };
    const timer = setTimeout(end, openingMs);
    return end;
  };
  return (mostWaitMs) => {
    if (opening < most) return Promise.resolve(begin());
    const { promise, resolve } = Promise.withResolvers<EndTurn>();
    const go = (): void => {
      waiting.delete(go);
      clearTimeout(patience);
      resolve(begin());
    };
    const patience = setTimeout(go, mostWaitMs);
    waiting.add(go);
    return promise;
  };
};
