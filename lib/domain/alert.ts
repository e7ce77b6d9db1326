import type { Severity } from './severity.ts';

export type AlertState = 'firing' | 'resolved' | 'nodata';

/** One alert as a source told it, in our words. All texts are stripped of NUL and lone surrogates and cut to a bound. */
export type Alert = {
  /** sha256 over [version, integration, source, ...identity], hex. The same real-world alert always has the same key. */
  readonly key: string;
  /** sha256 over what the source groups by, hex. Alerts of one group belong to one incident. */
  readonly group: string;
  readonly source: string;
  /** The path segment after the source, or `default`. */
  readonly integration: string;
  readonly state: AlertState;
  /** null where the source has no severity; the caller's default then decides. */
  readonly severity: Severity | null;
  readonly title: string;
  readonly summary: string;
  readonly service: string | null;
  readonly environment: string | null;
  readonly model: string | null;
  /** ISO 8601 UTC; null when the source gave none or an impossible one. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** http(s) link to the source's own view, or null. */
  readonly link: string | null;
};

/**
 * What a key has been through in all its life: numbers that only grow. An incident takes over how much they have grown, so that a job
 * that comes again can add nothing.
 */
export type Tally = {
  /** Jobs applied. */
  readonly received: number;
  /** Of these, firing. */
  readonly fired: number;
  /** How often it began to fire. */
  readonly episodes: number;
};

export const NO_TALLY: Tally = { received: 0, fired: 0, episodes: 0 };

/** What is kept of one alert key for 90 days: the memory that makes redelivery and disorder harmless. */
export type AlertRecord = {
  readonly key: string;
  readonly source: string;
  readonly state: AlertState;
  /** null while it never fired (an unknown key that came resolved opens nothing). */
  readonly incidentId: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** When the last change of state was accepted at the door. */
  readonly changedAt: string;
  readonly tally?: Tally;
  /** The tally with which it entered the present incident. */
  readonly since?: Tally;
  /** Jobs that moved it, newest last, and the states they moved between: a redelivered job repeats its answer. */
  readonly applied: readonly AppliedJob[];
  /** Short ids of the jobs that only repeated, newest last. */
  readonly repeats?: readonly string[];
};

/** What one received alert does to its key. */
export type AlertEffect = 'fires' | 'repeats' | 'resolves' | 'nodata' | 'late';

export type AppliedJob = {
  /** Its short id. */
  readonly jobId: string;
  readonly incidentId: string | null;
  readonly effect: AlertEffect;
  readonly from: AlertState | null;
  readonly to: AlertState;
  /** The key's tally with this job. */
  readonly tally?: Tally;
};

/** Which incident is open for a group key. */
export type GroupRecord = { readonly key: string; readonly incidentId: string; readonly claimedAt: string };
