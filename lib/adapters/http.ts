import { lookup } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { HealthCalls } from '../ports/probes.ts';

const MOST_BYTES = 64 * 1024;

type Got = Awaited<ReturnType<HealthCalls['get']>>;
type Outcome = { readonly status: number } | { readonly why: string; readonly isBlind?: boolean };
type Address = { readonly address: string; readonly family: number };

/** Link-local and metadata addresses: they hand out credentials to whoever asks from inside. Never asked, whatever is configured. */
const createForbidden = (): BlockList => {
  const list = new BlockList();
  list.addSubnet('169.254.0.0', 16, 'ipv4');
  list.addSubnet('fe80::', 10, 'ipv6');
  // The same IPv4 range behind NAT64 and 6to4.
  list.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
  list.addSubnet('2002:a9fe::', 32, 'ipv6');
  // AWS and Google over IPv6, Alibaba, Oracle, Azure.
  for (const address of ['fd00:ec2::254', 'fd20:ce::254']) list.addAddress(address, 'ipv6');
  for (const address of ['100.100.100.200', '192.0.0.192', '168.63.129.16']) list.addAddress(address, 'ipv4');
  return list;
};

const FORBIDDEN = createForbidden();

const isForbidden = ({ address, family }: Address): boolean =>
  FORBIDDEN.check(address.split('%')[0] ?? address, family === 6 ? 'ipv6' : 'ipv4');

/** A name to its addresses, as the system resolves it. */
type ResolveName = (name: string) => Promise<readonly Address[]>;

const resolveBySystem: ResolveName = (name) => lookup(name, { all: true });

const resolveHost = async (hostname: string, resolveName: ResolveName): Promise<readonly Address[]> => {
  const literal = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(literal);
  if (family !== 0) return [{ address: literal, family }];
  return resolveName(literal);
};

/** Gives the connection the addresses that were checked, so that a second answer of DNS cannot change them. */
const pin =
  (addresses: readonly Address[]): LookupFunction =>
  (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection is reset before an answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
};

/** A code of the closed list of Node, in words; other texts are not passed on, since they may quote the address with its credentials. */
const describe = (error: unknown): string => {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = first instanceof Error && 'code' in first && typeof first.code === 'string' ? first.code : '';
  return WORDS[code] ?? (/^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? `the call fails with ${code}` : 'the call fails');
};

const readToEnd = (response: IncomingMessage, settle: (outcome: Outcome) => void): void => {
  const status = response.statusCode ?? 0;
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    // Enough was seen: the status is the answer, and the rest is not ours to carry.
    if (bytes > MOST_BYTES) settle({ status });
  });
  response.on('end', () => settle({ status }));
  response.on('error', () => settle({ why: `it begins to answer ${status} and breaks off` }));
};

const ask = (url: URL, addresses: readonly Address[], signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(url, {
      signal,
      agent: false,
      lookup: pin(addresses),
      headers: { accept: 'application/json, */*;q=0.5', 'user-agent': 'mistral-triage' },
    });
    const settle = (outcome: Outcome): void => {
      resolve(outcome);
      request.destroy();
    };
    request.on('response', (response) => readToEnd(response, settle));
    request.on('error', (error) => settle({ why: describe(error) }));
    request.end();
  });

const askChecked = async (text: string, signal: AbortSignal, resolveName: ResolveName): Promise<Outcome> => {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return { why: 'its configured health address is not an http address', isBlind: true };
  }
  const addresses = await resolveHost(url.hostname, resolveName).catch(() => []);
  if (addresses.length === 0) return { why: 'the name of its health address does not resolve here', isBlind: true };
  if (addresses.some(isForbidden))
    return { why: 'its health address is a link-local or metadata address', isBlind: true };
  if (signal.aborted) return { why: 'no answer in time' };
  return ask(url, addresses, signal);
};

/**
 * Calls to configured health addresses: one GET, no redirects, at most 64 kB, and the limit holds against an answer that drips.
 * Private addresses are asked, since only configuration names them.
 */
export const createHealthCalls = (options: { readonly resolveName?: ResolveName } = {}): HealthCalls => ({
  get: async (url, timeoutMs): Promise<Got> => {
    const startedMs = performance.now();
    const limit = new AbortController();
    const { promise: late, resolve: giveUp } = Promise.withResolvers<Outcome>();
    const timer = setTimeout(() => {
      giveUp({ why: `no whole answer within ${timeoutMs / 1000} s` });
      limit.abort();
    }, timeoutMs);
    try {
      const outcome = await Promise.race([askChecked(url, limit.signal, options.resolveName ?? resolveBySystem), late]);
      return { ...outcome, latencyMs: Math.round(performance.now() - startedMs) };
    } catch {
      return { why: 'the call fails', latencyMs: Math.round(performance.now() - startedMs) };
    } finally {
      clearTimeout(timer);
    }
  },
});
