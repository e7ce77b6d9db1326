/** A job that was given up, as its owner is told of it. */
export type BuriedJob = { readonly id: string; readonly kind: string; readonly why: string };

/** How far the owner was told of jobs that could not be processed. One record, with key `all`. */
export type Burial = {
  /** Jobs given up so far that are in a notice. They are never deleted, so the number only grows. */
  readonly counted: number;
  /** When the last notice was made, epoch ms: one a minute is enough. */
  readonly noticedMs: number;
  /** The notice that Slack has not taken yet. */
  readonly notice: { readonly id: string; readonly count: number; readonly jobs: readonly BuriedJob[] } | null;
};
