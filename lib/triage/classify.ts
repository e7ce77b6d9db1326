import type { Branch } from '../domain/branch.ts';
import type { CallEvidence, CallFailure } from '../domain/diagnosis.ts';
import { classifyStatus } from './classify-status.ts';

type Rule = { readonly branch: Branch; readonly holds: (failure: CallFailure) => boolean };

const hasCode =
  (...wanted: readonly string[]) =>
  (failure: CallFailure): boolean =>
    failure.codes.some((code) => wanted.includes(code));

const hasName =
  (...wanted: readonly string[]) =>
  (failure: CallFailure): boolean =>
    failure.names.some((name) => wanted.includes(name));

const wasThrown =
  (thrown: NonNullable<CallFailure['thrown']>) =>
  (failure: CallFailure): boolean =>
    failure.thrown === thrown;

const UNTRUSTED = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

/** What a 2xx says when it is not the answer that was asked for. */
const CONTENT_RULES: readonly Rule[] = [
  { branch: 'content.empty', holds: hasName('EmptyAnswer') },
  { branch: 'stream.cut', holds: hasName('CutStream') },
  { branch: 'stream.bad_event_or_error_event', holds: hasName('ErrorEvent') },
  { branch: 'content.malformed_json', holds: hasName('SyntaxError') },
  { branch: 'content.schema_mismatch', holds: hasName('ResponseValidationError', 'UnknownShape') },
  { branch: 'net.intercepted_200_html', holds: (failure) => failure.body === 'html' },
  { branch: 'content.unexpected_type', holds: () => true },
];

/**
 * What was thrown where no answer can be read. The order is the meaning: timeouts before aborts and resets, because undici and the SDK
 * wrap one in the other; a cut body before a reset connection, because a cut one carries the reset's code.
 */
const THROWN_RULES: readonly Rule[] = [
  { branch: 'request.sdk_input_invalid', holds: hasName('SDKValidationError') },
  { branch: 'content.unexpected_type', holds: hasCode('ANSWER_TOO_LARGE') },
  { branch: 'timeout.headers', holds: hasCode('UND_ERR_HEADERS_TIMEOUT') },
  { branch: 'timeout.body_or_stream', holds: hasCode('UND_ERR_BODY_TIMEOUT') },
  { branch: 'net.connect_timeout', holds: hasCode('UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT') },
  { branch: 'timeout.headers', holds: (failure) => failure.names[0] === 'RequestTimeoutError' },
  { branch: 'timeout.body_or_stream', holds: hasName('TimeoutError', 'RequestTimeoutError') },
  { branch: 'client.aborted', holds: hasName('AbortError', 'RequestAbortedError') },
  { branch: 'net.dns', holds: hasCode('ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'ENODATA') },
  {
    branch: 'net.refused',
    holds: hasCode('ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL'),
  },
  { branch: 'net.tls_untrusted_interception', holds: hasCode(...UNTRUSTED) },
  { branch: 'net.tls_dates_clock_skew', holds: hasCode('CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID') },
  { branch: 'net.tls_hostname', holds: hasCode('ERR_TLS_CERT_ALTNAME_INVALID') },
  {
    branch: 'net.protocol',
    holds: (failure) =>
      hasCode('EPROTO', 'UND_ERR_HEADERS_OVERFLOW')(failure) ||
      failure.codes.some((code) => code.startsWith('ERR_SSL') || code.startsWith('HPE_')) ||
      // Node 24 gives no code for an answer that is not HTTP, only undici's name.
      hasName('HTTPParserError')(failure),
  },
  { branch: 'stream.cut', holds: wasThrown('terminated') },
  { branch: 'net.reset', holds: hasCode('ECONNRESET', 'UND_ERR_SOCKET', 'EPIPE', 'ECONNABORTED') },
  { branch: 'content.malformed_json', holds: hasName('SyntaxError') },
  { branch: 'config.base_url', holds: wasThrown('invalid-url') },
  { branch: 'config.api_key_malformed', holds: wasThrown('invalid-header') },
  { branch: 'stream.bad_event_or_error_event', holds: wasThrown('issues') },
  { branch: 'net.unknown', holds: hasName('ConnectionError') },
  { branch: 'client.unexpected', holds: () => true },
];

const firstOf = (rules: readonly Rule[], failure: CallFailure): Branch =>
  rules.find((rule) => rule.holds(failure))?.branch ?? 'client.unexpected';

/**
 * A failed call in one word of the closed list, by structure alone, so that it holds for every client and every bundle.
 * The evidence is read for one thing only: a 429 whose limit is 0, or whose period is spent, looks like any other but for its headers.
 */
export const classify = (failure: CallFailure, evidence: CallEvidence = {}): Branch => {
  if (failure.status === undefined) return firstOf(THROWN_RULES, failure);
  if (failure.status < 300) return firstOf(CONTENT_RULES, failure);
  return classifyStatus({ ...failure, status: failure.status }, evidence.rateLimits ?? {});
};
