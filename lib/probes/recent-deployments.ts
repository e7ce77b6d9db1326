import { besideDeployments, deploymentFacts, deploymentsIn, type Shipped } from '../domain/deployment.ts';
import type { ProbeFacts } from '../domain/diagnosis.ts';
import type { FactSource } from '../ports/probe-sources.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import type { Clock } from '../ports/world.ts';
import { askSource, nameDown, type Said } from './ask-sources.ts';
import type { Answered, Probe } from './probe-answer.ts';

type Told = Shipped & { readonly name: string; readonly beside: ProbeFacts; readonly atMs: number };

const readSaid = (said: Said): readonly Told[] => {
  if (said.kind !== 'facts') return [];
  const beside = besideDeployments(said.facts);
  return deploymentsIn(said.facts)
    .map((shipped) => ({ ...shipped, name: said.name, beside, atMs: Date.parse(shipped.deployedAt) }))
    .filter(({ atMs }) => Number.isFinite(atMs));
};

/**
 * What went out last, when, and what before it: somebody who ships a fix or goes back during an incident hides the one that it began with.
 * All sources are asked at once, since each sees other ways to deploy; the newest is told of first.
 */
export const recentDeployments = (sources: readonly FactSource[], target: ServiceTarget, clock: Clock): Probe => ({
  name: 'deployments',
  question: `When was ${target.name} last deployed?`,
  ask: async (timeoutMs) => {
    const startedMs = performance.now();
    const said = await Promise.all(sources.map((source) => askSource(source, target, timeoutMs)));
    return answerWith(said, clock.nowMs(), Math.round(performance.now() - startedMs));
  },
});

const answerWith = (said: readonly Said[], nowMs: number, latencyMs: number): Answered => {
  const down = nameDown(said);
  const told = said.flatMap(readSaid).toSorted((one, other) => other.atMs - one.atMs);
  const [newest] = told;
  if (newest === undefined) {
    return { outcome: 'unknown', latencyMs, why: down === '' ? 'nobody has told of a deployment' : down };
  }
  // A clock that is ahead of ours has not deployed in the future.
  const minutesAgo = Math.max(0, Math.round((nowMs - newest.atMs) / 60_000));
  const facts = { source: newest.name, ...newest.beside, ...deploymentFacts(told), minutesAgo };
  const version = newest.version ?? 'an unnamed version';
  const beside = down === '' ? '' : ` (perhaps later ones are not seen: ${down})`;
  const note = `${version} ${minutesAgo} min ago, says ${newest.name}${beside}`;
  return { outcome: 'ok', latencyMs, facts, note };
};
