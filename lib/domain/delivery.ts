/**
 * The state of telling one thing (the root message, or one note in the thread) to Slack.
 * `uncertain` is set with the lease, before sending, and cleared only by a definite answer: whoever finds it set must look before sending.
 */
export type Delivery = {
  readonly incidentId: string;
  /** `root`, or `note:<id>`. */
  readonly part: string;
  readonly channel: string;
  readonly ts: string | null;
  /** When it was told for the first time; it stays when the message is lost and told anew. */
  readonly toldAtMs?: number;
  /** Revision the message shows; 0 before the first. */
  readonly toldRevision: number;
  readonly lease: { readonly holder: string; readonly untilMs: number } | null;
  readonly uncertain: boolean;
  readonly firstAttemptMs: number;
  readonly attempts: number;
  readonly editedAtMs: number;
  /** Why the last attempt failed, a word of the closed list of `ports/chat.ts`; null after a success. */
  readonly lastFailure: string | null;
};

/** One gate for all deliverers. `channel:<id>` spaces messages, `workspace` counts edits. */
export type Pacer = {
  readonly key: string;
  readonly nextFreeMs: number;
  readonly tokens: number;
  readonly refilledMs: number;
};
