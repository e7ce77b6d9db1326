/**
 * What a port throws when it will say the same however often it is asked: a role that may not, a key of KMS that is gone, a quota. A job
 * that it ends is not tried again; people are told. The message may be shown: names of the service, the call and the failure, no value.
 * Known by its member, so that an adapter may throw an error of its own.
 */
export type FinalFailure = Error & { readonly retryable: false };

export const isFinal = (error: unknown): error is FinalFailure =>
  error instanceof Error && 'retryable' in error && error.retryable === false;

/** For adapters that have no error of their own. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly retryable = false;
}
