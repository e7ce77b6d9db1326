type Signal = 'SIGINT' | 'SIGTERM';

/** How somebody makes a command end before it has ended by itself. */
export type Leaving = {
  /** Whether nobody wants more of it: a signal came, or nobody reads what is printed. */
  readonly isAsked: () => boolean;
  /** Resolves then. */
  readonly asked: Promise<void>;
  /** Rejects when a signal came: what is under way is not waited for. */
  readonly interrupted: Promise<never>;
  readonly signal: () => Signal | null;
  /** To be called when everything is closed. Ends the process by the signal that came, as if nobody had listened. */
  readonly end: () => void;
};

/** From now on a signal does not end the process at once, and a reader who goes away (`| head -1`) is no error. */
export const listenForEnd = (): Leaving => {
  const asking = Promise.withResolvers<void>();
  const interrupting = Promise.withResolvers<never>();
  interrupting.promise.catch(() => null);
  let isAsked = false;
  let came: Signal | null = null;
  const leave = (): void => {
    isAsked = true;
    asking.resolve();
  };
  const interrupt = (signal: Signal): void => {
    came ??= signal;
    leave();
    interrupting.reject(new Error(signal));
  };
  const lose = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    leave();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.stdout.on('error', lose);
  return {
    isAsked: () => isAsked,
    asked: asking.promise,
    interrupted: interrupting.promise,
    signal: () => came,
    end: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
      // Who reads no more is noticed late: the last lines may still be on their way.
      if (came !== null) process.kill(process.pid, came);
    },
  };
};
