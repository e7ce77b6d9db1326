import type { Branch } from '../domain/branch.ts';

/** What is worth doing afterwards: P1 within days, P4 some time. */
type ActionItem = { readonly text: string; readonly priority: 'P1' | 'P2' | 'P3'; readonly dueDays: number };

const item = (text: string, priority: ActionItem['priority']): ActionItem => ({
  text,
  priority,
  dueDays: priority === 'P1' ? 2 : priority === 'P2' ? 14 : 30,
});

const KEY: readonly ActionItem[] = [
  item('Prepare a new standby key: create it in the Mistral console and store it with the label STANDBY', 'P1'),
  item('Find out who or what revoked the old key, and write it down here', 'P1'),
  item('Delete the old key in the Mistral console once nothing uses it', 'P2'),
  item('Add a reminder 14 days before the expiry date of every key', 'P2'),
];

const SETTINGS: readonly ActionItem[] = [
  item('Check key and base URL when the service starts, and refuse to start with a wrong one', 'P2'),
];

const ACCESS: readonly ActionItem[] = [
  item('Write down which plan every model in use needs, and ask for access before a model is used', 'P2'),
];

const BUDGET: readonly ActionItem[] = [
  item('Raise the spending or usage limit, or agree on what happens when it is reached', 'P1'),
  item('Alert at 80 % of the limit', 'P2'),
];

const PATH: readonly ActionItem[] = [
  item('Find the change of network, proxy or certificate that came before, and write it down here', 'P1'),
  item('Probe the path to the Mistral API from where the service runs', 'P2'),
];

const PROVIDER: readonly ActionItem[] = [
  item('Send the ids of the failed calls (probes.json) to Mistral support and note the ticket here', 'P2'),
  item('Test the fallback in production once a month', 'P2'),
];

const MODEL: readonly ActionItem[] = [
  item('Move every service to a model that is not deprecated', 'P1'),
  item('Alert 30 days before a model in use is retired', 'P2'),
];

const REQUEST: readonly ActionItem[] = [
  item('Add a test for the request that was refused, before the next deployment', 'P2'),
];

const RATE: readonly ActionItem[] = [
  item('Pace requests to the limit per minute of the model in use', 'P2'),
  item('Ask Mistral for a higher limit, with the numbers from probes.json', 'P3'),
];

const CONTENT: readonly ActionItem[] = [
  item('Treat a broken or unfinished answer as a failure, and retry it once if nothing was shown to the user', 'P2'),
];

const APP: readonly ActionItem[] = [item('Add a test that fails in the way the service failed', 'P1')];

const RETRIES: readonly ActionItem[] = [
  item('Limit retries to one per request, with a pause that differs from caller to caller', 'P1'),
];

const SEARCH: readonly ActionItem[] = [
  item('Find the cause. The probes could not name one: read logs and deployments of the time above', 'P1'),
];

/** First proposals by cause; the people who write the postmortem change them. */
export const ACTION_ITEMS: Readonly<Record<Branch, readonly ActionItem[]>> = {
  'auth.invalid_key': KEY,
  'config.api_key_malformed': SETTINGS,
  'config.base_url': SETTINGS,
  'config.wrong_route': SETTINGS,
  'access.forbidden': ACCESS,
  'access.model_not_entitled': ACCESS,
  'billing.inactive_or_limit': BUDGET,
  'billing.payment_required': BUDGET,
  'quota.period_exhausted': BUDGET,
  'net.egress_blocked': PATH,
  'net.proxy_auth': PATH,
  'net.intercepted_200_html': PATH,
  'net.tls_untrusted_interception': PATH,
  'net.tls_dates_clock_skew': PATH,
  'net.tls_hostname': PATH,
  'net.dns': PATH,
  'net.refused': PATH,
  'net.reset': PATH,
  'net.connect_timeout': PATH,
  'net.protocol': PATH,
  'net.unknown': PATH,
  'timeout.headers': PROVIDER,
  'timeout.body_or_stream': PROVIDER,
  'timeout.gateway': PROVIDER,
  'timeout.server': PROVIDER,
  'capacity.model': PROVIDER,
  'provider.5xx': PROVIDER,
  'provider.overloaded': PROVIDER,
  'provider.edge_5xx': PROVIDER,
  'model.retired_or_unknown': MODEL,
  'model_or_route.not_found': MODEL,
  'request.context_too_long': REQUEST,
  'request.invalid': REQUEST,
  'request.sdk_input_invalid': REQUEST,
  'rate.minute': RATE,
  'quota.zero_for_model': RATE,
  'content.malformed_json': CONTENT,
  'content.schema_mismatch': CONTENT,
  'content.unexpected_type': CONTENT,
  'content.empty': CONTENT,
  'stream.cut': CONTENT,
  'stream.bad_event_or_error_event': CONTENT,
  'app.errors': APP,
  'client.aborted': APP,
  'client.unexpected': APP,
  'app.retry_storm': RETRIES,
  healthy: SEARCH,
  unknown: SEARCH,
};
