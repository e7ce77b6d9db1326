/** After this the caller is answered whether or not the call noticed that it was given up. */
const GRACE_MS = 100;

export type Limit = {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Resolves when the limit has passed and the call still says nothing. */
  readonly passed: Promise<'passed'>;
  readonly clear: () => void;
};

/**
 * A limit that holds. The SDK's own `timeoutMs` hands an AbortSignal.timeout through copies of the request, which follow each other by weak
 * references: when one is collected the call hangs past its limit (measured). Here a timer holds the signal, and a second one does not trust it.
 */
export const startLimit = (timeoutMs: number): Limit => {
  const controller = new AbortController();
  const { promise: passed, resolve } = Promise.withResolvers<'passed'>();
  const abort = setTimeout(() => {
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }, timeoutMs);
  const end = setTimeout(() => resolve('passed'), timeoutMs + GRACE_MS);
  return {
    timeoutMs,
    signal: controller.signal,
    passed,
    clear: () => {
      clearTimeout(abort);
      clearTimeout(end);
    },
  };
};
