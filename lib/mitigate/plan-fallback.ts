import type { Branch } from '../domain/branch.ts';
import { numberFact } from '../domain/finding-facts.ts';
import { formatClock } from '../domain/utc.ts';
import * as ways from './fallback-rules.ts';
import {
  isSomeModelWell,
  type Judgement,
  judgeBy,
  lateMsOf,
  nameIn,
  type PlanContext,
  type Planned,
  probeOf,
} from './plan-judgement.ts';
import { findWhy } from './plan-rules.ts';

const MOST_NAMES = 2;

/** Limits and room are counted, and models end, one by one: that those in use fail says nothing of another. */
const MODEL_ALONE = /^(?:model|access\.model|rate\.|quota\.|capacity\.)/;

const isFailed = ({ outcome }: { readonly outcome: string }): boolean => outcome === 'failed';

/** Several models are in use and none of them answers. */
const isEveryModel = ({ matrix = [] }: Planned): boolean => matrix.length > 1 && matrix.every(isFailed);

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

/** What a fallback that is asked of Mistral has in common with what fails; null: nothing that is known. */
const shared = (planned: Planned): string | null => {
  const { branch } = planned;
  if (branch === 'config.api_key_malformed') return findWhy(ways.FALLBACK_SHARES, branch);
  if (isSomeModelWell(planned)) return null;
  if (branch === 'quota.zero_for_model') return isEveryModel(planned) ? ways.SAME_ORGANISATION : null;
  const why = findWhy(ways.FALLBACK_SHARES, placeOf(planned));
  if (why !== null || !isTotal(planned)) return why;
  return branch.startsWith('stream.') ? ways.SAME_STREAMS : ways.SAME_OUTAGE;
};

type Standing = 'well' | 'failing' | 'rehearsed' | 'unfit' | 'unknown';

/** What was seen in this round weighs more than the last rehearsal, which is of the first one alone. */
const standingOf = (planned: Planned, model: string, { drill = null }: PlanContext): Standing => {
  const { matrix = [], probes = [] } = planned;
  const seen = [
    ...matrix.filter((row) => row.model === model),
    ...probes.filter(({ name }) => name === `chat:${model}` || name === `stream:${model}`),
  ];
  if (seen.some(isFailed)) return 'failing';
  if (seen.some(({ outcome }) => outcome === 'ok')) return 'well';
  if (drill === null || drill.model !== model || drill.works === null) return 'unknown';
  return drill.works ? 'rehearsed' : 'unfit';
};

const drilledAt = ({ drill = null }: PlanContext): string =>
  drill === null || Math.abs(drill.atMs) > 8e15
    ? 'at a time that was not kept'
    : formatClock(new Date(drill.atMs).toISOString(), null);

const tellServed = (model: string, standing: Standing, context: PlanContext): string => {
  const served = `Users are served by ${nameIn(model)}`;
  if (standing === 'well') return `${served}, which answers now.`;
  if (standing === 'rehearsed') return `${served}, which answered at its last rehearsal (${drilledAt(context)}).`;
  return `${served}, of which nobody knows whether it answers.`;
};

const tellUnfit = (model: string, standing: Standing, context: PlanContext): string =>
  standing === 'unfit'
    ? `${nameIn(model)} did not answer at its last rehearsal (${drilledAt(context)}).`
    : `${nameIn(model)} fails as well.`;

const judgeNamed = (planned: Planned, models: readonly string[], context: PlanContext): Judgement => {
  const common = shared(planned);
  const names = models.slice(0, MOST_NAMES).map(nameIn).join(' and ');
  if (common !== null) return { useless: `Its fallback, ${names}, ${common}` };
  return judgeStanding(planned, models, context);
};

const judgeStanding = (planned: Planned, models: readonly string[], context: PlanContext): Judgement => {
  const standings = models.map((model) => [model, standingOf(planned, model, context)] as const);
  const usable = standings.find(([, standing]) => standing !== 'failing' && standing !== 'unfit');
  if (usable !== undefined) return { helps: tellServed(...usable, context) };
  return {
    useless: standings
      .slice(0, MOST_NAMES)
      .map(([model, standing]) => tellUnfit(model, standing, context))
      .join(' '),
  };
};

/** Nobody knows what the other way is, so the reason says what it must not need. */
const judgeUnnamed = (planned: Planned, judged: Judgement): Judgement => {
  const { branch } = planned;
  if (judged === null || 'useless' in judged || isSomeModelWell(planned)) return judged;
  if (branch === 'quota.zero_for_model' && isEveryModel(planned)) return { helps: ways.FALLBACK_ELSEWHERE };
  const condition = findWhy(ways.FALLBACK_IF, placeOf(planned));
  if (condition !== null) return { helps: condition };
  if (isTotal(planned)) return { helps: findWhy(ways.FALLBACK_IF_ALL, branch) ?? ways.FALLBACK_IF_TOTAL };
  return isEveryModel(planned) && /^(?:rate|capacity)\./.test(branch) ? { helps: ways.FALLBACK_IF_FULL } : judged;
};

/** As the alert rules have it: more than one in twenty calls fails. */
const FAILING_SHARE = 0.05;

/** The service's calls to Mistral fail while ours succeed, and whose it is is not known. */
const isUnowned = (planned: Planned): boolean => {
  const traffic = probeOf(planned, 'traffic');
  const isFailing = traffic?.outcome === 'failed' || (numberFact(traffic, 'failingShare') ?? 0) >= FAILING_SHARE;
  return planned.branch === 'app.errors' && planned.owner === 'unknown' && isFailing;
};

/** Mistral answers slowly: a way that is asked of it at the same address is as slow, unless one of its models is quick. */
const judgeLate = (planned: Planned, models: readonly string[], context: PlanContext): Judgement => {
  if (models.length === 0) return { helps: isSomeModelWell(planned) ? ways.FALLBACK_LATE : ways.FALLBACK_IF_LATE };
  if (isSomeModelWell(planned)) return judgeStanding(planned, models, context);
  return { useless: `Its fallback, ${models.slice(0, MOST_NAMES).map(nameIn).join(' and ')}, ${ways.SAME_LATE}` };
};

/** The application's other way: what it is decides whether it is out of reach of the trouble. */
export const judgeFallback = (planned: Planned, context: PlanContext): Judgement => {
  const judged = isUnowned(planned)
    ? { helps: ways.FALLBACK_UNTIL_KNOWN }
    : judgeBy(ways.FALLBACK_HELPS, ways.FALLBACK_USELESS, refusedAs(planned));
  const models = [...new Set(context.fallbackModels ?? [])];
  if (lateMsOf(planned) !== null) return judgeLate(planned, models, context);
  if (judged === null || models.length === 0) return judgeUnnamed(planned, judged);
  return judgeNamed(planned, models, context);
};
