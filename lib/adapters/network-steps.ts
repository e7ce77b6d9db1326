import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import type { NetworkAnswer } from '../ports/probe-sources.ts';
import { codeOfError } from './error-code.ts';
import { describeCode, pin, type ResolveName, resolveChecked } from './forbidden-addresses.ts';
import { type NamedProxy, portOf } from './proxy-environment.ts';

export type Told = NetworkAnswer extends infer T ? (T extends unknown ? Omit<T, 'latencyMs'> : never) : never;

export const fail = (code: string): Told => ({ ok: false, codes: [code], names: [] });

export const readError = (error: unknown): Told => {
  const code = codeOfError(error);
  return { ok: false, codes: code === null ? [] : [code], names: ['ConnectionError'] };
};

type Limited = {
  readonly timeoutMs: number;
  /** What a step that did not end in time is called. */
  readonly late: string;
};

/** Never rejects. What was opened is closed when the limit has passed or the answer is there, whichever comes first. */
export const within = async (
  { timeoutMs, late }: Limited,
  step: (signal: AbortSignal) => Promise<Told>,
): Promise<NetworkAnswer> => {
  const startedMs = performance.now();
  const limit = new AbortController();
  const { promise: passed, resolve: giveUp } = Promise.withResolvers<Told>();
  const timer = setTimeout(() => giveUp(fail(late)), timeoutMs);
  const told = await Promise.race([step(limit.signal), passed]).catch(readError);
  clearTimeout(timer);
  limit.abort();
  return { ...told, latencyMs: Math.round(performance.now() - startedMs) };
};

export type World = { readonly resolveName: ResolveName; readonly allowPrivate: boolean };

/** A connection to a checked address; it is closed with the signal. */
export const open = async (
  host: string,
  port: number,
  { signal, ...world }: World & { readonly signal: AbortSignal },
): Promise<{ readonly socket: Socket; readonly connectMs: number } | Told> => {
  const checked = await resolveChecked(host, world);
  if (!('addresses' in checked))
    return checked.refused === 'unresolved' ? readError(checked.error) : fail('ADDRESS_REFUSED');
  if (signal.aborted) return fail('ETIMEDOUT');
  const startedMs = performance.now();
  const socket = connectTcp({ host, port, lookup: pin(checked.addresses) });
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  return new Promise((resolve) => {
    // Stays: a socket that fails later, in other hands, must not end the process.
    socket.on('error', (error) => resolve(readError(error)));
    socket.once('connect', () => resolve({ socket, connectMs: Math.round(performance.now() - startedMs) }));
  });
};

type Tunnel = { readonly status: number; readonly socket: Socket };

/** Asks a proxy for a way; what the proxy says beside the status is not read. */
export const openTunnel = (
  proxy: NamedProxy,
  target: string,
  { signal, resolveName }: { readonly signal: AbortSignal; readonly resolveName: ResolveName },
): Promise<Tunnel | Told> =>
  // The environment names the proxy, and most proxies are in the private network.
  resolveChecked(proxy.hostname, { resolveName, allowPrivate: true }).then((checked) => {
    if (!('addresses' in checked))
      return checked.refused === 'unresolved' ? readError(checked.error) : fail('ADDRESS_REFUSED');
    return new Promise((resolve) => {
      const request = (proxy.protocol === 'https:' ? requestHttps : requestHttp)({
        host: proxy.hostname,
        port: proxy.port,
        method: 'CONNECT',
        path: target,
        agent: false,
        signal,
        lookup: pin(checked.addresses),
        headers: {
          host: target,
          ...(proxy.authorization === null ? {} : { 'proxy-authorization': proxy.authorization }),
        },
      });
      request.on('connect', (response, socket) => {
        socket.on('error', () => socket.destroy());
        signal.addEventListener('abort', () => socket.destroy(), { once: true });
        if (signal.aborted) socket.destroy();
        resolve({ status: response.statusCode ?? 0, socket });
      });
      request.on('error', (error) => resolve(readError(error)));
      request.end();
    });
  });

export const refusedBy = (status: number): Told => ({ ok: false, codes: [], names: [], status });

/** Whether a proxy opens a way; nothing is sent over it, and it is closed with the signal. */
export const askTunnel = async (
  proxy: NamedProxy,
  url: URL,
  world: { readonly signal: AbortSignal; readonly resolveName: ResolveName },
): Promise<Told> => {
  const opened = await openTunnel(proxy, `${url.hostname}:${portOf(url)}`, world);
  if (!('socket' in opened)) return opened;
  return opened.status === 200 ? { ok: true } : refusedBy(opened.status);
};

/** What a proxy did instead of opening a way, in words that follow its name. */
export const describeRefusal = (told: Told): string => {
  if (told.ok) return 'opens no way';
  if (told.status === 407) return 'wants other credentials (407)';
  if (told.status !== undefined) return `opens no way to it (${told.status})`;
  return `opens no way: ${describeCode(told.codes[0] ?? null)}`;
};
