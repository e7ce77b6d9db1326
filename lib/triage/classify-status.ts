import type { Branch } from '../domain/branch.ts';
import type { CallFailure } from '../domain/diagnosis.ts';
import { readCount } from './limits.ts';

type Answered = CallFailure & { readonly status: number };
type RateLimits = Readonly<Record<string, string>>;
type Rule = {
  readonly branch: Branch;
  readonly statuses: (status: number) => boolean;
  readonly holds?: (failure: Answered, limits: RateLimits) => boolean;
};

const is =
  (...statuses: readonly number[]) =>
  (status: number): boolean =>
    statuses.includes(status);
const from =
  (low: number, high: number) =>
  (status: number): boolean =>
    status >= low && status <= high;

const says =
  (pattern: RegExp) =>
  (failure: Answered): boolean =>
    pattern.test(failure.wording ?? '') || pattern.test(failure.type ?? '');
const coded =
  (...codes: readonly string[]) =>
  (failure: Answered): boolean =>
    failure.code !== undefined && codes.includes(failure.code);

const isPage = (failure: Answered): boolean => failure.body === 'html';

const BILLING = /inactive subscription|usage limit reached|spending limit|monthly|payment|\bcredits?\b/i;
const PERIOD = /\b(?:month|monthly|day|daily)\b/i;
const TOO_LONG = /maximum context length|model_context_exceeded|prompt_too_long|max_tokens_exceeded/i;
const MODEL_GONE = /\bmodel\b.*\b(?:is deprecated|was not found|retired|not in use)/i;

/** `x-ratelimit-limit-req-minute: 0` and its older spelling: never allowed, however long one waits. */
const hasZeroLimit = (limits: RateLimits): boolean =>
  Object.entries(limits).some(([name, value]) => /limit-(?:req-|tokens-)?minute$/.test(name) && readCount(value) === 0);

const hasSpentPeriod = (limits: RateLimits): boolean =>
  Object.entries(limits).some(([name, value]) => /remaining-.*(?:month|day)$/.test(name) && readCount(value) === 0);

const lacksCapacity = (failure: Answered): boolean =>
  coded('3505', '3810')(failure) || (failure.body === 'json' && says(/capacity|engine_max_pending/i)(failure));

/**
 * First rule that holds. Capacity comes before any reading of 429 or 5xx, spent periods before billing, billing before the key:
 * Mistral has sent "usage limit reached" as 401, 403 and 429.
 */
const RULES: readonly Rule[] = [
  // A redirect is what captive portals and proxies send; the client follows one only within the same origin.
  { branch: 'net.intercepted_200_html', statuses: from(300, 399) },
  // The API says these in JSON; a page is from somebody who stands before it, a login or a firewall.
  { branch: 'net.intercepted_200_html', statuses: is(401), holds: isPage },
  { branch: 'net.egress_blocked', statuses: is(400, 422, 429), holds: isPage },
  { branch: 'capacity.model', statuses: is(429), holds: lacksCapacity },
  { branch: 'capacity.model', statuses: from(500, 599), holds: lacksCapacity },
  { branch: 'billing.payment_required', statuses: is(402) },
  { branch: 'quota.period_exhausted', statuses: is(429), holds: says(PERIOD) },
  { branch: 'quota.period_exhausted', statuses: is(429), holds: (_, limits) => hasSpentPeriod(limits) },
  { branch: 'billing.inactive_or_limit', statuses: is(401, 403, 429), holds: says(BILLING) },
  { branch: 'auth.invalid_key', statuses: is(401) },
  { branch: 'access.model_not_entitled', statuses: is(403), holds: coded('1910', '1913') },
  { branch: 'access.model_not_entitled', statuses: is(403), holds: says(/tier_not_allowed|labs_not_enabled/) },
  { branch: 'access.forbidden', statuses: is(403), holds: (failure) => failure.body === 'json' },
  { branch: 'net.egress_blocked', statuses: is(403, 451) },
  { branch: 'net.proxy_auth', statuses: is(407) },
  { branch: 'timeout.server', statuses: is(408) },
  { branch: 'config.wrong_route', statuses: is(404), holds: says(/no route matched/i) },
  { branch: 'config.wrong_route', statuses: is(405) },
  { branch: 'model.retired_or_unknown', statuses: is(400, 404, 410), holds: says(MODEL_GONE) },
  { branch: 'model.retired_or_unknown', statuses: is(400, 404), holds: coded('1500', '3003') },
  { branch: 'model.retired_or_unknown', statuses: is(400), holds: says(/invalid_model/) },
  { branch: 'model_or_route.not_found', statuses: is(404, 410) },
  { branch: 'request.context_too_long', statuses: is(413) },
  { branch: 'request.context_too_long', statuses: is(400), holds: coded('3051', '3059') },
  { branch: 'request.context_too_long', statuses: is(400, 422), holds: says(TOO_LONG) },
  { branch: 'quota.zero_for_model', statuses: is(429), holds: (_, limits) => hasZeroLimit(limits) },
  { branch: 'rate.minute', statuses: is(429) },
  { branch: 'request.invalid', statuses: from(400, 499) },
  { branch: 'timeout.gateway', statuses: is(504, 522, 524) },
  { branch: 'provider.edge_5xx', statuses: from(520, 527) },
  { branch: 'provider.overloaded', statuses: is(529) },
  { branch: 'provider.edge_5xx', statuses: from(500, 599), holds: isPage },
  // Mistral's own envelope carries a code; a 503 without one was made by what stands in front of it.
  { branch: 'provider.overloaded', statuses: is(503), holds: (failure) => failure.code === undefined },
];

/** An answer of 300 and above, in one word. */
export const classifyStatus = (failure: Answered, limits: RateLimits): Branch =>
  RULES.find((rule) => rule.statuses(failure.status) && (rule.holds?.(failure, limits) ?? true))?.branch ??
  'provider.5xx';
