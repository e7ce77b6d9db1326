/** The closed list of what can be wrong (or right). `lib/triage/branches.ts` says what each means and what is useless against it. */
export const BRANCHES = [
  'healthy',
  'unknown',
  'config.api_key_malformed',
  'config.base_url',
  'config.wrong_route',
  'auth.invalid_key',
  'access.forbidden',
  'access.model_not_entitled',
  'billing.inactive_or_limit',
  'billing.payment_required',
  'net.egress_blocked',
  'net.proxy_auth',
  'net.intercepted_200_html',
  'net.tls_untrusted_interception',
  'net.tls_dates_clock_skew',
  'net.tls_hostname',
  'net.dns',
  'net.refused',
  'net.reset',
  'net.connect_timeout',
  'net.protocol',
  'net.unknown',
  'timeout.headers',
  'timeout.body_or_stream',
  'timeout.gateway',
  'timeout.server',
  'model.retired_or_unknown',
  'model_or_route.not_found',
  'request.context_too_long',
  'request.invalid',
  'request.sdk_input_invalid',
  'rate.minute',
  'quota.zero_for_model',
  'quota.period_exhausted',
  'capacity.model',
  'provider.5xx',
  'provider.overloaded',
  'provider.edge_5xx',
  'content.malformed_json',
  'content.schema_mismatch',
  'content.unexpected_type',
  'content.empty',
  'stream.cut',
  'stream.bad_event_or_error_event',
  'client.aborted',
  'client.unexpected',
  'app.errors',
  'app.retry_storm',
] as const;

export type Branch = (typeof BRANCHES)[number];

/** Whether there was no room for a call: a limit of ours, or Mistral's capacity. Who is told so was let in. */
export const isOfLimit = (branch: string): boolean => /^(?:rate|quota|capacity)\./.test(branch);

/** Whose it is to mend. */
export type Owner = 'ours' | 'theirs' | 'between' | 'unknown' | 'none';
