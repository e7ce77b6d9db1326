/**
 * The place applications read a service's controls from: a file, a parameter. A projection of the `control` record, never the truth.
 * Both reject when it cannot be done or known, with a `FinalFailure` where trying again would bring the same.
 */
export type ControlProjection = {
  /** The text that stands there now; null when there is nothing yet. */
  readonly current: (environment: string, service: string) => Promise<string | null>;
  /** Replaces it as a whole; readers see the old or the new text, never a part. */
  readonly publish: (environment: string, service: string, text: string) => Promise<void>;
};
