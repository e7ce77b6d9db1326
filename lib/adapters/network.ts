import type { NetworkAnswer, NetworkCalls } from '../ports/probe-sources.ts';
import { type ResolveName, resolveBySystem, resolveChecked } from './forbidden-addresses.ts';
import { readCertificate } from './network-certificate.ts';
import {
  askTunnel,
  fail,
  open,
  openTunnel,
  readError,
  refusedBy,
  type Told,
  type World,
  within,
} from './network-steps.ts';
import { type NamedProxy, namedProxy, type ProxyVariables, takenProxy, takesProxies } from './proxy-environment.ts';
import { createShared } from './shared-question.ts';

const bracket = (host: string): string => (host.includes(':') ? `[${host}]` : host);

const show = (proxy: NamedProxy | null): string | null => proxy && `${bracket(proxy.hostname)}:${proxy.port}`;

export type NetworkOptions = {
  /** Where the Mistral API is. */
  readonly apiUrl: string;
  /** The environment: HTTPS_PROXY and its like. */
  readonly variables: ProxyVariables;
  /** The name of the API may lead to private addresses. */
  readonly allowPrivate?: boolean;
  readonly resolveName?: ResolveName;
};

/** The way to the API with the system's own means, one step at a time, from a new connection each time; who asks the same at the same time shares it. */
export const createNetworkCalls = ({
  apiUrl,
  variables,
  allowPrivate = false,
  resolveName = resolveBySystem,
}: NetworkOptions): NetworkCalls => {
  const proxyFor = (url: string): NamedProxy | null => takenProxy(variables, url);
  const worldOf = (host: string): World => ({
    resolveName,
    allowPrivate: allowPrivate || host === proxyFor(apiUrl)?.hostname,
  });
  const inspect = async (host: string, port: number, signal: AbortSignal): Promise<Told> => {
    const target = `${bracket(host)}:${port}`;
    const proxy = proxyFor(`https://${target}`);
    const opened = proxy
      ? await openTunnel(proxy, target, { signal, resolveName })
      : await open(host, port, { ...worldOf(host), signal });
    if (!('socket' in opened)) return opened;
    if ('status' in opened && opened.status !== 200) return refusedBy(opened.status);
    const read = await readCertificate(opened.socket, host);
    return 'error' in read ? readError(read.error) : read;
  };
  const share = createShared<NetworkAnswer>();
  const once = (question: string, ...asked: Parameters<typeof within>): Promise<NetworkAnswer> =>
    share(question, asked[0].timeoutMs, () => within(...asked));
  return {
    apiUrl,
    resolve: (host, timeoutMs) =>
      once(`resolve ${host}`, { timeoutMs, late: 'EAI_AGAIN' }, async () => {
        const checked = await resolveChecked(host, worldOf(host));
        if ('addresses' in checked) return { ok: true, facts: { addresses: checked.addresses.length } };
        return checked.refused === 'unresolved' ? readError(checked.error) : fail('ADDRESS_REFUSED');
      }),
    connect: (host, port, timeoutMs) =>
      once(`connect ${host} ${port}`, { timeoutMs, late: 'ETIMEDOUT' }, async (signal) => {
        const opened = await open(host, port, { ...worldOf(host), signal });
        return 'socket' in opened ? { ok: true, facts: { connectMs: opened.connectMs } } : opened;
      }),
    inspectTls: (host, port, timeoutMs) =>
      once(`tls ${host} ${port}`, { timeoutMs, late: 'ETIMEDOUT' }, (signal) => inspect(host, port, signal)),
    proxyOf: (url) => show(proxyFor(url)),
    unusedProxyOf: (url) => (takesProxies(variables) ? null : show(namedProxy(variables, url))),
    askProxy: (url, timeoutMs) =>
      once(`proxy ${url}`, { timeoutMs, late: 'ETIMEDOUT' }, async (signal) => {
        const [proxy, parsed] = [proxyFor(url), URL.parse(url)];
        return proxy === null || parsed === null ? { ok: true } : askTunnel(proxy, parsed, { signal, resolveName });
      }),
  };
};
