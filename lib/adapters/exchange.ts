import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { Agent, request as requestHttps } from 'node:https';

export type Sent = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
};

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly bytes: Uint8Array };

/**
 * No whole answer. `code` as Node names it, or `TimeoutError`, `AnswerTooLong`. `status` when it had begun. `isStale`: a connection of an
 * earlier request that the other side has closed, as after a frozen Lambda is woken.
 */
export type NoAnswer = {
  readonly code: string;
  readonly status?: number;
  readonly isStale: boolean;
  /** Node's own error, where it was one. */
  readonly cause?: Error;
};

export type Exchange = (
  sent: Sent,
  limits: { readonly timeoutMs: number; readonly mostBytes: number; readonly cut?: AbortSignal },
) => Promise<Answer | NoAnswer>;

type Settle = (outcome: Answer | NoAnswer) => void;

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : error.name);

const readToEnd = (response: IncomingMessage, mostBytes: number, settle: Settle): void => {
  const status = response.statusCode ?? 0;
  const chunks: Buffer[] = [];
  let count = 0;
  response.on('data', (chunk: Buffer) => {
    count += chunk.byteLength;
    if (count > mostBytes) settle({ code: 'AnswerTooLong', status, isStale: false });
    else chunks.push(chunk);
  });
  response.on('end', () => settle({ status, headers: response.headers, bytes: Buffer.concat(chunks) }));
  response.on('error', (error) => settle({ code: codeOf(error), isStale: false, cause: error }));
};

type Keep = { readonly keepAlive: boolean; readonly timeout?: number };
type Begin = (url: URL, options: RequestOptions) => ClientRequest;

const createHttps = (keep: Keep): Begin => {
  const agent = new Agent(keep);
  return (url, options) => requestHttps(url, { ...options, agent });
};

/** Peers of AWS alone speak it. An `import` would load all that `node:http` names, WebSocket too: 12 ms of every cold start (Node 24.21). */
const createHttp = (keep: Keep): Begin => {
  const http = process.getBuiltinModule('node:http');
  const agent = new http.Agent(keep);
  return (url, options) => http.request(url, { ...options, agent });
};

/**
 * One request and its answer over kept connections. It always comes to an end within its time, whatever the other side does. `idleMs`:
 * how long a connection is kept; as long as the other side keeps it unless given.
 */
export const createExchange = ({ idleMs }: { readonly idleMs?: number } = {}): Exchange => {
  const keep = { keepAlive: true, ...(idleMs !== undefined && { timeout: idleMs }) };
  const https = createHttps(keep);
  let http: Begin | null = null;
  const begin: Begin = (url, options) => {
    if (url.protocol === 'https:') return https(url, options);
    http ??= createHttp(keep);
    return http(url, options);
  };
  return ({ method, url, headers, bytes }, { timeoutMs, mostBytes, cut }) =>
    new Promise((resolve) => {
      const request = begin(url, { method, headers: { ...headers, 'content-length': bytes.byteLength } });
      const settle: Settle = (outcome) => {
        clearTimeout(timer);
        cut?.removeEventListener('abort', stop);
        resolve(outcome);
        // What ended in order goes back to the agent; everything else is no connection to be used again.
        if ('code' in outcome) request.destroy();
      };
      const stop = (): void => settle({ code: 'AbortError', isStale: false });
      const timer = setTimeout(() => settle({ code: 'TimeoutError', isStale: false }), Math.max(1, timeoutMs));
      request.on('response', (response) => readToEnd(response, mostBytes, settle));
      request.on('error', (error) => settle({ code: codeOf(error), isStale: request.reusedSocket, cause: error }));
      cut?.addEventListener('abort', stop);
      if (cut?.aborted === true) stop();
      else request.end(bytes);
    });
};
