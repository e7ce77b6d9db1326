import type { IncomingMessage } from 'node:http';
import { describeCallError, type ResolveName } from './forbidden-addresses.ts';
import { openWay, type Way } from './open-way.ts';
import type { ProxyVariables } from './proxy-environment.ts';

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
  /** The environment, for its proxies; that of the process unless given. */
  readonly variables?: ProxyVariables;
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

type Begin = Extract<Way, { readonly begin: unknown }>['begin'];

const ask = (begin: Begin, options: GetOptions, signal: AbortSignal): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const headers = { accept: 'application/json', 'user-agent': 'mistral-triage', ...options.headers };
    const request = begin({ signal, headers });
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
  const way = await openWay(url, { ...options, signal });
  if ('refused' in way) throw new NoAnswer(REFUSED[way.refused]);
  if ('why' in way) throw new NoAnswer(way.why);
  if (signal.aborted) throw new NoAnswer('no answer in time');
  return ask(way.begin, options, signal);
};

/**
 * One GET to a configured address: no redirects, a size limit, one limit of time for everything; through the environment's
 * proxy where fetch would take it. Throws `NoAnswer` and nothing else.
 */
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
