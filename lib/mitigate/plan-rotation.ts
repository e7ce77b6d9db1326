import { isDeadKey, isLivingKey } from '../domain/finding-facts.ts';
import { nameIn } from '../domain/plain-text.ts';
import { isSomeModelWell, type Judgement, judgeBy, type PlanContext, type Planned, probeOf } from './plan-judgement.ts';
import * as rules from './plan-rules.ts';

const isAnyAnswered = (planned: Planned): boolean =>
  probeOf(planned, 'models')?.outcome === 'ok' || isSomeModelWell(planned);

/** Who asks without a key fails in the same way: a page, a gate or a filter answers everybody alike. */
const isKeyless = (planned: Planned): boolean => {
  const path = probeOf(planned, 'path');
  return path?.outcome === 'failed' && path.branch === planned.branch;
};

/** Nothing at all answers well, a question without a key included. */
const isAnsweredBefore = (planned: Planned): boolean => {
  const path = probeOf(planned, 'path');
  const isOdd = /^(?:content|stream)\.|^timeout\.body|^request\.invalid$/.test(path?.branch ?? '');
  return path?.outcome === 'failed' && isOdd && !isAnyAnswered(planned);
};

const judgeUseless = (planned: Planned, useless: string): Judgement => {
  if (planned.branch === 'request.invalid' && isAnsweredBefore(planned)) return { useless: rules.SOMETHING_ANSWERS };
  if (!/^(?:content|stream)\./.test(planned.branch)) return { useless };
  if (isAnsweredBefore(planned)) return { useless: rules.SOMETHING_ANSWERS };
  const isLetIn = isAnyAnswered(planned) || probeOf(planned, 'path')?.outcome === 'ok';
  return { useless: isLetIn ? useless : rules.ANSWER_WRONG };
};

/** The key is one of another endpoint; a standby that was let in at ours ends the outage all the same. */
const judgeElsewhere = (planned: Planned, region: string, helps: Judgement): Judgement => {
  const standby = probeOf(planned, 'standby');
  const isProven = !isAnyAnswered(planned) && isLivingKey(standby);
  if (isProven) return helps;
  const also = isDeadKey(standby) ? ', and the standby is refused here as well' : '';
  return { useless: `The key lives, since the endpoint ${nameIn(region)} accepts it${also}.` };
};

const tellMissing = (context: PlanContext): Judgement => ({ useless: wordMissing(context), lacks: 'standby' });

/** Where keys come from the environment, what is kept under the name of a secret is nothing that people see. */
const wordMissing = ({ secretId, keysLiveIn = 'aws' }: PlanContext): string => {
  switch (keysLiveIn) {
    case 'aws':
      return `No standby key is kept in ${secretId}: create a key in the Mistral console, store it there as the standby version, then run triage again to get the button.`;
    case 'local':
      return 'There is no standby key: create a key in the Mistral console, set MISTRAL_STANDBY_KEY to it and start the bot again to get the button.';
    case 'embedded':
      return 'The embedded Mistral has no standby key left: it makes up one pair of keys for each STATE_DIR, so start again with a fresh one.';
  }
};

/** Whether another key would end it: where it is the key that is refused, and a better one is at hand. That the standby is refused is told in any case. */
export const judgeRotation = (planned: Planned, context: PlanContext): Judgement => {
  const judged = judgeKey(planned, context);
  if (!isDeadKey(probeOf(planned, 'standby')) || (judged !== null && 'helps' in judged)) return judged;
  if (judged === null) return { useless: rules.STANDBY_REFUSED };
  return /\bstandby\b.* refused/.test(judged.useless)
    ? judged
    : { ...judged, useless: `${judged.useless} ${rules.STANDBY_REFUSED}` };
};

const judgeKey = (planned: Planned, context: PlanContext): Judgement => {
  const judged = judgeBy(rules.ROTATE_HELPS, rules.ROTATE_USELESS, planned.branch);
  if (judged === null) return null;
  if ('useless' in judged) return judgeUseless(planned, judged.useless);
  if (isKeyless(planned)) return { useless: rules.NOT_THE_KEY };
  const isForbidden = planned.branch === 'access.forbidden';
  if (isForbidden && isAnyAnswered(planned)) return { useless: rules.RIGHTS_DIFFER };
  const alive = planned.probes?.find(({ name, outcome }) => name.startsWith('region:') && outcome === 'ok');
  if (alive !== undefined) return judgeElsewhere(planned, alive.name.slice('region:'.length), judged);
  if (isAnyAnswered(planned)) return { useless: rules.KEY_ACCEPTED };
  if (isDeadKey(probeOf(planned, 'standby'))) return { useless: rules.STANDBY_DEAD };
  if (isForbidden && probeOf(planned, 'models')?.outcome === 'unknown')
    return isLivingKey(probeOf(planned, 'standby')) ? { useless: rules.LIST_UNKNOWN } : null;
  return context.standby === 'absent' ? tellMissing(context) : judged;
};
