import type { Branch } from '../domain/branch.ts';

/**
 * Codes of failures as Node 24 and its fetch give them, each under what it means; a star ends a code of which only the beginning counts.
 * From Node's list of X.509 codes, undici's errors, `errno` and c-ares. Not here: what carries a status, which says more, and what undici and
 * Node throw at a call that is written wrongly, which is `client.unexpected` as everything unknown is.
 */
export const FAILURE_CODES = {
  'timeout.headers': ['UND_ERR_HEADERS_TIMEOUT'],
  'timeout.body_or_stream': ['UND_ERR_BODY_TIMEOUT'],
  'net.connect_timeout': [
    'UND_ERR_CONNECT_TIMEOUT',
    'ETIMEDOUT',
    'ERR_SOCKET_CONNECTION_TIMEOUT',
    'ERR_TLS_HANDSHAKE_TIMEOUT',
  ],
  /** Our own dispatcher was closed, or our own signal ended a call of undici's own functions. */
  'client.aborted': ['UND_ERR_ABORT', 'UND_ERR_ABORTED', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED'],
  /** Our own process or machine has no more: files, ports, memory. It says nothing about the other side. */
  'client.unexpected': ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAI_MEMORY', 'OUT_OF_MEM', 'EADDRNOTAVAIL'],
  /** A connection that the system does not let out: a local firewall, a sandbox. */
  'net.egress_blocked': ['EACCES', 'EPERM', 'ERR_ACCESS_DENIED'],
  'net.proxy_auth': ['UND_ERR_SOCKS5_AUTH_*'],
  'net.dns': [
    'ENOTFOUND',
    'EAI_*',
    'ENODATA',
    'ESERVFAIL',
    'EFORMERR',
    'EREFUSED',
    'EBADNAME',
    'EBADRESP',
    'ENONAME',
    'ETIMEOUT',
  ],
  'net.refused': ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN'],
  'net.tls_hostname': ['ERR_TLS_CERT_ALTNAME_*', 'HOSTNAME_MISMATCH', 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME'],
  'net.tls_dates_clock_skew': [
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'CRL_HAS_EXPIRED',
    'CRL_NOT_YET_VALID',
    'ERROR_IN_CERT_*',
    'ERROR_IN_CRL_*',
  ],
  /** A chain that does not lead to somebody whom we trust, or that one on it may not have signed. */
  'net.tls_untrusted_interception': [
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_GET_ISSUER_CERT*',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_DECRYPT_C*',
    'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
    'UNABLE_TO_GET_CRL*',
    'CERT_SIGNATURE_FAILURE',
    'CRL_SIGNATURE_FAILURE',
    'CERT_CHAIN_TOO_LONG',
    'CERT_REVOKED',
    'CERT_UNTRUSTED',
    'CERT_REJECTED',
    'INVALID_CA',
    'INVALID_PURPOSE',
    'PATH_LENGTH_EXCEEDED',
    // A key that is too short, a name that its authority may not sign: Node has no code of its own for these.
    'UNSPECIFIED',
    'ERR_SSL_CERTIFICATE_VERIFY_FAILED',
  ],
  /** It said how long it is, and ended before. */
  'stream.cut': ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH'],
  'net.protocol': [
    'EPROTO',
    'ERR_SSL_*',
    'ERR_TLS_DH_PARAM_SIZE',
    'HPE_*',
    'UND_ERR_HEADERS_OVERFLOW',
    'UND_ERR_HTTP_PARSER',
  ],
  'net.reset': [
    'ECONNRESET',
    'UND_ERR_SOCKET',
    'UND_ERR_INFO',
    'EPIPE',
    'ECONNABORTED',
    'ENETRESET',
    'ENOTCONN',
    'ESHUTDOWN',
  ],
  'net.intercepted_200_html': ['UND_ERR_REDIRECT_MAX'],
  /** Ours: a private or metadata address, which was not asked. */
  'config.base_url': ['ADDRESS_REFUSED'],
  /** A proxy that opens no way and does not say why: it is asked itself (`proxy`). */
  'net.unknown': ['UND_ERR_PRX_*', 'UND_ERR_SOCKS5*', 'ERR_PROXY_TUNNEL', 'ERR_PROXY_INVALID_CONFIG'],
  'content.unexpected_type': ['ANSWER_TOO_LARGE', 'UND_ERR_RES_EXCEEDED_MAX_SIZE'],
} as const satisfies Partial<Record<Branch, readonly string[]>>;

export type CodedBranch = keyof typeof FAILURE_CODES;

const matches = (code: string, known: string): boolean =>
  known.endsWith('*') ? code.startsWith(known.slice(0, -1)) : code === known;

/** Whether one of the codes of a failure stands under this branch. */
export const isCodedAs = (branch: CodedBranch, codes: readonly string[]): boolean =>
  codes.some((code) => FAILURE_CODES[branch].some((known) => matches(code, known)));
