import type { Branch } from '../domain/branch.ts';
import type { Advice, Diagnosis, Finding } from '../domain/diagnosis.ts';
import { hasSlowed, isDeadKey, textFact } from '../domain/finding-facts.ts';
import type { MitigationKind } from '../domain/lease.ts';
import { clip, plainText } from '../domain/plain-text.ts';
import * as rules from './plan-rules.ts';

export type PlanContext = {
  readonly standby: 'present' | 'absent' | 'unknown';
  readonly secretId: string;
};

type Planned = Pick<Diagnosis, 'branch' | 'verdict'> & Partial<Pick<Diagnosis, 'probes' | 'matrix' | 'sinceDeploy'>>;

/** A chat of one token that takes this long is slow, whatever the limit. */
const FAST_MS = 5_000;

/** Worth pressing, useless, or neither: then nothing is said. */
type Judgement = { readonly helps: string } | { readonly useless: string } | null;

const judgeBy = (helps: readonly rules.Rule[], useless: readonly rules.Rule[], branch: Branch): Judgement => {
  const why = rules.findWhy(helps, branch);
  if (why !== null) return { helps: why };
  const whyNot = rules.findWhy(useless, branch);
  return whyNot === null ? null : { useless: whyNot };
};

const probeOf = ({ probes = [] }: Planned, name: string): Finding | null =>
  probes.find((probe) => probe.name === name) ?? null;

const isAnyAnswered = (planned: Planned): boolean =>
  probeOf(planned, 'models')?.outcome === 'ok' || planned.matrix?.some(({ outcome }) => outcome === 'ok') === true;

const judgeRotation = (planned: Planned, context: PlanContext): Judgement => {
  const judged = judgeBy(rules.ROTATE_HELPS, rules.ROTATE_USELESS, planned.branch);
  if (judged === null || 'useless' in judged) return judged;
  const alive = planned.probes?.find(({ name, outcome }) => name.startsWith('region:') && outcome === 'ok');
  const isForbidden = planned.branch === 'access.forbidden';
  if (isForbidden && isAnyAnswered(planned)) return { useless: rules.RIGHTS_DIFFER };
  if (alive !== undefined)
    return { useless: `The key lives: the endpoint ${nameIn(alive.name.slice('region:'.length))} accepts it.` };
  if (isAnyAnswered(planned)) return { useless: rules.KEY_ACCEPTED };
  if (isDeadKey(probeOf(planned, 'standby')))
    return {
      useless: 'The standby key is refused as well: look at the organisation first, then make a new key there.',
    };
  // Whether the list, by which the standby is tried, refuses the present key is not known.
  if (isForbidden && probeOf(planned, 'models')?.outcome === 'unknown') return null;
  if (context.standby !== 'absent') return judged;
  return {
    useless:
      `No standby key is kept in ${context.secretId}: create a key in the Mistral console, store it there as the standby version, ` +
      'then run triage again to get the button.',
  };
};

const nameIn = (name: string): string => clip(plainText(name, 80), 60);

/** Models in use that answer whole and streamed. */
const wellModels = ({ matrix = [] }: Planned): readonly string[] =>
  matrix.flatMap(({ model, outcome }) => (outcome === 'ok' ? [nameIn(model)] : [])).slice(0, 3);

/** By the cards of the models that are gone: the card of one that answers names what comes after it, too. */
const replacementsIn = (planned: Planned): string =>
  (planned.matrix ?? [])
    .filter(({ branch }) => branch === planned.branch)
    .flatMap(({ model }) => {
      const name = textFact(probeOf(planned, `model:${model}`), 'replacedBy');
      return name === null ? [] : [`${nameIn(name)} in place of ${nameIn(model)}`];
    })
    .slice(0, 3)
    .join(', ');

/** The model list alone fails: applications chat and do not list. */
const isListOnly = (planned: Planned): boolean =>
  probeOf(planned, 'models')?.outcome === 'failed' &&
  (planned.matrix?.length ?? 0) > 0 &&
  planned.matrix?.every(({ outcome }) => outcome === 'ok') === true &&
  !planned.branch.startsWith('app.');

const judgeSwitch = (planned: Planned): Judgement => {
  const { branch } = planned;
  const why = rules.findWhy(rules.MODEL_HELPS, branch);
  if (why === null) return judgeBy([], rules.MODEL_USELESS, branch);
  const well = wellModels(planned).join(', ');
  const replacements = branch === 'model.retired_or_unknown' ? replacementsIn(planned) : '';
  if (replacements !== '') return { helps: `${why}: Mistral names ${replacements}.` };
  if (well !== '') return { helps: `${why}: ${well} ${wellModels(planned).length === 1 ? 'answers' : 'answer'} now.` };
  if (rules.MODEL_ONLY_WAY.includes(branch)) return { helps: `${why}: choose one that is in the model list.` };
  // With one model alone nobody knows of others; where several are in use and none answers, another of them is no way out.
  const isTempting = /^(?:quota|capacity|rate|provider)\./.test(branch) && (planned.matrix?.length ?? 0) > 1;
  return isTempting ? { useless: 'No model in use answers at the moment.' } : null;
};

