import type { Branch } from '../domain/branch.ts';
import type { CallEvidence, CallFailure } from '../domain/diagnosis.ts';
import { classifyStatus } from './classify-status.ts';
import { type CodedBranch, isCodedAs } from './failure-codes.ts';

type Rule = { readonly branch: Branch; readonly holds: (failure: CallFailure) => boolean };

const coded = (branch: CodedBranch): Rule => ({ branch, holds: ({ codes }) => isCodedAs(branch, codes) });

const hasName =
  (...wanted: readonly string[]) =>
  (failure: CallFailure): boolean =>
    failure.names.some((name) => wanted.includes(name));

const wasThrown =
  (thrown: NonNullable<CallFailure['thrown']>) =>
  (failure: CallFailure): boolean =>
    failure.thrown === thrown;

/** fetch wraps what stopped it in a TypeError of its own; nothing of our code around a call has a cause. */
const wasStopped = ({ names }: CallFailure): boolean =>
  names[0] === 'ConnectionError' || (names[0] === 'TypeError' && names.length > 1);

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
 * wrap one in the other; a proxy that opens no way before aborts, because undici tells it as one inside a fetch that failed; what our own
 * machine lacks before what it looks like; a cut body before a reset connection, because a cut one carries the reset's code.
 */
const THROWN_RULES: readonly Rule[] = [
  { branch: 'request.sdk_input_invalid', holds: hasName('SDKValidationError') },
  coded('content.unexpected_type'),
  coded('timeout.headers'),
  coded('timeout.body_or_stream'),
  coded('net.connect_timeout'),
  { branch: 'timeout.headers', holds: (failure) => failure.names[0] === 'RequestTimeoutError' },
  { branch: 'timeout.body_or_stream', holds: hasName('TimeoutError', 'RequestTimeoutError') },
  { branch: 'net.unknown', holds: (failure) => wasStopped(failure) && failure.codes.includes('UND_ERR_ABORTED') },
  { branch: 'client.aborted', holds: hasName('AbortError', 'RequestAbortedError') },
  coded('client.aborted'),
  coded('client.unexpected'),
  coded('net.egress_blocked'),
  coded('net.proxy_auth'),
  coded('net.dns'),
  coded('net.refused'),
  coded('net.tls_hostname'),
  coded('net.tls_dates_clock_skew'),
  coded('net.tls_untrusted_interception'),
  coded('net.protocol'),
  // Node 24 gives no code for an answer that is not HTTP, only undici's name.
  { branch: 'net.protocol', holds: hasName('HTTPParserError') },
  { branch: 'stream.cut', holds: wasThrown('terminated') },
  coded('stream.cut'),
  coded('net.reset'),
  coded('net.intercepted_200_html'),
  coded('net.unknown'),
  coded('config.base_url'),
  { branch: 'content.malformed_json', holds: hasName('SyntaxError') },
  { branch: 'config.base_url', holds: wasThrown('invalid-url') },
  { branch: 'config.api_key_malformed', holds: wasThrown('invalid-header') },
  { branch: 'stream.bad_event_or_error_event', holds: wasThrown('issues') },
  { branch: 'net.unknown', holds: (failure) => hasName('ConnectionError')(failure) || wasStopped(failure) },
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
