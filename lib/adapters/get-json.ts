import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import {
  type Address,
  describeCallError,
  pin,
  type ResolveName,
  resolveBySystem,
  resolveChecked,
} from './forbidden-addresses.ts';

export type GetOptions = {
  /** For all of it, name resolution and a body that drips included. */
  readonly limitMs: number;
  /** More is not read. */
  readonly mostBytes?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a name may lead to a private network; metadata addresses are never asked. */
  readonly allowPrivate: boolean;
  /** Certificates to trust instead of the system's, as PEM. */
  readonly ca?: string;
  readonly resolveName?: ResolveName;
};

/** Why there is no answer, in words that may be shown: they quote neither the address nor the answer. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  /** HTTP status, when an answer came. */
  readonly status: number | null;
  constructor(message: string, status: number | null = null) {
    super(message);
    this.status = status;
  }
}

const MOST_BYTES = 1024 * 1024;

type Settle = { readonly resolve: (bytes: Buffer) => void; readonly reject: (error: NoAnswer) => void };

const readWhole = (response: IncomingMessage, mostBytes: number, { resolve, reject }: Settle): void => {
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) {
    const redirects = status >= 300 && status < 400 && status !== 304;
    reject(
      new NoAnswer(redirects ? `it answers ${status}, and redirects are not followed` : `it answers ${status}`, status),
    );
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) reject(new NoAnswer(`its answer is larger than ${Math.round(mostBytes / 1024)} kB`, status));
    else chunks.push(chunk);
  });
  response.on('end', () => resolve(Buffer.concat(chunks)));
  response.on('error', () => reject(new NoAnswer(`it begins to answer ${status} and breaks off`, status)));
};

const ask = (url: URL, addresses: readonly Address[], options: GetOptions, signal: AbortSignal): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const isSecure = url.protocol === 'https:';
    const shared = {
      signal,
      agent: false,
      lookup: pin(addresses),
      headers: { accept: 'application/json', 'user-agent': 'mistral-triage', ...options.headers },
    } as const;
    const request = isSecure
      ? requestHttps(url, { ...shared, ...(options.ca === undefined ? {} : { ca: options.ca }) })
      : requestHttp(url, shared);
    const settle: Settle = {
      resolve,
      reject: (error) => {
        reject(error);
        request.destroy();
      },
    };
    request.on('response', (response) => readWhole(response, options.mostBytes ?? MOST_BYTES, settle));
    request.on('error', (error) => settle.reject(new NoAnswer(describeCallError(error))));
    request.end();
  });

const REFUSED = {
  unresolved: 'the name of its address does not resolve here',
  forbidden: 'its address is a link-local or metadata address',
  private: 'its name leads to a private address, which its configuration does not allow (allowPrivate)',
};

const checkAndAsk = async (text: string, options: GetOptions, signal: AbortSignal): Promise<Buffer> => {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new NoAnswer('its address is not an http address');
  const { allowPrivate, resolveName = resolveBySystem } = options;
  const checked = await resolveChecked(url.hostname, { resolveName, allowPrivate });
  if (!('addresses' in checked)) throw new NoAnswer(REFUSED[checked.refused]);
  if (signal.aborted) throw new NoAnswer('no answer in time');
  return ask(url, checked.addresses, options, signal);
};

/** One GET to a configured address: no redirects, a size limit, one limit of time for everything. Throws `NoAnswer` and nothing else. */
export const getBytes = async (url: string, options: GetOptions): Promise<Buffer> => {
  const limit = new AbortController();
  const { promise: late, reject: giveUp } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    giveUp(new NoAnswer(`no whole answer within ${options.limitMs / 1000} s`));
    limit.abort();
  }, options.limitMs);
  try {
    return await Promise.race([checkAndAsk(url, options, limit.signal), late]);
  } catch (error) {
    throw error instanceof NoAnswer ? error : new NoAnswer('the call fails');
  } finally {
    clearTimeout(timer);
  }
};

/** The same, and what was answered read as JSON: not checked yet. */
export const getJson = async (url: string, options: GetOptions): Promise<unknown> => {
  const bytes = await getBytes(url, options);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new NoAnswer('its answer is not JSON');
  }
};
