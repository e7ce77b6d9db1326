import type { Finding } from '../domain/diagnosis.ts';
import { isCarried } from '../domain/finding-facts.ts';

/** What the service itself needs to be well. */
const NEEDED = /^(?:models$|chat:|stream:|health$)/;

/** Questions that are put with the key. The standby key is read anew each time. */
const KEYED = /^(?:models$|chat:|stream:|model:|region:)/;

/** Trouble that another key may not have. */
const OF_KEY = /^(?:config\.api_key_malformed$|auth\.|access\.|billing\.|rate\.|quota\.)/;

/** Limits are noted once all have answered, so that a model that is limited is not asked twice. */
const OF_LIMIT = /^(?:rate|quota)\./;

export const isKeyed = (name: string): boolean => KEYED.test(name);

/** Whether another key may not have this trouble. The standby key and other regions may refuse for themselves. */
export const isOfKey = ({ name, branch }: Finding): boolean => NEEDED.test(name) && OF_KEY.test(branch ?? '');

/** Whether the key was refused for itself: then it is looked at once whether there is another one by now. */
export const isRefusal = (finding: Finding): boolean => isOfKey(finding) && !OF_LIMIT.test(finding.branch ?? '');

/** A limit that was just met is that of the account: what is not asked again for its sake stays as it was. */
const isStillLimited = ({ branch }: Finding, again: Finding): boolean =>
  (again.outcome === 'unknown' || isCarried(again)) && OF_LIMIT.test(branch ?? '');

const unlessOfOldKey = (finding: Finding): Finding => {
  const { name, question, latencyMs, branch } = finding;
  if (!isKeyed(name) || !OF_KEY.test(branch ?? '') || OF_LIMIT.test(branch ?? '')) return finding;
  const why = 'refused with a key that was replaced meanwhile, and no time was left to ask with the present one';
  return { name, question, latencyMs, outcome: 'unknown', why };
};

/** What was found with a second key; `late`: there is one, and no time to ask with it. */
export type Again = readonly Finding[] | 'late';

/** What both rounds say together: of the present key alone, as far as it was asked with. */
export const joinRounds = (first: readonly Finding[], again: Again): readonly Finding[] => {
  if (again === 'late') return first.map(unlessOfOldKey);
  const byName = new Map(again.map((finding) => [finding.name, finding]));
  return first.map((old) => {
    const present = byName.get(old.name);
    return present === undefined || isStillLimited(old, present) ? old : present;
  });
};
