import type { Advice, Diagnosis } from '../domain/diagnosis.ts';
import { FAILING_SHARE, hasSlowed, numberFact, SLOW_MS } from '../domain/finding-facts.ts';
import { roughSeconds } from '../domain/finding-words.ts';
import type { MitigationKind } from '../domain/lease.ts';
import { nameIn } from '../domain/plain-text.ts';
import { judgeFallback } from './plan-fallback.ts';
import {
  isRefusedWithRoom,
  type Judgement,
  judgeBy,
  lateMsOf,
  type PlanContext,
  type Planned,
  probeOf,
} from './plan-judgement.ts';
import { judgeRotation } from './plan-rotation.ts';
import * as rules from './plan-rules.ts';
import { stepsBesides } from './plan-steps.ts';
import { judgeSwitch } from './plan-switch.ts';

export type { PlanContext } from './plan-judgement.ts';

/** The model list alone fails: applications chat and do not list. */
const isListOnly = (planned: Planned): boolean =>
  probeOf(planned, 'models')?.outcome === 'failed' &&
  (planned.matrix?.length ?? 0) > 0 &&
  planned.matrix?.every(({ outcome }) => outcome === 'ok') === true &&
  !planned.branch.startsWith('app.');

const judgeRollback = (planned: Planned): Judgement => {
  if (planned.sinceDeploy !== undefined) {
    const { version, later } = planned.sinceDeploy;
    const named = later?.version === undefined ? 'what went out since' : nameIn(later.version);
    if (later?.isBack === true) return { useless: `It was taken back already: ${named} is what ran before.` };
    const since = later === undefined ? '' : `, and ${named} has not ended it`;
    const deploy = `our deploy${version === undefined ? '' : ` of ${nameIn(version)}`}`;
    // Our own questions, which do not run it, fail as well or were not answered.
    if (!planned.branch.startsWith('app.')) return { helps: `O${deploy.slice(1)} went out right before${since}.` };
    return { helps: `It began with ${deploy}${since}.` };
  }
  const minutesAgo = probeOf(planned, 'deployments')?.facts?.['minutesAgo'];
  const isRecent = typeof minutesAgo === 'number' && minutesAgo >= 0 && minutesAgo <= 60;
  if (!isRecent) return null;
  return lateMsOf(planned) === null
    ? judgeBy([], rules.ROLLBACK_USELESS, planned.branch)
    : { useless: rules.ROLLBACK_LATE };
};

/** More calls than an hour ago while fewer succeed: the tree's own finding. */
const isStorm = (planned: Planned): boolean => probeOf(planned, 'retries')?.branch === 'app.retry_storm';

/** In whole numbers, since each other one rewrites the message. */
const tellStorm = (planned: Planned): string => {
  const traffic = probeOf(planned, 'traffic');
  const before = numberFact(traffic, 'requestsPerMinuteBefore') ?? 0;
  const times = before > 0 ? Math.floor((numberFact(traffic, 'requestsPerMinute') ?? 0) / before) : 0;
  const grown = times >= 2 && times < 1_000 ? `are at least ${times} times those of an hour ago` : 'have risen';
  return `Our calls ${grown} while fewer succeed: fewer at once give room.`;
};

const judgeFewer = (planned: Planned): Judgement => {
  if (planned.branch === 'rate.minute' && isRefusedWithRoom(planned)) return { helps: rules.FEWER_WITH_ROOM };
  const judged = judgeBy(rules.FEWER_HELPS, rules.FEWER_USELESS, planned.branch);
  const isLoad = /^(?:provider|timeout|content|stream)\./.test(planned.branch);
  return judged === null && isStorm(planned) && isLoad ? { helps: tellStorm(planned) } : judged;
};

/** List and small chat are fast: then it is the length of the answers that takes time, and not the way or the model. */
const isSmallFast = ({ probes = [] }: Planned): boolean => {
  const small = probes.filter(({ name }) => name === 'models' || name.startsWith('chat:'));
  const isChatted = small.some(({ name }) => name.startsWith('chat:'));
  return isChatted && small.every(({ outcome, latencyMs }) => outcome === 'ok' && latencyMs < SLOW_MS);
};

