import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { HttpHeaders } from './http-event.ts';

/** The one place where a caller proves who it is. Pure, in constant time, and before anything is parsed. */

const SLACK_WINDOW_SECONDS = 300;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The password of `Basic base64(user:password)`; the user is not looked at. */
const passwordOf = (encoded: string): string | null => {
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? null : pair.slice(colon + 1);
};

const fromAuthorization = (value: string): string | null => {
  const [, scheme = '', rest = ''] = /^\s*([a-z]+)\s+(\S.*?)\s*$/i.exec(value) ?? [];
  if (scheme.toLowerCase() === 'bearer') return rest;
  return scheme.toLowerCase() === 'basic' ? passwordOf(rest) : null;
};

/**
 * Is one of the tokens presented as Bearer, as the password of Basic, in `X-Alerts-Token` or as `?token=`?
 * Without a configured token nobody is let in. Digests of equal length are compared, all of them, so that time tells nothing.
 */
export const verifyAlertsToken = (request: {
  readonly headers: HttpHeaders;
  readonly query: URLSearchParams;
  readonly tokens: readonly string[];
}): boolean => {
  const presented = [
    fromAuthorization(request.headers.get('authorization') ?? ''),
    request.headers.get('x-alerts-token') ?? null,
    ...request.query.getAll('token'),
  ].filter((text) => text !== null);
  const wanted = request.tokens.filter((token) => token !== '').map(digest);
  let matches = 0;
  for (const text of presented) {
    const shown = digest(text);
    for (const token of wanted) matches += timingSafeEqual(shown, token) ? 1 : 0;
  }
  return matches > 0;
};

export type SlackVerdict = { readonly ok: true } | { readonly ok: false; readonly why: string };

const refuse = (why: string): SlackVerdict => ({ ok: false, why });

/**
 * Slack's v0 signature over the raw bytes, with a clock window on both sides. A header sent twice arrives joined by a comma
 * and does not match its pattern. Several secrets may be valid at once; none configured refuses.
 */
export const verifySlackSignature = (request: {
  readonly bytes: Uint8Array;
  readonly headers: HttpHeaders;
  readonly signingSecrets: readonly string[];
  readonly nowMs: number;
}): SlackVerdict => {
  const secrets = request.signingSecrets.filter((secret) => secret !== '');
  if (secrets.length === 0) return refuse('no signing secret is configured');
  const timestamp = request.headers.get('x-slack-request-timestamp');
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return refuse('timestamp is missing or malformed');
  const ageSeconds = Math.abs(request.nowMs / 1000 - Number(timestamp));
  // Written so that NaN refuses.
  if (!(ageSeconds <= SLACK_WINDOW_SECONDS)) return refuse('timestamp is outside the window');
  const signature = request.headers.get('x-slack-signature');
  if (signature === undefined || !/^v0=[0-9a-f]{64}$/.test(signature))
    return refuse('signature is missing or malformed');
  const shown = Buffer.from(signature.slice(3), 'hex');
  let matches = 0;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(request.bytes).digest();
    matches += timingSafeEqual(shown, expected) ? 1 : 0;
  }
  return matches > 0 ? { ok: true } : refuse('signature does not match');
};
