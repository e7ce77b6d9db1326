import type { Branch } from '../domain/branch.ts';

type Words = {
  /** What is wrong, as a clause that can follow "no: " and begin a sentence. */
  readonly what: string;
  /** What the responder does next: one imperative sentence each. */
  readonly next: readonly string[];
};

const NETWORK_NEXT = [
  'Ask the same address from another network, for example a phone.',
  'Look for changes of firewall, proxy or DNS in the last hour.',
];
const PROVIDER_NEXT = [
  'Enable the fallback if users are hurt.',
  'Send the correlation ids of the probes to Mistral support.',
];
const REQUEST_NEXT = [
  'Look up by its card what kind of model it is: not every model chats.',
  'Send the same chat around the gateway, if calls take one.',
  "Compare the version of the SDK and the change log of Mistral's API with what is sent.",
];
const planNext = (what: string): readonly string[] => [`In the Mistral console of the organisation: ${what}.`];
const TLS_NEXT = ['Never switch certificate checks off.'];
const CONTENT_NEXT = ['Ask again once; if it stays, send the correlation ids to Mistral support.'];

const words = (what: string, next: readonly string[]): Words => ({ what, next });

/** For people at 3 a.m.: no status codes where a word will do. */
export const BRANCH_WORDS: Readonly<Record<Branch, Words>> = {
  healthy: words('everything that was asked answers well', []),
  unknown: words('too little could be asked', [
    'Look which questions had no answer and why, fix that, then run triage again.',
  ]),
  'config.api_key_malformed': words('our key holds characters that no key has', [
    'Store the key again without spaces and line breaks, then restart the service.',
  ]),
  'config.base_url': words('the configured address of the API is not an address', ['Correct MISTRAL_SERVER_URL.']),
  'config.wrong_route': words('this host knows no such path', ['Compare MISTRAL_SERVER_URL with the documentation.']),
  'auth.invalid_key': words('Mistral does not accept our key: it is revoked, expired, mistyped or for another host', [
    'Rotate the key to the standby.',
    'Find out whether and why it was revoked before the old one is used again.',
  ]),
  'access.forbidden': words('Mistral forbids this call to our key', [
    'Check workspace and rights of the key in the Mistral console.',
  ]),
  'access.model_not_entitled': words('our plan does not include this model', [
    'Use a model of the plan, or change the plan in the Mistral console.',
  ]),
  'billing.inactive_or_limit': words(
    'the subscription is inactive or its usage limit is reached',
    planNext('activate the plan, raise its limit or pay'),
  ),
  'billing.payment_required': words('Mistral asks for payment', planNext('pay, or correct the payment method')),
  'net.egress_blocked': words('something on the way refuses us: an edge, a firewall or a region block', NETWORK_NEXT),
  'net.proxy_auth': words('a proxy on the way wants a login', ['Give the proxy its credentials, or go around it.']),
  'net.intercepted_200_html': words('a web page or a redirect comes back in place of the API', [
    'Open the address from the same network in a browser and see whose page it is.',
    ...NETWORK_NEXT,
  ]),
  'net.tls_untrusted_interception': words(
    'the certificate is signed by somebody we do not trust, as a proxy that opens TLS does',
    ['Give Node the company certificate with NODE_EXTRA_CA_CERTS.', ...TLS_NEXT],
  ),
  'net.tls_dates_clock_skew': words('the certificate is out of date, or our clock is wrong', [
    'Compare our clock with another one.',
    ...TLS_NEXT,
  ]),
  'net.tls_hostname': words('the certificate is for another host', ['Check the address and DNS.', ...TLS_NEXT]),
  'net.dns': words('the name of the API does not resolve', ['Resolve the name by hand and ask another DNS server.']),
  'net.refused': words('the connection is refused', NETWORK_NEXT),
  'net.reset': words('the connection is cut before an answer', NETWORK_NEXT),
  'net.connect_timeout': words('no connection is made in time', NETWORK_NEXT),
  'net.protocol': words('what comes back is no HTTP that our client can read', [
    'Check the address, its port and http against https.',
  ]),
  'net.unknown': words('the connection fails and gives no reason', NETWORK_NEXT),
  'timeout.headers': words('no answer comes in time', [
    'Enable the fallback if users are hurt.',
    'Ask the same address from another network: if it answers there, the path is at fault, else Mistral is.',
  ]),
  'timeout.body_or_stream': words('an answer begins and does not end in time', PROVIDER_NEXT),
  'timeout.gateway': words("Mistral's gateway waits in vain for what is behind it", PROVIDER_NEXT),
  'timeout.server': words('Mistral says that the request took too long', PROVIDER_NEXT),
  'model.retired_or_unknown': words('the model is retired or was never there', [
    'Look up its replacement in the model list and configure it.',
  ]),
  'model_or_route.not_found': words('Mistral finds no such thing and does not say whether model or path is meant', [
    'Check the name of the model first, then MISTRAL_SERVER_URL.',
  ]),
  'request.context_too_long': words('our request is longer than the model takes', [
    'Look whether a proxy or a gateway limits the size of what is sent, or adds to it.',
    'Send the same chat around it once.',
  ]),
  'request.invalid': words('our request is not one that Mistral accepts', REQUEST_NEXT),
  'request.sdk_input_invalid': words('the client refuses our request before it is sent', [
    'Compare the version of the SDK with its change log.',
  ]),
  'rate.minute': words('our limit of requests or tokens per minute is used up', [
    'Wait for the next full minute and send fewer requests at once.',
    'Find out which caller grew.',
  ]),
  'quota.zero_for_model': words('our limit for this model is zero, so waiting never helps', [
    'Use another model, or have the limit raised in the Mistral console.',
  ]),
  'quota.period_exhausted': words('our limit for the month or day is used up', planNext('raise the limit or pay')),
  'capacity.model': words('Mistral has no room for this model at the moment', PROVIDER_NEXT),
  'provider.5xx': words('Mistral fails on its side', PROVIDER_NEXT),
  'provider.overloaded': words('Mistral is overloaded or down', PROVIDER_NEXT),
  'provider.edge_5xx': words('the edge in front of Mistral fails', PROVIDER_NEXT),
  'content.malformed_json': words('Mistral promises JSON and sends something else', CONTENT_NEXT),
  'content.schema_mismatch': words('the answer has a shape that our client does not know', [
    'Compare the version of the SDK with its change log.',
    ...CONTENT_NEXT,
  ]),
  'content.unexpected_type': words('the answer is not of the kind that was asked for', CONTENT_NEXT),
  'content.empty': words('the answer is empty', CONTENT_NEXT),
  'stream.cut': words('the answer breaks off in the middle', CONTENT_NEXT),
  'stream.bad_event_or_error_event': words('the stream holds an error or an event that is none', CONTENT_NEXT),
  'client.aborted': words('our own side gave up the call', ['Run triage again: it gave up before an answer came.']),
  'client.unexpected': words('our own code around the call fails', ['Read the log of mistral-triage.']),
  'app.errors': words('our own service fails while Mistral answers', [
    'Read the log of the service and look at its last deploy.',
    'Roll back if it began with a deploy.',
  ]),
  'app.retry_storm': words('our calls grew while fewer succeed: our own retries, or more users', [
    'Cap the retries first.',
    'Look which caller retries, how often and how soon.',
  ]),
};
