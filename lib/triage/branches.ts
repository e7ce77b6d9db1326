import type { Branch, Owner } from '../domain/branch.ts';
import type { MitigationKind } from '../domain/lease.ts';
import type { Severity } from '../domain/severity.ts';

/** What is known of a branch before anybody looks at the case at hand. */
export type BranchFacts = {
  readonly owner: Owner;
  /** The default where the impact on users is not known; null for `healthy`. */
  readonly severity: Severity | null;
  /** Whether the same call may be tried again at once or after a pause. */
  readonly retryable: boolean;
  /** Whether a circuit breaker should count it. */
  readonly breakerCounts: boolean;
  /** Mitigations that are never offered for it. */
  readonly useless: readonly MitigationKind[];
  /** The signature, for people who know the API. */
  readonly meaning: string;
};

const NONE: readonly MitigationKind[] = [];
const KEY_FALLBACK: readonly MitigationKind[] = ['rotate-key', 'enable-fallback'];
const KEY: readonly MitigationKind[] = ['rotate-key'];
const LOAD_TIME: readonly MitigationKind[] = ['reduce-concurrency', 'raise-timeout'];
const KEY_LOAD_TIME: readonly MitigationKind[] = ['rotate-key', 'reduce-concurrency', 'raise-timeout'];
const KEY_TIME: readonly MitigationKind[] = ['rotate-key', 'raise-timeout'];
const KEY_LOAD: readonly MitigationKind[] = ['rotate-key', 'reduce-concurrency'];

/** How callers treat the failure: `count` = the breaker counts it, `retry` = it may be tried again. */
type Handling = 'stop' | 'count' | 'count+retry';

const facts = (
  owner: Owner,
  severity: Severity | null,
  handling: Handling,
  useless: readonly MitigationKind[],
  meaning: string,
): BranchFacts => ({
  owner,
  severity,
  retryable: handling === 'count+retry',
  breakerCounts: handling !== 'stop',
  useless,
  meaning,
});

