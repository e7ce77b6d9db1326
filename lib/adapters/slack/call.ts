import { type FetchFunction, LogLevel, WebClient, type WebClientOptions } from '@slack/web-api';
import * as z from 'zod/mini';
import { ambiguous, classifyFailure, rateLimited } from './failure.ts';
import { createFetch } from './fetch.ts';

/** One Web API method, once, within the time limit. The answer is read by `schema`; every failure is a `ChatError`. */
export type CallSlack = <S extends z.ZodMiniType>(
  method: string,
  args: Readonly<Record<string, unknown>>,
  schema: S,
) => Promise<z.output<S>>;

export type SlackAccess = { readonly token: string; readonly apiUrl: string; readonly timeoutMs: number };

export const createCallSlack = (access: SlackAccess): CallSlack => {
  const client = new WebClient(access.token, { ...clientOptions(access), logger: SILENT });
  return async (method, args, schema) => {
    const answer = await client.apiCall(method, { ...args }).catch((error: unknown) => {
      throw classifyFailure(method, error);
    });
    const read = z.safeParse(schema, answer);
    if (!read.success) throw ambiguous(method, 'unreadable answer');
    return read.data;
  };
};

/** What the real client's defaults get wrong for us: it would retry for half an hour, wait for ever and print. */
export const clientOptions = ({ apiUrl, timeoutMs }: Omit<SlackAccess, 'token'>) => ({
  slackApiUrl: new URL(apiUrl).href,
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  allowAbsoluteUrls: false,
  fetch: refuseAtLimit(createFetch(timeoutMs)),
});

/** The client knows a 429 only by a Retry-After in whole seconds and calls every other one a plain `Error` with the address in it. */
const refuseAtLimit =
  (fetch: FetchFunction): FetchFunction =>
  async (url, init) => {
    const response = await fetch(url, init);
    if (response.status !== 429) return response;
    throw rateLimited(nameMethod(url), readRetryAfterMs(response.headers.get('retry-after')));
  };

const readRetryAfterMs = (header: string | null): number | null => {
  const seconds = header === null || header.trim() === '' ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1000) : null;
};

const nameMethod = (url: string | URL): string => String(url).split('/').at(-1)?.split('?')[0] ?? '';

/** The client's log lines quote addresses and bodies; what matters reaches the caller as an error. */
export const SILENT: NonNullable<WebClientOptions['logger']> = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  setName: () => undefined,
  getLevel: () => LogLevel.ERROR,
};
