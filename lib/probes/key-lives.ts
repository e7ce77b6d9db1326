import { formatUtc } from '../domain/utc.ts';
import type { FactSource } from '../ports/probe-sources.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import { askSource } from './ask-sources.ts';
import type { Probe } from './probe-answer.ts';

/** Until when the service's key is good, by the Admin API, which knows keys by their names. */
export const keyLives = (source: FactSource, target: ServiceTarget): Probe => ({
  name: 'keys',
  question: `Until when is the key of ${target.name} good?`,
  ask: async (timeoutMs) => {
    const said = await askSource(source, target, timeoutMs);
    const { latencyMs } = said;
    if (said.kind === 'facts') {
      const { expiresAt } = said.facts;
      const note = typeof expiresAt === 'string' ? `until ${formatUtc(expiresAt)}` : 'it has no end that is known';
      return { outcome: 'ok', latencyMs, facts: said.facts, note };
    }
    const why = said.kind === 'none' ? 'which of the keys is its own is not configured' : `${said.name}: ${said.why}`;
    return { outcome: 'unknown', latencyMs, why };
  },
});
