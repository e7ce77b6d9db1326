import dns from 'node:dns';
import promises from 'node:dns/promises';
import { createServer, type ServerOptions } from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { getDefaultAutoSelectFamilyAttemptTimeout, setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, vi } from 'vitest';
import { findFreePort } from '../../../free-port.ts';
import { makeCertificate } from '../../certificates.ts';
import { KEY, listen, serve } from '../serve.ts';
import { callsTo, type Opened, type TableCase } from './case.ts';

const HOST = 'api.test';
const DAY_MS = 86_400_000;
const trusted = makeCertificate({ issuer: 'A trust of this run' });

type Found = readonly string[] | { readonly code: string };

/** Names of this test alone; every other is resolved as ever. */
const NAMES: Readonly<Record<string, Found>> = {
  [HOST]: ['127.0.0.1'],
  'two-addresses.test': ['127.0.0.1', '127.0.0.2'],
  'never-connects.test': ['127.0.0.1'],
  'no-such-name.test': { code: 'ENOTFOUND' },
  'no-answer.test': { code: 'EAI_AGAIN' },
};

type Told = (error: Error | null, found?: unknown, family?: number) => void;

const { lookup } = dns;
const { lookup: lookupByPromise } = promises;
const lookUp = (host: string, options: dns.LookupOptions, tell: Told): void => {
  const found = NAMES[host];
  if (found === undefined) Reflect.apply(lookup, dns, [host, options, tell]);
  else if ('code' in found) tell(Object.assign(new Error(`getaddrinfo ${found.code} ${host}, for ${KEY}`), found));
  else if (options.all === true)
    tell(
      null,
      found.map((address) => ({ address, family: 4 })),
    );
  else tell(null, found[0], 4);
};

/** The same for who asks by a promise, for all addresses. */
const lookUpAll = (host: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    lookUp(host, { all: true }, (error, found) => (error === null ? resolve(found) : reject(error)));
  });

/** undici waits ten seconds for a connection, which is longer than any question here may take. */
const fetchLate = (): Promise<never> => {
  const cause = Object.assign(new Error(`Connect Timeout Error, for ${KEY}`), {
    name: 'ConnectTimeoutError',
    code: 'UND_ERR_CONNECT_TIMEOUT',
  });
  return Promise.reject(new TypeError('fetch failed', { cause }));
};

/** For the tests of one file: names of our own, one authority more, and an address that never connects. */
export const paveTheWay = (): void => {
  const before = getCACertificates();
  const { fetch: usual } = globalThis;
  const attemptMs = getDefaultAutoSelectFamilyAttemptTimeout();
  beforeAll(() => {
    Object.assign(dns, { lookup: lookUp });
    Object.assign(promises, { lookup: lookUpAll });
    syncBuiltinESMExports();
    setDefaultCACertificates([...before, trusted.cert]);
    // A machine at work would call the first of two addresses late before it hears that it is refused.
    setDefaultAutoSelectFamilyAttemptTimeout(5_000);
    vi.stubGlobal('fetch', (input: string | URL | Request, init?: RequestInit) =>
      input instanceof Request && input.url.includes('never-connects.test') ? fetchLate() : usual(input, init),
    );
  });
  afterAll(() => {
    Object.assign(dns, { lookup });
    Object.assign(promises, { lookup: lookupByPromise });
    syncBuiltinESMExports();
    setDefaultCACertificates(before);
    setDefaultAutoSelectFamilyAttemptTimeout(attemptMs);
    vi.unstubAllGlobals();
  });
};

const none = (): Promise<void> => Promise.resolve();
const at = (url: string) => (): Promise<Opened> => Promise.resolve({ calls: callsTo(url), url, close: none });

const behindTls = (options: ServerOptions) => async (): Promise<Opened> => {
  const server = createServer(options, (_request, response) => response.end('{}'));
  const { port, close } = await listen(server, () => server.closeAllConnections());
  const url = `https://${HOST}:${port}`;
  return { calls: callsTo(url), url, close };
};

const refuseTwice = async (): Promise<Opened> => at(`http://two-addresses.test:${await findFreePort()}`)();

const plainBehindHttps = async (): Promise<Opened> => {
  const { port, close } = await serve((_request, response) => response.end('{}'));
  const url = `https://127.0.0.1:${port}`;
  return { calls: callsTo(url), url, close };
};

const tlsBehindHttp = async (): Promise<Opened> => {
  const server = createServer(makeCertificate(), (_request, response) => response.end('{}'));
  const { url, close } = await listen(server, () => server.closeAllConnections());
  return { calls: callsTo(url), url, close };
};

const unknownAuthority = makeCertificate({ issuer: 'A proxy that looks inside' });
const intercepted = makeCertificate({ host: HOST, by: unknownAuthority });

/** Names, addresses and certificates. */
export const WAY: readonly TableCase[] = [
  {
    row: 'connection refused on 2 addresses (happy eyeballs AggregateError; dns patched)',
    expected: 'net.refused',
    open: refuseTwice,
  },
  { row: 'DNS ENOTFOUND (dns.lookup patched)', expected: 'net.dns', open: at('http://no-such-name.test') },
  { row: 'DNS EAI_AGAIN (dns.lookup patched)', expected: 'net.dns', open: at('http://no-answer.test') },
  {
    row: 'connect ETIMEDOUT-like (lookup ok, fetcher throws UND_ERR_CONNECT_TIMEOUT)',
    expected: 'net.connect_timeout',
    open: at('http://never-connects.test'),
  },
  {
    row: 'TLS self-signed leaf',
    expected: 'net.tls_untrusted_interception',
    open: behindTls(makeCertificate({ host: HOST })),
  },
  {
    row: 'TLS unknown CA in chain (TLS interception)',
    expected: 'net.tls_untrusted_interception',
    open: behindTls({ key: intercepted.key, cert: intercepted.cert + unknownAuthority.cert }),
  },
  {
    row: 'TLS expired / clock skew',
    expected: 'net.tls_dates_clock_skew',
    open: behindTls(
      makeCertificate({ host: HOST, by: trusted, startsMs: Date.now() - 2 * DAY_MS, endsMs: Date.now() - DAY_MS }),
    ),
  },
  {
    row: 'TLS not yet valid / clock skew',
    expected: 'net.tls_dates_clock_skew',
    open: behindTls(
      makeCertificate({ host: HOST, by: trusted, startsMs: Date.now() + DAY_MS, endsMs: Date.now() + 2 * DAY_MS }),
    ),
  },
  {
    row: 'TLS hostname mismatch',
    expected: 'net.tls_hostname',
    open: behindTls(makeCertificate({ host: 'other.test', by: trusted })),
  },
  { row: 'https:// to a plain HTTP port', expected: 'net.protocol', open: plainBehindHttps },
  { row: 'http:// to a TLS port', expected: 'net.reset', open: tlsBehindHttp },
];
