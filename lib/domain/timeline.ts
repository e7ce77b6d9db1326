/** What happened, once, in order. `text` is ours and safe to show; `id` sorts by time. */
export type TimelineEntry = {
  readonly id: string;
  readonly at: string;
  readonly kind:
    | 'opened'
    | 'alert-joined'
    | 'alert-resolved'
    | 'severity-changed'
    | 'acknowledged'
    | 'assigned'
    | 'diagnosed'
    | 'status-changed'
    | 'mitigation'
    | 'update'
    | 'evidence'
    | 'postmortem';
  /** Slack user id, or `mistral-triage`. */
  readonly actor: string;
  readonly text: string;
  /** Names of evidence this rests on: a probe, an alert key, a lease id. */
  readonly refs: readonly string[];
};

/** One link of the hash-chained audit of an incident. */
export type AuditEntry = {
  readonly incidentId: string;
  /** 1, 2, 3, …; the key, so that two writers cannot both append. */
  readonly sequence: number;
  readonly at: string;
  readonly leaseId: string;
  readonly step: 'requested' | 'approved' | 'rejected' | 'intent' | 'outcome' | 'undo-intent' | 'undo-outcome';
  readonly actor: string;
  readonly text: string;
  readonly previousHash: string;
  readonly hash: string;
};
