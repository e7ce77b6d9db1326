/** A round of work that returns how long the next may wait, in milliseconds. */
type Round = () => Promise<number>;

export type Loop = {
  /** Runs a round now, or right after the present one. */
  readonly wake: () => void;
  /** Ends after the present round. */
  readonly stop: () => Promise<void>;
};

/** Runs rounds one after the other, each at the latest when the last one said. A failing round is told and tried again in a second. */
export const startLoop = (round: Round, tellFailure: (error: unknown) => void): Loop => {
  let isAwake = false;
  let isStopped = false;
  let wakeSleeper: (() => void) | null = null;
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wakeSleeper = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const tell = (error: unknown): void => {
    try {
      tellFailure(error);
    } catch {
      // Who cannot be told must not end the work.
    }
  };
  const run = async (): Promise<void> => {
    while (!isStopped) {
      isAwake = false;
      const waitMs = await round().catch((error: unknown) => {
        tell(error);
        return 1_000;
      });
      if (!isAwake && !isStopped) await sleep(waitMs);
    }
  };
  const ended = run();
  const wake = (): void => {
    isAwake = true;
    wakeSleeper?.();
  };
  return {
    wake,
    stop: async () => {
      isStopped = true;
      wake();
      await ended;
    },
  };
};
