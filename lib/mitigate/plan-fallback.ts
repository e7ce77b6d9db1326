import type { Branch } from '../domain/branch.ts';
import { FAILING_SHARE, hasSlowed, numberFact, OUTAGE_SHARE } from '../domain/finding-facts.ts';
import { nameIn } from '../domain/plain-text.ts';
import * as ways from './fallback-rules.ts';
import { judgeStanding, MOST_NAMES } from './fallback-standing.ts';
import {
  isEveryModelAlike,
  isRefusedWithRoom,
  isSomeModelWell,
  type Judgement,
  judgeBy,
  lateMsOf,
  type PlanContext,
  type Planned,
  probeOf,
  quickModels,
} from './plan-judgement.ts';
import { findWhy } from './plan-rules.ts';

/** Limits and room are counted, and models end, one by one: that those in use fail says nothing of another. */
const MODEL_ALONE = /^(?:model|access\.model|rate\.|quota\.|capacity\.)/;

/** Several models are in use and none of them answers. */
const isEveryModel = ({ matrix = [] }: Planned): boolean =>
  matrix.length > 1 && matrix.every(({ outcome }) => outcome === 'failed');

/** Nothing that was asked of Mistral is answered: neither the list nor a model, or none of several models. */
const isTotal = (planned: Planned): boolean => {
  if (/^(?:model\.|access\.model)/.test(planned.branch) || isSomeModelWell(planned)) return false;
  if (probeOf(planned, 'models')?.outcome === 'failed') return true;
  return !MODEL_ALONE.test(planned.branch) && isEveryModel(planned);
};

/** Where the trouble is: whose it is on the way is not known, whatever the answers look like. */
const placeOf = ({ branch, owner }: Planned): Branch => (owner === 'between' ? 'net.unknown' : branch);

/** What our own requests have wrong another way has wrong, too; what something on the way refuses as invalid it has not. */
const refusedAs = (planned: Planned): Branch =>
  planned.branch === 'request.invalid' ? placeOf(planned) : planned.branch;

/** Not one model in use accepts our own smallest question. */
const isRefusedForAll = (planned: Planned): boolean =>
  /^request\.(?:context_too_long|invalid)$/.test(refusedAs(planned)) &&
  (planned.matrix ?? []).length > 0 &&
  planned.matrix?.every(({ branch }) => branch === planned.branch) === true;

/** What a fallback that is asked of Mistral has in common with what fails; null: nothing that is known. */
const shared = (planned: Planned): string | null => {
  const { branch } = planned;
  if (branch === 'config.api_key_malformed') return findWhy(ways.FALLBACK_SHARES, branch);
  if (isSomeModelWell(planned)) return null;
  if (branch === 'quota.zero_for_model') return isEveryModelAlike(planned) ? ways.SAME_ORGANISATION : null;
  if (isRefusedForAll(planned)) return ways.SAME_REFUSAL;
  const why = findWhy(ways.FALLBACK_SHARES, placeOf(planned));
  if (why !== null || !isTotal(planned)) return why;
  return branch.startsWith('stream.') ? ways.SAME_STREAMS : ways.SAME_OUTAGE;
};

const judgeNamed = (planned: Planned, models: readonly string[], context: PlanContext): Judgement => {
  const common = shared(planned);
  const names = models.slice(0, MOST_NAMES).map(nameIn).join(' and ');
  if (common !== null) return { useless: `Its fallback, ${names}, ${common}` };
  return judgeStanding(planned, models, context);
};

/** Nobody knows what the other way is, so the reason says what it must not need. */
const judgeUnnamed = (planned: Planned, judged: Judgement): Judgement => {
  const { branch } = planned;
  if (judged === null || 'useless' in judged || isSomeModelWell(planned) || isRefusedForAll(planned)) return judged;
  if (branch === 'quota.zero_for_model' && isEveryModelAlike(planned)) return { helps: ways.FALLBACK_ELSEWHERE };
  const condition = findWhy(ways.FALLBACK_IF, placeOf(planned));
  if (condition !== null) return { helps: condition };
  if (isTotal(planned)) return { helps: findWhy(ways.FALLBACK_IF_ALL, branch) ?? ways.FALLBACK_IF_TOTAL };
  return isEveryModel(planned) && /^(?:rate|capacity)\./.test(branch)
    ? { helps: isFull(planned) ? ways.FALLBACK_IF_FULL : ways.FALLBACK_IF_NONE }
    : judged;
};