const judgeRollback = (planned: Planned): Judgement => {
  if (planned.sinceDeploy !== undefined) {
    const { version, later } = planned.sinceDeploy;
    const named = later?.version === undefined ? 'what went out since' : nameIn(later.version);
    if (later?.isBack === true) return { useless: `It was taken back already: ${named} is what ran before.` };
    const since = later === undefined ? '' : `, and ${named} has not ended it`;
    return { helps: `It began with our deploy${version === undefined ? '' : ` of ${nameIn(version)}`}${since}.` };
  }
  const minutesAgo = probeOf(planned, 'deployments')?.facts?.['minutesAgo'];
  const isRecent = typeof minutesAgo === 'number' && minutesAgo >= 0 && minutesAgo <= 60;
  return isRecent ? judgeBy([], rules.ROLLBACK_USELESS, planned.branch) : null;
};

/** More calls than an hour ago while fewer succeed: the tree's own finding. */
const isStorm = (planned: Planned): boolean => probeOf(planned, 'retries')?.branch === 'app.retry_storm';

const judgeFewer = (planned: Planned): Judgement => {
  const judged = judgeBy(rules.FEWER_HELPS, rules.FEWER_USELESS, planned.branch);
  const isLoad = /^(?:provider|timeout|content|stream)\./.test(planned.branch);
  return judged === null && isStorm(planned) && isLoad ? { helps: rules.FEWER_IN_STORM } : judged;
};

/** List and small chat are fast: then it is the length of the answers that takes time, and not the way or the model. */
const isSmallFast = ({ probes = [] }: Planned): boolean => {
  const small = probes.filter(({ name }) => name === 'models' || name.startsWith('chat:'));
  const isChatted = small.some(({ name }) => name.startsWith('chat:'));
  return isChatted && small.every(({ outcome, latencyMs }) => outcome === 'ok' && latencyMs < FAST_MS);
};

/** Our own service is slow and not down. */
const judgeSlow = (planned: Planned): Judgement => {
  const isSlow = hasSlowed(probeOf(planned, 'traffic')) && probeOf(planned, 'health')?.outcome !== 'failed';
  return isSlow && isSmallFast(planned) ? { helps: rules.LONGER_FOR_SLOW } : null;
};

const judgeLonger = (planned: Planned): Judgement => {
  const { probes = [], branch } = planned;
  const judged = judgeBy(rules.LONGER_HELPS, rules.LONGER_USELESS, branch);
  if (branch === 'app.errors') return judgeSlow(planned);
  if (judged === null || 'useless' in judged || isSmallFast(planned)) return judged;
  const isTokenLate = probes.some(
    ({ name, branch: why = '' }) => name.startsWith('chat:') && why.startsWith('timeout.'),
  );
  return isTokenLate ? { useless: rules.TOKEN_LATE } : null;
};

const judgeFallback = (planned: Planned): Judgement => {
  const { matrix = [], branch } = planned;
  const judged = judgeBy(rules.FALLBACK_HELPS, rules.FALLBACK_USELESS, branch);
  const isEvery = matrix.length > 1 && matrix.every((row) => row.branch === branch);
  return branch === 'quota.zero_for_model' && isEvery ? { helps: rules.FALLBACK_ELSEWHERE } : judged;
};

/** What ends the cause before what spares users, what is quick before what is slow; in a storm fewer calls come first. */
const judgeAll = (planned: Planned, context: PlanContext): readonly (readonly [MitigationKind, Judgement])[] => {
  const fewer = ['reduce-concurrency', judgeFewer(planned)] as const;
  const isFirst = isStorm(planned) || planned.branch === 'app.retry_storm';
  return [
    ...(isFirst ? [fewer] : []),
    ['rotate-key', judgeRotation(planned, context)],
    ['rollback', judgeRollback(planned)],
    ['enable-fallback', judgeFallback(planned)],
    ['switch-model', judgeSwitch(planned)],
    ...(isFirst ? [] : [fewer]),
    ['raise-timeout', judgeLonger(planned)],
  ];
};

const sparing = (judgement: Judgement): Judgement =>
  judgement !== null && 'helps' in judgement ? { useless: rules.LIST_ONLY } : judgement;

/**
 * What is worth doing, best first, and what would be useless, with reasons: for all kinds, whether or not there is a button for it.
 * Nothing is offered that the list of branches calls useless, nor a rotation to a key that is dead; tests hold them together.
 */
export const planMitigations = (
  planned: Planned,
  context: PlanContext,
): Pick<Diagnosis, 'mitigations' | 'notOffered'> => {
  if (planned.verdict !== 'problem') return { mitigations: [], notOffered: [] };
  const useful = judgeAll(planned, context);
  const judged = isListOnly(planned) ? useful.map(([kind, one]) => [kind, sparing(one)] as const) : useful;
  const advise = (read: (judgement: Judgement) => string | null): readonly Advice[] =>
    judged.flatMap(([kind, judgement]) => {
      const why = read(judgement);
      return why === null ? [] : [{ kind, why }];
    });
  return {
    mitigations: advise((one) => (one !== null && 'helps' in one ? one.helps : null)),
    notOffered: advise((one) => (one !== null && 'useless' in one ? one.useless : null)),
  };
};
