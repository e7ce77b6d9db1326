/** What applications read. An absent member is not set. */
export type ControlValues = {
  readonly fallback?: boolean;
  readonly maxConcurrency?: number;
  readonly timeoutMs?: number;
  readonly model?: string;
};

export type ControlLease = {
  readonly leaseId: string;
  readonly values: ControlValues;
  readonly expiresAt: string | null;
};

/** The truth about one service's controls; parameters, files and environments are projections of it. */
export type Control = {
  readonly service: string;
  readonly environment: string;
  readonly base: ControlValues;
  /** Oldest first; the newest is in effect. */
  readonly leases: readonly ControlLease[];
  /** Grows with every change; what applications see as `version`. */
  readonly version: number;
  /** The projection as we last wrote it, so that somebody else's edit is seen; null before the first. */
  readonly published: string | null;
  /** Somebody else's edit, and the request that met and showed it: another request by a person may overwrite exactly this text. */
  readonly foreignShown: { readonly text: string; readonly request: string } | null;
};

export const effectiveValues = (control: Control): ControlValues => control.leases.at(-1)?.values ?? control.base;
