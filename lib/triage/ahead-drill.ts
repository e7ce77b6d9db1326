import type { Drill } from '../domain/ahead.ts';
import type { Finding } from '../domain/diagnosis.ts';

const MINUTE_MS = 60_000;
const WORKS_MS = 24 * 60 * MINUTE_MS;
const FAILS_MS = 60 * MINUTE_MS;
/** After the first failures, which may be a bad moment. */
const DOUBT_MS: readonly number[] = [5 * MINUTE_MS, 15 * MINUTE_MS];

const waitAfter = ({ works, failures }: Drill): number =>
  works === true ? WORKS_MS : (DOUBT_MS[failures - 1] ?? FAILS_MS);

/** Once a day while it works, sooner after it failed, and at once for another fallback model. */
export const isDrillDue = (drill: Drill | null, fallback: string, nowMs: number): boolean =>
  drill === null || drill.model !== fallback || nowMs - drill.atMs >= waitAfter(drill);

/** A limit of the minute, or no room for the moment: the fallback may work well in the next one. */
const MOMENT = /^(?:rate|capacity)\.|^provider\.overloaded$/;

type Rehearsed = {
  readonly before: Drill | null;
  readonly model: string;
  readonly finding: Pick<Finding, 'outcome' | 'branch' | 'why'>;
  readonly atMs: number;
};

/** What is to be remembered of a rehearsal, after the one before it. */
export const noteDrill = ({ before, model, finding, atMs }: Rehearsed): Drill => {
  const failures = before?.model === model ? before.failures : 0;
  if (finding.outcome === 'ok') return { atMs, model, works: true, why: null, failures: 0 };
  const why = finding.why ?? null;
  return finding.outcome === 'unknown' || MOMENT.test(finding.branch ?? '')
    ? { atMs, model, works: null, why, failures }
    : { atMs, model, works: false, why, failures: failures + 1 };
};
