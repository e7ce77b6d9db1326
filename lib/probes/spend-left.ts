import type { FactSource } from '../ports/probe-sources.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import { askSource } from './ask-sources.ts';
import type { Probe } from './probe-answer.ts';

/** Whether the account may still spend this month, by the Admin API. A limit that is reached stands in the facts; the tree says what follows. */
export const spendLeft = (source: FactSource, target: ServiceTarget): Probe => ({
  name: 'spend',
  question: 'Is there money left for this month?',
  ask: async (timeoutMs) => {
    const said = await askSource(source, target, timeoutMs);
    const { latencyMs } = said;
    if (said.kind === 'facts') {
      const isReached = said.facts['monthlyLimitReached'] === true;
      const note = isReached ? 'the monthly limit is reached' : 'the monthly limit is not reached';
      return { outcome: 'ok', latencyMs, facts: said.facts, note };
    }
    return {
      outcome: 'unknown',
      latencyMs,
      why: said.kind === 'none' ? 'nothing is configured' : `${said.name}: ${said.why}`,
    };
  },
});
