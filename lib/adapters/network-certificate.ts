import { isIP, type Socket } from 'node:net';
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { ProbeFacts } from '../domain/diagnosis.ts';

type Read =
  | { readonly ok: true; readonly facts: ProbeFacts }
  | {
      readonly ok: false;
      readonly facts: ProbeFacts;
      readonly codes: readonly string[];
      readonly names: readonly string[];
    }
  | { readonly error: unknown };

const MOST_NAME_CHARS = 64;

/** Whoever made the certificate wrote this name: it stays short and plain. */
const readName = (value: unknown): string | undefined => {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first !== 'string') return undefined;
  const plain = first.replace(/[^\p{L}\p{N}.,'&*:_-]+/gu, ' ').trim();
  return plain.slice(0, MOST_NAME_CHARS) || undefined;
};

const readDate = (text: string | undefined): string | undefined => {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
};

const present = (facts: Readonly<Record<string, string | undefined>>): ProbeFacts =>
  Object.fromEntries(Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

/** The name that the certificate was made for: its first one, where it is not the one that was asked. */
const hostOf = (certificate: PeerCertificate): string | undefined =>
  readName(/^(?:DNS|IP Address):([^,]+)/.exec(certificate.subjectaltname ?? '')?.[1]) ??
  readName(certificate.subject?.CN);

const factsOf = (socket: TLSSocket, host: string, code: string | null): ProbeFacts => {
  const certificate = socket.getPeerCertificate();
  return present({
    issuer: readName(certificate.issuer?.O) ?? readName(certificate.issuer?.CN),
    certificateStartsAt: readDate(certificate.valid_from),
    certificateEndsAt: readDate(certificate.valid_to),
    tlsHost: code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? hostOf(certificate) : host,
    protocol: readName(socket.getProtocol()),
  });
};

const CODE = /^[A-Z][A-Z0-9_]{2,60}$/;

/** `authorizationError` is typed as an Error and is the code as text. */
const codeOf = (socket: TLSSocket): string | null => {
  if (socket.authorized) return null;
  const error: unknown = socket.authorizationError;
  return typeof error === 'string' && CODE.test(error) ? error : 'CERT_UNTRUSTED';
};

/**
 * Speaks TLS over an open connection just far enough to see the certificate, also one that nobody should trust: that is what is asked. Nothing is
 * sent over it.
 */
export const readCertificate = (socket: Socket, host: string): Promise<Read> =>
  new Promise((resolve) => {
    const secured = connectTls({
      socket,
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false,
    });
    secured.on('error', (error) => resolve({ error }));
    secured.once('close', () => resolve({ error: Object.assign(new Error('closed'), { code: 'ECONNRESET' }) }));
    secured.once('secureConnect', () => {
      const code = codeOf(secured);
      const facts = factsOf(secured, host, code);
      resolve(code === null ? { ok: true, facts } : { ok: false, facts, codes: [code], names: ['ConnectionError'] });
      secured.destroy();
    });
  });
