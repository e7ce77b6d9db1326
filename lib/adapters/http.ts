import type { IncomingMessage } from 'node:http';
import type { HealthCalls } from '../ports/probes.ts';
import { describeCallError, type ResolveName } from './forbidden-addresses.ts';
import { openWay, type Way, type WayWorld } from './open-way.ts';
import type { ProxyVariables } from './proxy-environment.ts';

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

type Begin = Extract<Way, { readonly begin: unknown }>['begin'];

const ask = (begin: Begin, signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => {
    const headers = { accept: 'application/json, */*;q=0.5', 'user-agent': 'mistral-triage' };
    const request = begin({ signal, headers });
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

const askChecked = async (text: string, world: WayWorld): Promise<Outcome> => {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return { why: 'its configured health address is not an http address', isBlind: true };
  }
  const way = await openWay(url, world);
  if ('refused' in way) return { why: REFUSED[way.refused], isBlind: true };
  if ('why' in way) return { why: way.why, isBlind: true };
  if (world.signal.aborted) return { why: 'no answer in time' };
  return ask(way.begin, world.signal);
};

/**
 * Calls to configured health addresses: one GET, no redirects, at most 64 kB, and the limit holds against an answer that drips.
 * Names that lead to private addresses are asked only where that is configured. Where fetch would take the environment's proxy these do, too;
 * a proxy that opens no way says nothing about the service.
 */
export const createHealthCalls = ({
  resolveName,
  variables,
}: {
  readonly resolveName?: ResolveName;
  /** The environment, for its proxies; that of the process unless given. */
  readonly variables?: ProxyVariables;
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
      const world = { resolveName, variables, allowPrivate, limitMs: timeoutMs, signal: limit.signal };
      const outcome = await Promise.race([askChecked(url, world), late]);
      return { ...outcome, latencyMs: Math.round(performance.now() - startedMs) };
    } catch {
      return { why: 'the call fails', latencyMs: Math.round(performance.now() - startedMs) };
    } finally {
      clearTimeout(timer);
    }
  },
});
