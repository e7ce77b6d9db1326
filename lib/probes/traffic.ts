import type { ProbeFacts } from '../domain/diagnosis.ts';
import type { FactSource } from '../ports/probe-sources.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import { askSource, nameDown, type Said } from './ask-sources.ts';
import type { Answered, Probe } from './probe-answer.ts';

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

const describeTraffic = (source: string, facts: ProbeFacts): string => {
  const { failingShare: share, requestsPerMinute: rate } = facts;
  const counted = typeof rate === 'number' ? `${rate} requests a minute` : 'requests not counted';
  const failing = typeof share === 'number' ? `${percent(share)} of them fail` : 'how many fail is not known';
  return `${source}: ${counted}, ${failing}`;
};

/**
 * Error rate, latency and request rate of a service as users see them. The sources are asked in their order and each gets an equal part
 * of the time that is left; the first that answers speaks, and those that could not are named. It reports numbers and judges nothing.
 */
export const traffic = (sources: readonly FactSource[], target: ServiceTarget): Probe => ({
  name: 'traffic',
  question: `How do the calls of ${target.name} fare?`,
  ask: async (timeoutMs) => {
    const startedMs = performance.now();
    const said: Said[] = [];
    for (const [index, source] of sources.entries()) {
      const leftMs = timeoutMs - (performance.now() - startedMs);
      const one = await askSource(source, target, Math.max(1, Math.floor(leftMs / (sources.length - index))));
      said.push(one);
      if (one.kind === 'facts') break;
    }
    return answerWith(said, Math.round(performance.now() - startedMs));
  },
});

const answerWith = (said: readonly Said[], latencyMs: number): Answered => {
  const down = nameDown(said);
  const last = said.at(-1);
  if (last?.kind === 'facts') {
    const beside = down === '' ? '' : ` (not asked to the end: ${down})`;
    const facts = { source: last.name, ...last.facts };
    return { outcome: 'ok', latencyMs, facts, note: `${describeTraffic(last.name, facts)}${beside}` };
  }
  if (down !== '') return { outcome: 'unknown', latencyMs, why: down };
  // Nobody was meant to know: that is no blindness.
  const why = 'no source of metrics is configured for it';
  return { outcome: 'unknown', latencyMs, why, facts: { configured: false } };
};
