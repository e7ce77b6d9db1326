import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { ChatError } from '../../ports/chat.ts';
import { ADVICE, REFUSALS } from './refusals.ts';

/** Slack's own error codes; a body that is no JSON is put into `error` by the client as it came, so anything else is not a code. */
const CODE = /^[a-z][a-z0-9_]{1,63}$/;

/** Handshake failures of TLS, which come before any byte of the request, and undici's own connect timeout. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Classifies whatever a call threw, once. Copies words and numbers only: the SDK's errors hold headers, bodies and the address. */
export const classifyFailure = (method: string, error: unknown): ChatError => {
  if (error instanceof ChatError) return error;
  if (error instanceof WebAPIPlatformError) return readRefusal(method, error);
  if (error instanceof WebAPIRateLimitedError) return rateLimited(method, error.retryAfter * 1000);
  if (error instanceof WebAPIHTTPError) return ambiguous(method, `HTTP ${error.statusCode}`);
  if (error instanceof WebAPIRequestError) return readNetworkFailure(method, error.original);
  // The body broke off after the headers: the client lets fetch's own error through.
  return ambiguous(method, isTimeout(error) ? 'no answer in time' : 'the answer broke off');
};

export const rateLimited = (method: string, retryAfterMs: number | null): ChatError =>
  new ChatError('rate-limited', `Slack ${method}: too many requests`, retryAfterMs);

export const ambiguous = (method: string, why: string): ChatError =>
  new ChatError('ambiguous', `Slack ${method}: ${why}; it may have arrived`);

const readRefusal = (method: string, error: WebAPIPlatformError): ChatError => {
  const code: unknown = error.data.error;
  if (typeof code !== 'string' || !CODE.test(code)) return ambiguous(method, 'unreadable answer');
  const failure = REFUSALS.get(code) ?? 'ambiguous';
  const seconds = error.data.response_metadata?.['retryAfter'];
  if (failure === 'rate-limited') return rateLimited(method, typeof seconds === 'number' ? seconds * 1000 : null);
  if (failure === 'ambiguous') return ambiguous(method, code);
  const advice = ADVICE.get(`${method} ${code}`) ?? ADVICE.get(code);
  return new ChatError(failure, `${refusalText(method, code)}${advice === undefined ? '' : ` (${advice})`}`);
};

const refusalText = (method: string, code: string): string => `Slack ${method}: ${code}`;

/** For the few answers that are finer than the closed list. */
export const wasRefused = (error: unknown, method: string, code: string): boolean =>
  error instanceof ChatError && error.message === refusalText(method, code);

/** `fetch` wraps the reason once: "fetch failed" with the socket's error as cause. */
const readNetworkFailure = (method: string, error: Error): ChatError => {
  if (error instanceof ChatError) return error;
  if (isTimeout(error)) return ambiguous(method, 'no answer in time');
  const reason = error.cause;
  const code = readCode(reason);
  if (!isBeforeSending(reason)) return ambiguous(method, `connection lost (${code})`);
  return new ChatError('unavailable', `Slack ${method}: not reachable (${code}); nothing was sent`);
};

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');

/** Errors of established connections carry the same numbers (EHOSTUNREACH, ETIMEDOUT), so the system call decides. */
const isBeforeSending = (reason: unknown): boolean => {
  if (reason instanceof AggregateError) return reason.errors.length > 0 && reason.errors.every(isBeforeSending);
  if (!(reason instanceof Error)) return false;
  if ('syscall' in reason && (reason.syscall === 'connect' || reason.syscall === 'getaddrinfo')) return true;
  return NEVER_CONNECTED.has(readCode(reason));
};

const readCode = (reason: unknown): string =>
  reason instanceof Error &&
  'code' in reason &&
  typeof reason.code === 'string' &&
  /^[A-Z0-9_]{2,48}$/.test(reason.code)
    ? reason.code
    : 'no code';
