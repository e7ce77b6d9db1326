import type { Branch } from '../domain/branch.ts';

/** For which branches, by their beginnings, and why. */
export type Rule = { readonly branches: readonly string[]; readonly why: string };

/** The first rule that speaks of the branch; null: none does. */
export const findWhy = (rules: readonly Rule[], branch: Branch): string | null =>
  rules.find(({ branches }) => branches.some((start) => branch.startsWith(start)))?.why ?? null;

/** The standby is tried by the list, and a list that lets the present key in proves nothing. */
export const KEY_ACCEPTED =
  'The same key is accepted elsewhere, so that another one, which is tried by the model list, need not be better.';

/** What a key may do differs by workspace and model, and the list asks for next to nothing. */
export const RIGHTS_DIFFER =
  'The same key is accepted elsewhere: rights differ by workspace and model, and the standby, tried by the model list alone, need not have more.';

/** Where the question without a key fails as those with the key do. */
export const NOT_THE_KEY = 'Whoever has no key is refused alike: it is not the key.';

export const SOMETHING_ANSWERS = 'Something in front of Mistral answers, also without a key.';

/** Where nothing tells whether anybody looked at the key. */
export const ANSWER_WRONG = 'It is the answer that is wrong, and no key changes it.';

/** Rights are refused to the models, and nobody knows whether also to the list, by which the standby was tried. */
export const LIST_UNKNOWN =
  'The standby is tried by the model list, which has not answered to the current key: whether another key helps is not known; run triage again.';

export const STANDBY_DEAD =
  'The standby key is refused as well; look at the organisation first, then make a new key there.';

export const STANDBY_REFUSED = 'The standby key is refused, too: replace it before it is needed.';

/** A key is promoted where Mistral refuses the key itself, and nowhere else. */
export const ROTATE_HELPS: readonly Rule[] = [
  {
    branches: ['auth.invalid_key'],
    why: 'Mistral refuses the current key; the standby is tried before it takes over.',
  },
  { branches: ['access.forbidden'], why: 'The current key may lack rights that the standby has; it is tried first.' },
];

export const ROTATE_USELESS: readonly Rule[] = [
  { branches: ['config.api_key_malformed'], why: 'The key is stored damaged; store it again rather than change it.' },
  { branches: ['config.'], why: 'The address is wrong, and no key corrects an address.' },
  { branches: ['access.', 'billing.'], why: 'A new key belongs to the same plan and is refused in the same way.' },
  { branches: ['net.'], why: 'The key is not the matter: the call does not get through to be judged.' },
  { branches: ['timeout.'], why: 'The key is not the matter: the answer comes late, or not at all.' },
  { branches: ['model'], why: 'Every key sees the same models.' },
  { branches: ['rate.', 'quota.'], why: 'The limit is not that of the key: a new key shares it.' },
  { branches: ['capacity.', 'provider.'], why: 'The failure is on the side of Mistral and meets every key.' },
  { branches: ['content.', 'stream.'], why: 'The key was accepted; it is the answer that is wrong.' },
  { branches: ['request.', 'client.aborted'], why: 'The key was not refused; our own request is at fault.' },
  { branches: ['app.'], why: 'Mistral accepts the stored key: a new one changes nothing.' },
];

export const FEWER_HELPS: readonly Rule[] = [
  { branches: ['app.retry_storm'], why: 'Fewer calls at once ease it, whether it is our own retries or more users.' },
  { branches: ['rate.minute'], why: 'Fewer calls at once stay below the limit of the minute.' },
  {
    branches: ['capacity.', 'provider.overloaded'],
    why: 'Fewer calls at once find room sooner and do not add to the load.',
  },
];

/** Refused although the headers show something left: what is short is not told. */
export const FEWER_WITH_ROOM =
  'Mistral refuses although its headers show some left: fewer calls at once, each retry later than the last, find room sooner.';

export const FEWER_USELESS: readonly Rule[] = [
  {
    branches: ['quota.zero_for_model'],
    why: 'The limit is zero: fewer requests are still too many, and waiting never helps.',
  },
  {
    branches: ['quota.period_exhausted'],
    why: 'The period is used up: no pace is slow enough until it begins anew.',
  },
];

export const LONGER_FOR_SLOW =
  'Mistral answers small questions fast, long answers have become slow and calls fail: with more time those that are cut off end.';

export const NOTHING_CUT = 'No more calls fail than before: the slow ones end within the limit as it is.';

export const TOKEN_LATE = 'An answer of one token came too late as well: it is not the length of the answers.';

export const PILE_UP = 'Calls that wait longer pile up and make it worse.';

export const LONGER_USELESS: readonly Rule[] = [
  { branches: ['net.refused', 'net.dns', 'net.reset'], why: 'Nobody is slow: the call fails at once.' },
  {
    branches: ['timeout.gateway', 'timeout.server'],
    why: "It is Mistral's own limit that passes: ours changes nothing.",
  },
  { branches: ['rate.', 'quota.', 'capacity.'], why: 'The refusal comes at once.' },
  { branches: ['app.retry_storm'], why: PILE_UP },
];

/** What follows of a model that does not come back, where a replacement is known, and where none is. */
export const REPLACED = 'Mistral names ';
export const CHOOSE = 'choose one that is in the model list';

/** The trouble is with one model; another may be well. */
export const MODEL_HELPS: readonly Rule[] = [
  { branches: ['model.'], why: 'This model does not come back' },
  { branches: ['access.model_not_entitled'], why: 'This model is not in our plan' },
  { branches: ['quota.zero_for_model'], why: 'The limit of zero is that of this model' },
  { branches: ['capacity.', 'rate.'], why: 'Room and limits are counted for each model' },
  { branches: ['timeout.', 'provider.', 'content.', 'stream.'], why: 'Only this model is in trouble' },
];

/** Some models make people wait and others do not. */
export const SLOW_ALONE = 'Not every model is slow';

/** These do not come back by themselves, so that another model is the remedy even when none in use is seen to answer. */
export const MODEL_ONLY_WAY: readonly string[] = ['model.retired_or_unknown', 'access.model_not_entitled'];

export const MODEL_USELESS: readonly Rule[] = [
  {
    branches: ['quota.period_exhausted'],
    why: 'The period is that of the whole organisation, whichever model it asks.',
  },
];

export const ROLLBACK_LATE =
  'There was a deploy, but our own questions, which do not run it, are answered slowly, too.';

/** Why a recent deploy is not to be taken back: people reach for it whenever there was one. */
export const ROLLBACK_USELESS: readonly Rule[] = [
  {
    branches: ['net.'],
    why: 'There was a deploy, but our own questions, which do not run it, are stopped on the way, too.',
  },
  {
    branches: ['request.invalid'],
    why: 'There was a deploy, but our own smallest question, which does not run it, is refused, too.',
  },
  { branches: ['billing.', 'quota.'], why: 'There was a deploy, but the account is refused whatever we run.' },
  {
    branches: ['provider.', 'capacity.', 'timeout.', 'content.', 'stream.'],
    why: 'There was a deploy, but our own questions, which do not run it, fail, too.',
  },
];
