import type { FactSource } from '../ports/probe-sources.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import { askSource } from './ask-sources.ts';
import type { Probe } from './probe-answer.ts';

const LIMIT_MS = 3_000;

/**
 * What the provider says of itself: evidence beside our own, which never decides. A page that cannot be read is unknown and never a sign
 * that all is well.
 */
export const statusPage = (source: FactSource, target: ServiceTarget): Probe => ({
  name: 'status-page',
  question: "What does the provider's status page say?",
  ask: async (timeoutMs) => {
    const said = await askSource(source, target, Math.min(timeoutMs, LIMIT_MS));
    const { latencyMs } = said;
    if (said.kind === 'facts') {
      const { indicator, incidents } = said.facts;
      const note = `it says "${indicator}" with ${incidents} open incidents, by its own account`;
      return { outcome: 'ok', latencyMs, facts: said.facts, note };
    }
    const why = said.kind === 'none' ? 'no status page is configured' : `the status page is unreadable: ${said.why}`;
    return { outcome: 'unknown', latencyMs, why, facts: { indicator: 'unreadable' } };
  },
});
