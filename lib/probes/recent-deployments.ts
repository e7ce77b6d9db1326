import { besideDeployments, deploymentFacts, deploymentsIn, type Shipped } from '../domain/deployment.ts';
import type { ProbeFacts } from '../domain/diagnosis.ts';
import type { FactSource } from '../ports/probe-sources.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import type { Clock } from '../ports/world.ts';
import { askSource, nameDown, type Said } from './ask-sources.ts';
import type { Answered, Probe } from './probe-answer.ts';

type Told = Shipped & {
  readonly name: string;
  readonly beside: ProbeFacts;
  readonly atMs: number;
  readonly isAhead: boolean;
};

/** Newest first. What is said besides is about the first. */
const readSaid = (said: Said, untilMs: number): readonly Told[] => {
  if (said.kind !== 'facts') return [];
  return deploymentsIn(said.facts)
    .map((shipped, index) => {
      const atMs = Date.parse(shipped.deployedAt);
      const beside = index === 0 ? besideDeployments(said.facts) : {};
      return { ...shipped, name: said.name, beside, atMs, isAhead: atMs > untilMs };
    })
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

/** A clock may be ahead of ours by so much. What lies further ahead has not gone out, and would hide what has. */
const AHEAD_MS = 300_000;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, -14);

const answerWith = (said: readonly Said[], nowMs: number, latencyMs: number): Answered => {
  const down = nameDown(said);
  const all = said.flatMap((one) => readSaid(one, nowMs + AHEAD_MS)).toSorted((one, other) => other.atMs - one.atMs);
  const told = all.filter(({ isAhead }) => !isAhead);
  const [newest] = told;
  if (newest === undefined) {
    const ahead = all.map(({ name, atMs }) => `${name} tells of one that lies ahead of our clock (${dayOf(atMs)})`);
    const why = [down, ...ahead.slice(0, 1)].filter((part) => part !== '').join('; ');
    return { outcome: 'unknown', latencyMs, why: why === '' ? 'nobody has told of a deployment' : why };
  }
  // A clock that is ahead of ours has not deployed in the future.
  const minutesAgo = Math.max(0, Math.round((nowMs - newest.atMs) / 60_000));
  const facts = { source: newest.name, ...newest.beside, ...deploymentFacts(told), minutesAgo };
  const version = newest.version ?? 'an unnamed version';
  const beside = down === '' ? '' : ` (perhaps later ones are not seen: ${down})`;
  const note = `${version} ${minutesAgo} min ago, says ${newest.name}${beside}`;
  return { outcome: 'ok', latencyMs, facts, note };
};