/** Each model in use is out of room, by its limit or Mistral's, and no header says otherwise. */
const isFull = (planned: Planned): boolean =>
  !isRefusedWithRoom(planned) &&
  planned.matrix?.every(({ branch = '' }) => /^(?:rate|capacity)\./.test(branch)) === true;

/** The service's calls to Mistral fail while ours succeed or were not answered: with which status is not known. */
const isUnexplained = (planned: Planned): boolean => {
  if (planned.branch !== 'app.errors' && planned.branch !== 'unknown') return false;
  if (probeOf(planned, 'health')?.outcome === 'failed') return (planned.impact?.failingShare ?? 0) >= OUTAGE_SHARE;
  const traffic = probeOf(planned, 'traffic');
  return traffic?.outcome === 'failed' || (numberFact(traffic, 'failingShare') ?? 0) >= FAILING_SHARE;
};

/** They have become slow, and whether Mistral is quick was not answered. */
const isSlowUnheard = (planned: Planned): boolean =>
  planned.branch === 'unknown' &&
  probeOf(planned, 'health')?.outcome !== 'failed' &&
  hasSlowed(probeOf(planned, 'traffic'));

const judgeUnexplained = (planned: Planned, models: readonly string[], context: PlanContext): Judgement => {
  if (models.length > 0) return judgeStanding(planned, models, context);
  if (!isUnexplained(planned)) return { helps: ways.FALLBACK_WHILE_SLOW };
  const { sinceDeploy } = planned;
  const isBack = sinceDeploy === undefined || sinceDeploy.later?.isBack === true;
  return { helps: isBack ? ways.FALLBACK_UNTIL_KNOWN : ways.FALLBACK_UNTIL_BACK };
};

/** Mistral answers slowly: a way that is asked of it at the same address is as slow, unless one of its models is quick. */
const judgeLate = (planned: Planned, models: readonly string[], context: PlanContext): Judgement => {
  const isSomeQuick = quickModels(planned).length > 0;
  if (models.length === 0) return { helps: isSomeQuick ? ways.FALLBACK_LATE : ways.FALLBACK_IF_LATE };
  if (isSomeQuick) return judgeStanding(planned, models, context);
  return { useless: `Its fallback, ${models.slice(0, MOST_NAMES).map(nameIn).join(' and ')}, ${ways.SAME_LATE}` };
};

/** One model's call did not find a name that the others of the same moment find. */
const isBlip = (planned: Planned): boolean =>
  planned.branch === 'net.dns' &&
  probeOf(planned, 'dns')?.outcome === 'ok' &&
  probeOf(planned, 'models')?.outcome !== 'failed' &&
  isSomeModelWell(planned) &&
  planned.matrix?.every((row) => row.outcome !== 'failed' || row.branch === planned.branch) === true;

/** The application's other way: what it is decides whether it is out of reach of the trouble. */
export const judgeFallback = (planned: Planned, context: PlanContext): Judgement => {
  if (isBlip(planned)) return { useless: ways.BLIP };
  const models = [...new Set(context.fallbackModels ?? [])];
  if (isUnexplained(planned) || isSlowUnheard(planned)) return judgeUnexplained(planned, models, context);
  const judged = isRefusedForAll(planned)
    ? { helps: ways.FALLBACK_AROUND }
    : judgeBy(ways.FALLBACK_HELPS, ways.FALLBACK_USELESS, refusedAs(planned));
  if (lateMsOf(planned) !== null) return judgeLate(planned, models, context);
  if (judged === null || models.length === 0) return judgeUnnamed(planned, judged);
  return judgeNamed(planned, models, context);
};
