import type { Rule } from './plan-rules.ts';

/** What every model of the organisation lacks, its other models lack, too. */
export const FALLBACK_ELSEWHERE =
  'Users are served another way until the limit is raised, if that way does not use the same organisation.';

/** What the application does without its models (another model, another provider, a stored answer) helps while they do not answer or do not serve. */
export const FALLBACK_HELPS: readonly Rule[] = [
  { branches: ['auth.', 'access.', 'billing.'], why: 'Users are served another way until the account is in order.' },
  {
    branches: ['config.base_url', 'config.wrong_route'],
    why: 'Users are served another way until the address is corrected.',
  },
  { branches: ['net.', 'timeout.'], why: 'Users are served another way while calls to Mistral do not come through.' },
  { branches: ['model'], why: 'Users are served by another model until this one is replaced.' },
  { branches: ['quota.period_exhausted'], why: FALLBACK_ELSEWHERE },
  { branches: ['rate.', 'quota.', 'capacity.'], why: 'Another model has a limit and a capacity of its own.' },
  { branches: ['provider.', 'content.', 'stream.'], why: 'Users are served another way until Mistral has recovered.' },
];

/** Where the trouble would meet any model of Mistral's, and nobody knows what the other way is. */
export const FALLBACK_IF: readonly Rule[] = [
  {
    branches: ['auth.', 'access.forbidden'],
    why: 'Users are served another way until the key is in order, if that way does not use the same key.',
  },
  {
    branches: ['billing.'],
    why: 'Users are served another way until the account is in order, if that way does not use the same organisation.',
  },
  {
    branches: ['config.base_url', 'config.wrong_route'],
    why: 'Users are served another way until the address is corrected, if that way does not use the same address.',
  },
  {
    branches: ['net.'],
    why: 'Users are served another way while calls to Mistral do not come through, if that way does not use Mistral.',
  },
];

/** Where every question fails, and it is not for Mistral to recover. */
export const FALLBACK_IF_ALL: readonly Rule[] = [
  {
    branches: ['model_or_route.'],
    why: 'Users are served another way until the address is corrected, if that way does not use the same address.',
  },
  {
    branches: ['rate.', 'capacity.'],
    why: 'Users are served another way until there is room, if that way uses none of the models in use.',
  },
  { branches: ['quota.'], why: FALLBACK_ELSEWHERE },
];

export const FALLBACK_IF_TOTAL =
  'Users are served another way until Mistral has recovered, if that way does not use Mistral.';

export const FALLBACK_LATE = 'Users are served another way while Mistral answers slowly.';
export const FALLBACK_IF_LATE =
  'Users are served another way while Mistral answers slowly, if that way does not use Mistral.';

export const FALLBACK_IF_FULL =
  'No model in use has room: users are served another way until there is some, if that way uses none of them.';

/** They fail in different ways, or are refused for want of a room that their headers show. */
export const FALLBACK_IF_NONE =
  'No model in use answers now: users are served another way until one does, if that way uses none of them.';

/** Our own smallest question is refused to every model, so what refuses it is most likely in front of them. */
export const FALLBACK_AROUND =
  'Users are served another way until our requests are accepted again, if that way goes around the gateway.';

/** What follows the name of a fallback that is a model of Mistral's: what it has in common with what fails. */
export const FALLBACK_SHARES: readonly Rule[] = [
  {
    branches: ['config.api_key_malformed'],
    why: 'is asked with the same damaged key; store the key again instead.',
  },
  { branches: ['auth.', 'access.forbidden'], why: 'is asked with the same key at the same address.' },
  { branches: ['billing.', 'quota.period_exhausted'], why: 'is paid for by the same organisation.' },
  { branches: ['config.'], why: 'is asked at the same address.' },
  { branches: ['net.'], why: 'is asked the same way, on which calls do not come through.' },
];

export const SAME_ORGANISATION = 'belongs to the same organisation, of which no model in use has a quota.';
export const SAME_STREAMS = 'streams over the same way from the same address, where every stream breaks off.';
export const SAME_REFUSAL = 'is asked the same way, on which every chat is refused.';
export const SAME_LATE = 'is asked at the same address, where every model in use is slow.';
export const SAME_OUTAGE = 'is asked at the same address, where everything in use fails.';

export const FALLBACK_USELESS: readonly Rule[] = [
  { branches: ['config.api_key_malformed'], why: 'The fallback may use the same damaged key; store it again instead.' },
];

/** A rollback takes its time, and users are hurt meanwhile. */
export const FALLBACK_UNTIL_BACK = 'Users are served another way until the deploy is taken back.';

export const FALLBACK_WHILE_SLOW = 'Users are served another way until it is known why the calls to Mistral are slow.';

/** While calls of the service to Mistral fail and nobody knows why. */
export const FALLBACK_UNTIL_KNOWN = 'Users are served another way until it is known why the calls to Mistral fail.';

export const BLIP = 'The next call most likely finds the name: other questions of the same moment found it.';
