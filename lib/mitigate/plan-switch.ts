import { textFact } from '../domain/finding-facts.ts';
import { nameIn } from '../domain/plain-text.ts';
import {
  isSomeModelWell,
  type Judgement,
  judgeBy,
  lateMsOf,
  type PlanContext,
  type Planned,
  probeOf,
  quickModels,
  slowMsOf,
  tellSlow,
} from './plan-judgement.ts';
import * as rules from './plan-rules.ts';

const MOST_MODELS = 3;

/** Mistral's list of models calls what comes next by a name of the API, its documentation by one of its people's. */
type Replacement = { readonly model: string; readonly by: string; readonly isId: boolean };

/** Of the models that are gone: by their cards (that of one that answers names what comes after it, too), else as published. */
const replacementsIn = (planned: Planned, { replacements = {} }: PlanContext): readonly Replacement[] =>
  (planned.matrix ?? [])
    .filter(({ branch }) => branch === planned.branch)
    .flatMap(({ model }) => {
      const name = textFact(probeOf(planned, `model:${model}`), 'replacedBy');
      if (name !== null) return [{ model, by: name, isId: true }];
      const published = replacements[model];
      return published === undefined ? [] : [{ model, by: published, isId: false }];
    })
    .slice(0, MOST_MODELS);

const judgeReplaced = (why: string, replaced: readonly Replacement[]): Judgement => {
  const [first] = replaced;
  const names = replaced.map(({ model, by }) => `${nameIn(by)} in place of ${nameIn(model)}`).join(', ');
  const model = replaced.length === 1 && first?.isId === true ? { model: nameIn(first.by) } : {};
  return { helps: `${why}: ${rules.REPLACED}${names}.`, ...model };
};

/** Whether another model would end it, and which. */
export const judgeSwitch = (planned: Planned, context: PlanContext): Judgement => {
  const { branch } = planned;
  const why = rules.findWhy(rules.MODEL_HELPS, branch);
  if (why === null) return judgeBy([], rules.MODEL_USELESS, branch);
  const replaced = branch === 'model.retired_or_unknown' ? replacementsIn(planned, context) : [];
  if (replaced.length > 0) return judgeReplaced(why, replaced);
  // Nothing but the list fails: no model is in trouble.
  if (isSomeModelWell(planned) && planned.matrix?.every(({ outcome }) => outcome !== 'failed') === true) return null;
  const well = quickModels(planned).slice(0, MOST_MODELS).map(nameIn);
  const isLate = lateMsOf(planned) !== null;
  const helps = `${isLate ? rules.SLOW_ALONE : why}: ${well.join(', ')} ${well.length === 1 ? 'answers' : 'answer'} now.`;
  if (well[0] !== undefined) return { helps, model: well[0] };
  if (rules.MODEL_ONLY_WAY.includes(branch)) return { helps: `${why}: ${rules.CHOOSE}.` };
  return isLate ? null : judgeNoneQuick(planned);
};

const judgeNoneQuick = (planned: Planned): Judgement => {
  const { branch } = planned;
  const slow = (planned.matrix ?? [])
    .flatMap(({ model, outcome }) => {
      const slowMs = outcome === 'ok' ? slowMsOf(planned, model) : null;
      return slowMs === null ? [] : [`${nameIn(model)} ${tellSlow(slowMs)}`];
    })
    .slice(0, MOST_MODELS);
  if (slow.length > 0) return { useless: `No model in use is well: ${slow.join(', ')}.` };
  // With one model alone nobody knows of others; where several are in use and none answers, another of them is no way out.
  const isTempting = /^(?:quota|capacity|rate|provider)\./.test(branch) && (planned.matrix?.length ?? 0) > 1;
  if (planned.matrix?.some(({ outcome }) => outcome === 'unknown') === true) return null;
  return isTempting ? { useless: 'No model in use answers at the moment.' } : null;
};
