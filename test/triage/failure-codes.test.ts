import { describe, expect, it } from 'vitest';
import type { Branch } from '../../lib/domain/branch.ts';
import type { CallFailure } from '../../lib/domain/diagnosis.ts';
import { classify } from '../../lib/triage/classify.ts';

/** As the SDK's client and as fetch alone throw what stopped a call. */
const WRAPS: readonly (readonly string[])[] = [
  ['ConnectionError', 'TypeError', 'Error'],
  ['TypeError', 'Error'],
];

const failure = (names: readonly string[], codes: readonly string[]): CallFailure => ({ names, codes });

/** Every code that Node 24.21 has for certificates, undici's own, the system's and those of names: one branch each. */
const TABLE: Readonly<Partial<Record<Branch, string>>> = {
  'net.tls_untrusted_interception': `UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY UNABLE_TO_VERIFY_LEAF_SIGNATURE
    SELF_SIGNED_CERT_IN_CHAIN DEPTH_ZERO_SELF_SIGNED_CERT UNABLE_TO_GET_CRL UNABLE_TO_DECRYPT_CERT_SIGNATURE
    UNABLE_TO_DECRYPT_CRL_SIGNATURE UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY CERT_SIGNATURE_FAILURE CRL_SIGNATURE_FAILURE
    CERT_CHAIN_TOO_LONG CERT_REVOKED CERT_UNTRUSTED CERT_REJECTED INVALID_CA INVALID_PURPOSE PATH_LENGTH_EXCEEDED UNSPECIFIED
    ERR_SSL_CERTIFICATE_VERIFY_FAILED`,
  'net.tls_dates_clock_skew': `CERT_HAS_EXPIRED CERT_NOT_YET_VALID CRL_HAS_EXPIRED CRL_NOT_YET_VALID ERROR_IN_CERT_NOT_BEFORE_FIELD
    ERROR_IN_CERT_NOT_AFTER_FIELD ERROR_IN_CRL_LAST_UPDATE_FIELD ERROR_IN_CRL_NEXT_UPDATE_FIELD`,
  'net.tls_hostname': `ERR_TLS_CERT_ALTNAME_INVALID ERR_TLS_CERT_ALTNAME_FORMAT HOSTNAME_MISMATCH ERR_SSL_TLSV1_UNRECOGNIZED_NAME`,
  'net.protocol': `EPROTO ERR_SSL_WRONG_VERSION_NUMBER ERR_SSL_TLS_ALERT_HANDSHAKE_FAILURE ERR_SSL_UNSUPPORTED_PROTOCOL
    ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED
    ERR_SSL_TLSV1_ALERT_UNKNOWN_CA ERR_TLS_DH_PARAM_SIZE HPE_INVALID_CONSTANT HPE_HEADER_OVERFLOW HPE_INVALID_CHUNK_SIZE
    UND_ERR_HEADERS_OVERFLOW UND_ERR_HTTP_PARSER`,
  'stream.cut': 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'net.connect_timeout': `UND_ERR_CONNECT_TIMEOUT ETIMEDOUT ERR_SOCKET_CONNECTION_TIMEOUT ERR_TLS_HANDSHAKE_TIMEOUT`,
  'timeout.headers': 'UND_ERR_HEADERS_TIMEOUT',
  'timeout.body_or_stream': 'UND_ERR_BODY_TIMEOUT',
  'net.reset': 'ECONNRESET EPIPE ECONNABORTED ENETRESET ENOTCONN ESHUTDOWN UND_ERR_SOCKET UND_ERR_INFO',
  'net.refused': 'ECONNREFUSED EHOSTUNREACH ENETUNREACH EHOSTDOWN ENETDOWN',
  'net.dns': `ENOTFOUND EAI_AGAIN EAI_FAIL EAI_NODATA EAI_NONAME ENODATA ESERVFAIL EFORMERR EREFUSED EBADNAME EBADRESP ENONAME
    ETIMEOUT`,
  'net.egress_blocked': 'EACCES EPERM ERR_ACCESS_DENIED',
  'net.proxy_auth': 'UND_ERR_SOCKS5_AUTH_REJECTED UND_ERR_SOCKS5_AUTH_METHOD',
  'net.unknown': `UND_ERR_ABORTED UND_ERR_PRX_TLS UND_ERR_PRX_CONN UND_ERR_SOCKS5 UND_ERR_SOCKS5_REPLY_2 ERR_PROXY_TUNNEL
    ERR_PROXY_INVALID_CONFIG ESOMETHINGNEW`,
  'net.intercepted_200_html': 'UND_ERR_REDIRECT_MAX',
  'client.aborted': 'UND_ERR_ABORT UND_ERR_DESTROYED UND_ERR_CLOSED',
  'client.unexpected': 'EMFILE ENFILE ENOMEM ENOBUFS EAI_MEMORY OUT_OF_MEM EADDRNOTAVAIL',
  'content.unexpected_type': 'ANSWER_TOO_LARGE UND_ERR_RES_EXCEEDED_MAX_SIZE',
};

describe('the code of what stopped a call', () => {
  const rows = Object.entries(TABLE).flatMap(([branch, codes]) => codes.split(/\s+/).map((code) => ({ branch, code })));

  it.each(rows)('$code is $branch, through the SDK and through fetch alone', ({ branch, code }) => {
    expect(WRAPS.map((names) => classify(failure(names, [code])))).toEqual([branch, branch]);
  });

  it('stands in one row', () => {
    const codes = rows.map(({ code }) => code);
    expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([]);
  });
});

describe('a failure that looks like another', () => {
  it.each<readonly [string, Branch, CallFailure]>([
    [
      'a proxy that opens no way is told by undici as an abort',
      'net.unknown',
      failure(['TypeError', 'Error', 'AbortError'], ['UND_ERR_ABORTED']),
    ],
    ['an abort of undici alone is our own', 'client.aborted', failure(['AbortError'], ['UND_ERR_ABORTED'])],
    ['an abort of fetch is our own', 'client.aborted', failure(['AbortError'], [])],
    ['a fetch that fails without any code is the way', 'net.unknown', failure(['TypeError', 'Error'], [])],
    ['a TypeError without a cause is ours', 'client.unexpected', failure(['TypeError'], [])],
    ['a code of nobody is ours', 'client.unexpected', failure(['Error'], ['ERR_INVALID_ARG_TYPE'])],
    [
      'a certificate of the proxy for another host is that',
      'net.tls_hostname',
      failure(
        ['TypeError', 'SecureProxyConnectionError', 'Error'],
        ['UND_ERR_PRX_TLS', 'ERR_TLS_CERT_ALTNAME_INVALID'],
      ),
    ],
    [
      'no more files is ours, though the connection is reset by it',
      'client.unexpected',
      failure(['ConnectionError', 'Error'], ['ECONNRESET', 'EMFILE']),
    ],
  ])('%s', (_name, branch, seen) => expect(classify(seen)).toBe(branch));
});
