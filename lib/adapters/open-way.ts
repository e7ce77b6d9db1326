import { type ClientRequest, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { pin, type ResolveName, refuseUnresolved, resolveBySystem, resolveChecked } from './forbidden-addresses.ts';
import { describeRefusal, open, openTunnel, refusedBy, type Told } from './network-steps.ts';
import { type NamedProxy, type ProxyVariables, portOf, proxyOfSource } from './proxy-environment.ts';

export type WayWorld = {
  readonly resolveName?: ResolveName | undefined;
  readonly allowPrivate: boolean;
  /** Of the whole call. A proxy gets four fifths of it, so that a proxy that hangs is told as that. */
  readonly limitMs: number;
  /** Ends what was opened. */
  readonly signal: AbortSignal;
  /** Certificates to trust instead of the system's, as PEM. */
  readonly ca?: string | undefined;
  /** The environment; that of the process unless given. */
  readonly variables?: ProxyVariables | undefined;
};

/** `begin` sends one request. `why`: the proxy opens no way, which says nothing about the address behind it. */
export type Way =
  | { readonly begin: (options: RequestOptions) => ClientRequest }
  | { readonly refused: 'forbidden' | 'private' | 'unresolved' }
  | { readonly why: string };

const goStraight = async (url: URL, { resolveName = resolveBySystem, allowPrivate, ca }: WayWorld): Promise<Way> => {
  const checked = await resolveChecked(url.hostname, { resolveName, allowPrivate });
  if (!('addresses' in checked)) return { refused: checked.refused };
  const way = { agent: false, lookup: pin(checked.addresses) } as const;
  const begin = (options: RequestOptions): ClientRequest =>
    url.protocol === 'https:'
      ? requestHttps(url, { ...options, ...way, ...(ca === undefined ? {} : { ca }) })
      : requestHttp(url, { ...options, ...way });
  return { begin };
};

const secure = (socket: Socket, host: string, ca: string | undefined): Socket =>
  connectTls({
    socket,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ALPNProtocols: ['http/1.1'],
  });

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

const tellProxy = (told: Told): Way => ({ why: `the proxy that the environment names ${describeRefusal(told)}` });

const tunnel = async (url: URL, proxy: NamedProxy, { resolveName = resolveBySystem, signal, ca }: WayWorld) => {
  const opened = await openTunnel(proxy, `${url.hostname}:${portOf(url)}`, { signal, resolveName });
  if (!('socket' in opened)) return tellProxy(opened);
  const { socket } = opened;
  if (opened.status !== 200) {
    // A proxy may keep the line open, which would keep this process alive.
    socket.destroy();
    return tellProxy(refusedBy(opened.status));
  }
  return {
    begin: (options: RequestOptions) =>
      requestHttps(url, { ...options, createConnection: () => secure(socket, bare(url.hostname), ca) }),
  };
};

/** Without TLS the proxy itself is asked, for the whole address. */
const relay = async (url: URL, proxy: NamedProxy, { resolveName = resolveBySystem, signal }: WayWorld) => {
  const opened = await open(proxy.hostname, proxy.port, { resolveName, allowPrivate: true, signal });
  if (!('socket' in opened)) return tellProxy(opened);
  const { socket } = opened;
  const path = `http://${url.host}${url.pathname}${url.search}`;
  const { authorization } = proxy;
  return {
    begin: ({ headers, ...options }: RequestOptions) =>
      requestHttp(url, {
        ...options,
        path,
        headers: { ...headers, ...(authorization === null ? {} : { 'proxy-authorization': authorization }) },
        createConnection: () => (proxy.protocol === 'https:' ? secure(socket, proxy.hostname, undefined) : socket),
      }),
  };
};

const BEFORE_LIMIT = 0.8;

const goThrough = (url: URL, proxy: NamedProxy, world: WayWorld): Promise<Way> => {
  const late = new AbortController();
  const { promise: passed, resolve: giveUp } = Promise.withResolvers<Way>();
  const end = (): void => late.abort();
  world.signal.addEventListener('abort', end, { once: true });
  const timer = setTimeout(() => {
    giveUp({ why: 'the proxy that the environment names opens no way in time' });
    end();
  }, world.limitMs * BEFORE_LIMIT);
  const opening = url.protocol === 'https:' ? tunnel : relay;
  return Promise.race([opening(url, proxy, { ...world, signal: late.signal }), passed]).finally(() =>
    clearTimeout(timer),
  );
};

/**
 * The way to a configured http(s) address: straight to addresses that were checked and are pinned, or through the proxy where the environment
 * sends the calls of this process through one. A proxy resolves names by itself, so that what a name leads to can be neither checked nor
 * pinned there: behind one only addresses that are spelled out and names of metadata services are refused. Not Node's own `proxyEnv`: in
 * 24.21 a proxy that drips its answer costs memory without end and one that sends much ends the process.
 */
export const openWay = (url: URL, world: WayWorld): Promise<Way> => {
  const proxy = proxyOfSource(world.variables ?? process.env, url);
  if (proxy === null) return goStraight(url, world);
  return refuseUnresolved(url.hostname) ? Promise.resolve({ refused: 'forbidden' }) : goThrough(url, proxy, world);
};
