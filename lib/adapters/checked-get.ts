import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type Address, pin, type ResolveName, resolveBySystem, resolveChecked } from './forbidden-addresses.ts';

const MOST_BYTES = 64 * 1024;

export type GetOptions = {
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A name may lead to a private address. */
  readonly allowPrivate?: boolean;
  /** At most this much of the body is read; `isCut` says that there was more. */
  readonly mostBytes?: number;
};

/** `isBlind`: the question could not be put at all (address refused, name unknown here), which says nothing about the other side. */
export type Got = { readonly latencyMs: number } & Outcome;

type Outcome =
  | { readonly status: number; readonly body: string; readonly isCut: boolean; readonly contentType: string }
  | { readonly why: string; readonly isBlind?: boolean };

export type CheckedGet = (url: string, options: GetOptions) => Promise<Got>;

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

type Reading = { readonly mostBytes: number; readonly settle: (outcome: Outcome) => void };

const readToEnd = (response: IncomingMessage, { mostBytes, settle }: Reading): void => {
  const status = response.statusCode ?? 0;
  const contentType = response.headers['content-type'] ?? '';
  const chunks: Buffer[] = [];
  let bytes = 0;
  const tell = (isCut: boolean): void =>
    settle({ status, contentType, isCut, body: Buffer.concat(chunks).toString('utf8') });
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    // Enough was seen: the rest is not ours to carry.
    if (bytes > mostBytes) tell(true);
    else chunks.push(chunk);
  });
  response.on('end', () => tell(false));
  response.on('error', () => settle({ why: `it begins to answer ${status} and breaks off` }));
};

type Asking = { readonly addresses: readonly Address[]; readonly options: GetOptions; readonly signal: AbortSignal };

const ask = (url: URL, { addresses, options, signal }: Asking): Promise<Outcome> =>
  new Promise((resolve) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(url, {
      signal,
      agent: false,
      lookup: pin(addresses),
      headers: { accept: 'application/json, */*;q=0.5', 'user-agent': 'mistral-triage', ...options.headers },
    });
    const settle = (outcome: Outcome): void => {
      resolve(outcome);
      request.destroy();
    };
    request.on('response', (response) => readToEnd(response, { mostBytes: options.mostBytes ?? MOST_BYTES, settle }));
    request.on('error', (error) => settle({ why: describe(error) }));
    request.end();
  });

const REFUSED = {
  forbidden: 'is a link-local or metadata address',
  private: 'leads to a private address, which is not configured as allowed',
};

type World = { readonly name: string; readonly resolveName: ResolveName };

const askChecked = async (
  text: string,
  { name, resolveName }: World,
  { options, signal }: Omit<Asking, 'addresses'>,
): Promise<Outcome> => {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return { why: `its configured ${name} is not an http address`, isBlind: true };
  }
  const checked = await resolveChecked(url.hostname, { resolveName, allowPrivate: options.allowPrivate === true });
  if (!('addresses' in checked)) {
    const why =
      checked.refused === 'unresolved'
        ? `the name of its ${name} does not resolve here`
        : `its ${name} ${REFUSED[checked.refused]}`;
    return { why, isBlind: true };
  }
  if (signal.aborted) return { why: 'no answer in time' };
  return ask(url, { addresses: checked.addresses, options, signal });
};

/**
 * GET for probes: an address that configuration names, resolved once, checked and pinned; no redirects, no pool, no proxy, at most
 * `mostBytes`, and the limit holds against an answer that drips. Never rejects. `name` is what the address is called: "health address".
 */
export const createCheckedGet =
  ({
    name,
    resolveName = resolveBySystem,
  }: {
    readonly name: string;
    readonly resolveName?: ResolveName;
  }): CheckedGet =>
  async (url, options) => {
    const startedMs = performance.now();
    const limit = new AbortController();
    const { promise: late, resolve: giveUp } = Promise.withResolvers<Outcome>();
    const timer = setTimeout(() => {
      giveUp({ why: `no whole answer within ${options.timeoutMs / 1000} s` });
      limit.abort();
    }, options.timeoutMs);
    const asked = askChecked(url, { name, resolveName }, { options, signal: limit.signal });
    try {
      const outcome = await Promise.race([asked, late]);
      return { ...outcome, latencyMs: Math.round(performance.now() - startedMs) };
    } catch {
      return { why: 'the call fails', latencyMs: Math.round(performance.now() - startedMs) };
    } finally {
      clearTimeout(timer);
    }
  };
