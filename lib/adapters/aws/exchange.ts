import { Agent as HttpAgent, type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

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
export type NoAnswer = { readonly code: string; readonly status?: number; readonly isStale: boolean };

export type Exchange = (
  sent: Sent,
  limits: { readonly timeoutMs: number; readonly mostBytes: number },
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
  response.on('error', (error) => settle({ code: codeOf(error), isStale: false }));
};

/** One request and its answer over kept connections. It always comes to an end within its time, whatever the other side does. */
export const createExchange = (): Exchange => {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  return ({ method, url, headers, bytes }, { timeoutMs, mostBytes }) =>
    new Promise((resolve) => {
      const options = { method, headers: { ...headers, 'content-length': bytes.byteLength } };
      const request =
        url.protocol === 'https:'
          ? requestHttps(url, { ...options, agent: agents.https })
          : requestHttp(url, { ...options, agent: agents.http });
      const settle: Settle = (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
        // What ended in order goes back to the agent; everything else is no connection to be used again.
        if ('code' in outcome) request.destroy();
      };
      const timer = setTimeout(() => settle({ code: 'TimeoutError', isStale: false }), Math.max(1, timeoutMs));
      request.on('response', (response) => readToEnd(response, mostBytes, settle));
      request.on('error', (error) => settle({ code: codeOf(error), isStale: request.reusedSocket }));
      request.end(bytes);
    });
};
