import type { HttpHeaders, HttpRequest } from './http-event.ts';

/** What Slack sends: an object, from JSON or from a form (whose `payload`, where there is one, is JSON itself). */
export type SlackBody = Readonly<Record<string, unknown>>;

/** Slack's own bodies stay far below this. */
export const MAX_SLACK_BODY_BYTES = 256 * 1024;

/** A probe of the certificate is a few bytes; nobody makes us decode more than this without a signature. */
const MAX_SSL_CHECK_BYTES = 1024;

/** Only for bytes whose signature was verified. null: nothing that Slack could have sent. */
export const readSlackBody = (headers: HttpHeaders, bytes: Uint8Array): SlackBody | null => {
  const mediaType = readMediaType(headers);
  const text = decodeUtf8(bytes);
  if (text === null) return null;
  if (mediaType === 'application/json') return parseObject(text);
  return mediaType === 'application/x-www-form-urlencoded' ? readForm(text) : null;
};

/** Slack checks the certificate now and then, unsigned; the answer is empty and nothing else happens. */
export const isSslCheck = (request: HttpRequest): boolean => {
  if (request.query.has('ssl_check')) return true;
  if (request.bytes.length > MAX_SSL_CHECK_BYTES) return false;
  if (readMediaType(request.headers) !== 'application/x-www-form-urlencoded') return false;
  return new URLSearchParams(decodeUtf8(request.bytes) ?? '').has('ssl_check');
};

/** `type/subtype; charset=utf-8` in any case and order; a charset that is not UTF-8 is no body of Slack's. */
const readMediaType = (headers: HttpHeaders): string | null => {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?(utf-?8|us-ascii)"?$/.test(charset);
  return isUtf8 ? type.trim() : null;
};

const decodeUtf8 = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
};

const readForm = (text: string): SlackBody | null => {
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  return payload === null ? Object.fromEntries(form) : parseObject(payload);
};

const parseObject = (text: string): SlackBody | null => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
};

const isObject = (value: unknown): value is SlackBody =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
