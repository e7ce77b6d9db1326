import { type ResolveName, refuseUnresolved, resolveBySystem, resolveChecked } from '../forbidden-addresses.ts';
import { askTunnel, within } from '../network-steps.ts';
import { type NamedProxy, type ProxyVariables, takenProxy } from '../proxy-environment.ts';
import { createShared } from '../shared-question.ts';

export type WaySettings = {
  /** The name of the API may lead to private addresses. */
  readonly allowPrivate?: boolean;
  readonly resolveName?: ResolveName;
  /** The environment, for its proxies; that of the process unless given. */
  readonly variables?: ProxyVariables;
};

/** Rejects as fetch does, with a code: `ADDRESS_REFUSED` where the address is none that may be asked, else why the proxy opens no way. */
export type LookAhead = (limitMs: number) => Promise<void>;

/** Of the limit of a call: what hangs on the way is told as that, and not as a call that took too long. */
const SHARE_OF_LIMIT = 0.8;

const noWay = (code: string): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('there is no way to the API'), { code }) });

/**
 * Looks at the way before a call sends its key there, for fetch looks at nothing: straight, whether all addresses of the host may be asked
 * (what cannot be resolved is left to fetch, which fails with an error of its own); behind a proxy, which resolves names by itself, at the
 * host as it is spelled, and whether the proxy opens a way. The fetch of Node 24.21 connects to a proxy that hangs up again and again, past
 * its own abort and until the process ends (10,000 connections in 2 s). Calls of one moment share one look.
 */
export const createLookAhead = (
  serverUrl: string,
  { allowPrivate = false, resolveName = resolveBySystem, variables = process.env }: WaySettings,
): LookAhead => {
  const url = URL.parse(serverUrl);
  const share = createShared<string | null>();

  const lookStraight = async ({ hostname }: URL, timeoutMs: number): Promise<string | null> => {
    let isRefused = false;
    const told = await within({ timeoutMs, late: 'EAI_AGAIN' }, async () => {
      const checked = await resolveChecked(hostname, { resolveName, allowPrivate });
      isRefused = 'refused' in checked && checked.refused !== 'unresolved';
      return { ok: true };
    });
    if (isRefused) return 'ADDRESS_REFUSED';
    return told.ok ? null : (told.codes[0] ?? null);
  };

  const lookThrough = async (target: URL, proxy: NamedProxy, timeoutMs: number): Promise<string | null> => {
    if (refuseUnresolved(target.hostname)) return 'ADDRESS_REFUSED';
    const told = await within({ timeoutMs, late: 'ETIMEDOUT' }, (signal) =>
      askTunnel(proxy, target, { signal, resolveName }),
    );
    return told.ok ? null : (told.codes[0] ?? 'ERR_PROXY_TUNNEL');
  };

  return async (limitMs) => {
    // fetch says what is wrong with such an address.
    if (url === null) return;
    const proxy = takenProxy(variables, url.href);
    const timeoutMs = limitMs * SHARE_OF_LIMIT;
    const code = await share('', timeoutMs, () =>
      proxy === null ? lookStraight(url, timeoutMs) : lookThrough(url, proxy, timeoutMs),
    );
    if (code !== null) throw noWay(code);
  };
};
