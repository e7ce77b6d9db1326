import { type Incident, MILESTONES, type Milestone } from '../domain/incident.ts';
import type { TimelineEntry } from '../domain/timeline.ts';
import { parseUtc, spanMs } from '../domain/utc.ts';

/** Oldest first; of the same moment in the order of their ids; each id once. */
export const orderTimeline = (entries: readonly TimelineEntry[]): readonly TimelineEntry[] =>
  [...new Map(entries.map((entry) => [entry.id, entry])).values()].toSorted(
    (one, other) => (parseUtc(one.at) ?? 0) - (parseUtc(other.at) ?? 0) || (one.id < other.id ? -1 : 1),
  );

export type MilestoneFact = {
  readonly milestone: Milestone;
  /** null: it was never reached, or nobody wrote it down. */
  readonly at: string | null;
  /** Since `started`; null when one of the two is not known. */
  readonly sinceStartMs: number | null;
};

/** All milestones in their order, reached or not. */
export const describeMilestones = (incident: Pick<Incident, 'milestones'>): readonly MilestoneFact[] =>
  MILESTONES.map((milestone) => {
    const at = incident.milestones[milestone] ?? null;
    return { milestone, at, sinceStartMs: spanMs(incident.milestones.started, at) };
  });
