import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { HealthCalls } from '../ports/probes.ts';
import {
  type Address,
  describeCallError,
  pin,
  type ResolveName,
  resolveBySystem,
  resolveChecked,
} from './forbidden-addresses.ts';

const MOST_BYTES = 64 * 1024;

type Got = Awaited<ReturnType<HealthCalls['get']>>;
type Outcome = { readonly status: number } | { readonly why: string; readonly isBlind?: boolean };
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
    request.on('error', (error) => settle({ why: describeCallError(error) }));
    request.end();
  });

const REFUSED = {
  unresolved: 'the name of its health address does not resolve here',
  forbidden: 'its health address is a link-local or metadata address',
  private: 'its health address leads to a private address, which is not configured as allowed',
};

type Checking = { readonly resolveName: ResolveName; readonly allowPrivate: boolean };

const askChecked = async (text: string, signal: AbortSignal, checking: Checking): Promise<Outcome> => {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return { why: 'its configured health address is not an http address', isBlind: true };
  }
  const checked = await resolveChecked(url.hostname, checking);
  if (!('addresses' in checked)) return { why: REFUSED[checked.refused], isBlind: true };
  if (signal.aborted) return { why: 'no answer in time' };
  return ask(url, checked.addresses, signal);
};

/**
 * Calls to configured health addresses: one GET, no redirects, at most 64 kB, and the limit holds against an answer that drips.
 * Names that lead to private addresses are asked only where that is configured.
 */
export const createHealthCalls = ({
  resolveName = resolveBySystem,
}: {
  readonly resolveName?: ResolveName;
} = {}): HealthCalls => ({
  get: async (url, timeoutMs, { allowPrivate = false } = {}): Promise<Got> => {
    const startedMs = performance.now();
    const limit = new AbortController();
    const { promise: late, resolve: giveUp } = Promise.withResolvers<Outcome>();
    const timer = setTimeout(() => {
      giveUp({ why: `no whole answer within ${timeoutMs / 1000} s` });
      limit.abort();
    }, timeoutMs);
    try {
      const outcome = await Promise.race([askChecked(url, limit.signal, { resolveName, allowPrivate }), late]);
      return { ...outcome, latencyMs: Math.round(performance.now() - startedMs) };
    } catch {
      return { why: 'the call fails', latencyMs: Math.round(performance.now() - startedMs) };
    } finally {
      clearTimeout(timer);
    }
  },
});
