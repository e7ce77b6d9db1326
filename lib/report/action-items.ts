import type { Branch } from '../domain/branch.ts';
import { type Incident, isOpen, standingOfCause } from '../domain/incident.ts';
import type { Lease } from '../domain/lease.ts';
import { MITIGATION_NAMES } from '../domain/names.ts';
import { cite } from './markdown.ts';

/** What is worth doing afterwards: P1 within days, P4 some time. */
type ActionItem = { readonly text: string; readonly priority: 'P1' | 'P2' | 'P3'; readonly dueDays: number };

const item = (text: string, priority: ActionItem['priority']): ActionItem => ({
  text,
  priority,
  dueDays: priority === 'P1' ? 2 : priority === 'P2' ? 14 : 30,
});

const KEY: readonly ActionItem[] = [
  item('Find out who or what revoked the old key, and write it down here', 'P1'),
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

/** By cause; the people who write the postmortem change them. */
const ACTION_ITEMS: Readonly<Record<Branch, readonly ActionItem[]>> = {
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

type Proposal = ActionItem & { readonly because: string };

type Ended = { readonly incident: Incident; readonly leases: readonly Lease[] };

/** First what the mitigations left behind as they are now, then what the cause asks for. */
export const proposeActions = ({ incident, leases }: Ended): readonly Proposal[] => {
  const branch = incident.diagnosis?.branch ?? 'unknown';
  const because = cite('diagnosis', branch);
  return [
    ...leases.flatMap(leftBehind),
    ...(branch === 'auth.invalid_key' ? afterRefusedKey(incident, leases, because) : []),
    ...(isOpen(incident) || incident.totals.firing === 0 ? [] : [{ ...STILL_FIRING, because: FIRING }]),
    ...ACTION_ITEMS[branch].map((action) => ({ ...action, because })),
  ];
};

const STILL_FIRING = item('Find out why alerts still fire although the incident is resolved, or reopen it', 'P1');
const FIRING = cite('alert', 'totals.firing');

const IN_EFFECT: readonly Lease['state'][] = ['active', 'reverting', 'unknown', 'applying'];

/** A rotation stays, and uses up the standby key; the others are there to be taken back. */
const leftBehind = (lease: Lease, index: number, all: readonly Lease[]): readonly Proposal[] => {
  if (!IN_EFFECT.includes(lease.state)) return [];
  const because = cite('lease', lease.id);
  const name = MITIGATION_NAMES[lease.kind];
  if (lease.state === 'unknown' || lease.state === 'applying')
    return [{ ...item(`Find out whether ${name} is in effect, then keep it or undo it`, 'P1'), because }];
  if (lease.kind === 'rollback') return [];
  if (lease.kind !== 'rotate-key') return [{ ...item(`Undo ${name}: it is still active`, 'P1'), because }];
  // Of several rotations the newest one tells which key is current.
  const isLast = !all.slice(index + 1).some(({ kind, state }) => kind === 'rotate-key' && state === 'active');
  return isLast ? AFTER_ROTATION.map((action) => ({ ...action, because })) : [];
};

const AFTER_ROTATION: readonly ActionItem[] = [
  item('Prepare a new standby key: create it in the Mistral console and store it with the label STANDBY', 'P1'),
  item('Delete the old key in the Mistral console once nothing uses it', 'P2'),
];

/** Without a rotation in effect the refused key is the current one, unless the model answers it again. */
const afterRefusedKey = (incident: Incident, leases: readonly Lease[], because: string): readonly Proposal[] => {
  const rotations = leases.filter(({ kind }) => kind === 'rotate-key');
  if (rotations.some(({ state }) => IN_EFFECT.includes(state))) return [];
  const undone = rotations.findLast(({ state }) => state === 'reverted');
  if (undone === undefined)
    return [{ ...(standingOfCause(incident) === 'over' ? SEE_STANDBY : REPLACE_CURRENT), because }];
  return isGoodSince(incident, undone) ? [] : [{ ...REPLACE_AGAIN, because: cite('lease', undone.id) }];
};

const SEE_STANDBY = item('See that a standby key is stored with the label STANDBY, and create one if not', 'P1');
const REPLACE_CURRENT = item(
  'Replace the refused key: it is still the current one. See first that a standby key is stored',
  'P1',
);
const REPLACE_AGAIN = item(
  'Replace the refused key: it is the current one again, and the standby key is there again',
  'P1',
);

const isGoodSince = ({ goodChecks, goodCheckAt, mitigations }: Incident, { id }: Lease): boolean => {
  const since = mitigations.find((mitigation) => mitigation.id === id)?.since;
  return goodChecks > 0 && goodCheckAt !== undefined && since !== undefined && goodCheckAt > since;
};
