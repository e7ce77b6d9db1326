export type ProxyVariables = Readonly<Record<string, string | undefined>>;

/** `authorization`: what the proxy wants to see, made of the credentials in its address; for the proxy alone. */
export type NamedProxy = {
  readonly protocol: 'http:' | 'https:';
  readonly hostname: string;
  readonly port: number;
  readonly authorization: string | null;
};

const DEFAULT_PORTS = { 'http:': 80, 'https:': 443 } as const;

/** The port of an address, also where it is the protocol's own. */
export const portOf = ({ port, protocol }: URL): number =>
  Number(port) || (protocol === 'http:' ? DEFAULT_PORTS['http:'] : DEFAULT_PORTS['https:']);

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const readProxy = (text: string): NamedProxy | null => {
  const url = URL.parse(text) ?? URL.parse(`http://${text}`);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') return null;
  const { protocol, username, password, hostname } = url;
  const credentials = `${decode(username)}:${decode(password)}`;
  const authorization = credentials === ':' ? null : `Basic ${Buffer.from(credentials).toString('base64')}`;
  return { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port: portOf(url), authorization };
};

/** As fetch in Node reads NO_PROXY: names with everything below them, `*` alone for all, a port where one is given. */
const isExcepted = (url: URL, noProxy: string): boolean => {
  if (noProxy === '*') return true;
  const hostname = url.hostname.toLowerCase();
  return noProxy
    .split(/[,\s]/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, named, port] = /^(.+):(\d+)$/.exec(entry) ?? [];
      const name = (named ?? entry).replace(/^\*?\./, '').toLowerCase();
      const isPort = port === undefined || Number(port) === 0 || Number(port) === portOf(url);
      return isPort && (hostname === name || hostname.endsWith(`.${name}`));
    });
};

/** The proxy that the environment names for an address, whether or not calls take it. */
export const namedProxy = (variables: ProxyVariables, address: string): NamedProxy | null => {
  const url = URL.parse(address);
  if (url === null) return null;
  const forHttp = variables['http_proxy'] ?? variables['HTTP_PROXY'] ?? '';
  const forHttps = variables['https_proxy'] ?? variables['HTTPS_PROXY'] ?? '';
  const named = url.protocol === 'https:' ? forHttps || forHttp : forHttp;
  if (named === '' || isExcepted(url, variables['no_proxy'] ?? variables['NO_PROXY'] ?? '')) return null;
  return readProxy(named);
};

/** Node takes proxies of the environment only when it is told to. */
export const takesProxies = (variables: ProxyVariables): boolean =>
  variables['NODE_USE_ENV_PROXY'] === '1' || /(?:^|\s)--use-env-proxy(?:\s|$)/.test(variables['NODE_OPTIONS'] ?? '');

/** The proxy that calls to this address take; null: none. The same for fetch and for all that we ask ourselves. */
export const takenProxy = (variables: ProxyVariables, address: string): NamedProxy | null =>
  takesProxies(variables) ? namedProxy(variables, address) : null;

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The same for what is asked beside Mistral. This machine is not asked through a proxy, to which its name would mean the proxy itself. */
export const proxyOfSource = (variables: ProxyVariables, url: URL): NamedProxy | null =>
  LOOPBACK.test(url.hostname) ? null : takenProxy(variables, url.href);