/** The closed list. A new branch is one line here, one in `domain/branch.ts` and its words in `words.ts`. */
export const BRANCH_FACTS: Readonly<Record<Branch, BranchFacts>> = {
  healthy: facts('none', null, 'stop', NONE, 'every question that matters was answered well'),
  unknown: facts('unknown', 'P3', 'stop', NONE, 'too little could be asked; says what was blind'),
  'config.api_key_malformed': facts(
    'ours',
    'P1',
    'stop',
    KEY_FALLBACK,
    'the key has white space, a line break or wrong characters',
  ),
  'config.base_url': facts('ours', 'P1', 'stop', KEY, 'the base URL is not one'),
  'config.wrong_route': facts('ours', 'P1', 'stop', KEY, "404 'no Route matched': the path is wrong for this host"),
  'auth.invalid_key': facts(
    'ours',
    'P1',
    'stop',
    LOAD_TIME,
    '401: the key is unknown, revoked, expired or for another host',
  ),
  'access.forbidden': facts('ours', 'P1', 'stop', LOAD_TIME, '403 in JSON without a finer code'),
  'access.model_not_entitled': facts('ours', 'P2', 'stop', KEY_LOAD_TIME, '403 1910/1913: plan or labs access'),
  'billing.inactive_or_limit': facts(
    'ours',
    'P1',
    'stop',
    KEY_LOAD_TIME,
    'subscription inactive or usage limit, also when it comes as 401',
  ),
  'billing.payment_required': facts('ours', 'P1', 'stop', KEY_LOAD_TIME, '402'),
  'net.egress_blocked': facts('between', 'P1', 'stop', KEY_LOAD_TIME, '403 HTML of the edge, 451'),
  'net.proxy_auth': facts('between', 'P1', 'stop', KEY_LOAD_TIME, '407 seen by asking without fetch'),
  'net.intercepted_200_html': facts('between', 'P1', 'stop', KEY_LOAD_TIME, '200 with a page instead of JSON'),
  'net.tls_untrusted_interception': facts('between', 'P1', 'stop', KEY_LOAD_TIME, 'unknown issuer'),
  'net.tls_dates_clock_skew': facts('between', 'P1', 'stop', KEY_LOAD_TIME, 'certificate dates or our clock'),
  'net.tls_hostname': facts('between', 'P1', 'stop', KEY_LOAD_TIME, 'certificate for another host'),
  'net.dns': facts('between', 'P2', 'count+retry', KEY_LOAD_TIME, 'the name does not resolve'),
  'net.refused': facts('between', 'P2', 'count+retry', KEY_LOAD_TIME, 'connection refused'),
  'net.reset': facts('between', 'P2', 'count+retry', KEY_TIME, 'connection reset before an answer'),
  'net.connect_timeout': facts('between', 'P2', 'count+retry', KEY_LOAD, 'no connection in time'),
  'net.protocol': facts('between', 'P2', 'count+retry', KEY, 'what answered does not speak HTTP'),
  'net.unknown': facts('between', 'P2', 'count+retry', KEY, 'a network failure without a code'),
  'timeout.headers': facts(
    'theirs',
    'P2',
    'count+retry',
    KEY,
    'no answer within the limit; a second probe says whether the model or the path is slow',
  ),
  'timeout.body_or_stream': facts('theirs', 'P2', 'count', KEY, 'the answer began and did not end in time'),
  'timeout.gateway': facts('theirs', 'P2', 'count+retry', KEY, '504, 522, 524'),
  'timeout.server': facts('theirs', 'P2', 'count+retry', KEY, '408'),
  'model.retired_or_unknown': facts('ours', 'P1', 'stop', KEY_LOAD_TIME, '400 1500/3003, 404 deprecated'),
  'model_or_route.not_found': facts('ours', 'P2', 'stop', KEY_LOAD_TIME, '404 that does not say which'),
  'request.context_too_long': facts('ours', 'P3', 'stop', KEY_LOAD_TIME, '400 3051/3059, 413'),
  'request.invalid': facts(
    'ours',
    'P3',
    'stop',
    KEY_LOAD_TIME,
    '400 other, 422: our own request, often our last deploy',
  ),
  'request.sdk_input_invalid': facts('ours', 'P4', 'stop', KEY_LOAD_TIME, 'the SDK refused the input'),
  'rate.minute': facts(
    'ours',
    'P2',
    'count+retry',
    KEY_TIME,
    '429 of the minute window: wait for the minute, fewer at once, pace',
  ),
  'quota.zero_for_model': facts('ours', 'P1', 'stop', KEY_LOAD_TIME, '429 with a limit of 0: waiting never helps'),
  'quota.period_exhausted': facts('ours', 'P1', 'stop', KEY_LOAD_TIME, 'day or month limit'),
  'capacity.model': facts(
    'theirs',
    'P2',
    'count+retry',
    KEY_TIME,
    "429/503 3505, 3810, 'capacity': the provider is full for this model; wins over any 5xx reading",
  ),
  'provider.5xx': facts('theirs', 'P1', 'count+retry', KEY_TIME, '500 and its like in JSON'),
  'provider.overloaded': facts('theirs', 'P1', 'count+retry', KEY_TIME, '503, 529'),
  'provider.edge_5xx': facts('theirs', 'P1', 'count+retry', KEY_TIME, '520–526 HTML of the edge'),
  'content.malformed_json': facts('theirs', 'P2', 'count+retry', KEY, 'JSON promised, not sent'),
  'content.schema_mismatch': facts('theirs', 'P2', 'count', KEY, 'JSON of another shape: provider change or old SDK'),
  'content.unexpected_type': facts('theirs', 'P2', 'count+retry', KEY, 'another content type'),
  'content.empty': facts(
    'theirs',
    'P2',
    'count+retry',
    KEY,
    '200 with no content and no completion tokens, empty list, error object in a 200',
  ),
  'stream.cut': facts('theirs', 'P2', 'count', KEY, 'the stream ended without a finish reason'),
  'stream.bad_event_or_error_event': facts('theirs', 'P2', 'count', KEY, 'an event that is not one, or an error event'),
  'client.aborted': facts('ours', 'P4', 'stop', KEY_LOAD, 'our own abort'),
  'client.unexpected': facts('ours', 'P3', 'stop', NONE, 'thrown by our own code around the call'),
  'app.errors': facts('ours', 'P2', 'stop', KEY, 'Mistral answers; our own service fails: logs and last deploy'),
  'app.retry_storm': facts('ours', 'P2', 'stop', KEY_TIME, 'request rate rises while success falls: cap retries first'),
};