/** Whether clearly more calls fail than an hour ago: what is cut off is among them. */
const isCutOff = (planned: Planned): boolean | null => {
  const share = numberFact(probeOf(planned, 'traffic'), 'failingShare');
  const before = numberFact(probeOf(planned, 'traffic'), 'failingShareBefore') ?? 0;
  return share === null ? null : share > before && share >= before + Math.min(before, FAILING_SHARE);
};

/** Our own service is slow and not down. */
const judgeSlow = (planned: Planned): Judgement => {
  const isSlow = hasSlowed(probeOf(planned, 'traffic')) && probeOf(planned, 'health')?.outcome !== 'failed';
  const isCut = isCutOff(planned);
  if (!isSlow || !isSmallFast(planned) || isCut === null) return null;
  return isCut ? { helps: rules.LONGER_FOR_SLOW } : { useless: rules.NOTHING_CUT };
};

/** Our own questions are of one token: where such an answer is late, no length of answers explains it. */
const judgeLonger = (planned: Planned): Judgement => {
  const { probes = [], branch } = planned;
  if (branch === 'app.errors') return judgeSlow(planned);
  const lateMs = lateMsOf(planned);
  if (lateMs !== null) {
    if (isStorm(planned)) return { useless: rules.PILE_UP };
    if (isCutOff(planned) === false) return { useless: rules.NOTHING_CUT };
    return { helps: `Answers come, in about ${roughSeconds(lateMs)} s for one token: with more time users get them.` };
  }
  const why = rules.findWhy(rules.LONGER_USELESS, branch);
  if (why !== null || !branch.startsWith('timeout.')) return why === null ? null : { useless: why };
  const isTokenLate = probes.some(
    ({ name, branch: late = '' }) => /^(?:chat|stream):/.test(name) && late.startsWith('timeout.'),
  );
  return isTokenLate ? { useless: rules.TOKEN_LATE } : null;
};

/** What ends the cause before what spares users, what is quick before what is slow; in a storm fewer calls come first. */
const judgeAll = (planned: Planned, context: PlanContext): readonly (readonly [MitigationKind, Judgement])[] => {
  const fewer = ['reduce-concurrency', judgeFewer(planned)] as const;
  const isFirst = isStorm(planned) || planned.branch === 'app.retry_storm';
  return [
    ...(isFirst ? [fewer] : []),
    ['rotate-key', judgeRotation(planned, context)],
    ['rollback', judgeRollback(planned)],
    ['enable-fallback', judgeFallback(planned, context)],
    ['switch-model', judgeSwitch(planned, context)],
    ...(isFirst ? [] : [fewer]),
    ['raise-timeout', judgeLonger(planned)],
  ];
};

/** While every model answers, what would help users is neither offered nor told of: the first step says that they need nothing. */
const sparing = (judgement: Judgement): Judgement =>
  judgement !== null && ('helps' in judgement || judgement.lacks !== undefined) ? null : judgement;

/**
 * What is worth doing, best first, and what would be useless, with reasons: for all kinds, whether or not there is a button for it; and
 * the steps that are left besides. Nothing is offered that the list of branches calls useless, nor a rotation to a key that is dead; tests
 * hold them together.
 */
export const planMitigations = (
  planned: Planned,
  context: PlanContext,
): Pick<Diagnosis, 'mitigations' | 'notOffered' | 'nextSteps'> => {
  const { verdict, nextSteps = [] } = planned;
  if (verdict !== 'problem') return { mitigations: [], notOffered: [], nextSteps };
  const useful = judgeAll(planned, context);
  const judged = isListOnly(planned) ? useful.map(([kind, one]) => [kind, sparing(one)] as const) : useful;
  const mitigations = judged.flatMap(([kind, one]): readonly Advice[] => {
    if (one === null || 'useless' in one) return [];
    const { helps: why, ...more } = one;
    return [{ kind, why, ...more }];
  });
  const notOffered = judged.flatMap(([kind, one]): readonly Advice[] => {
    if (one === null || 'helps' in one) return [];
    const { useless: why, ...more } = one;
    return [{ kind, why, ...more }];
  });
  return { mitigations, notOffered, nextSteps: stepsBesides(nextSteps, [...mitigations, ...notOffered]) };
};
