import type { FetchFunction } from '@slack/web-api';
import { type Answer, createExchange } from '../exchange.ts';

type FetchResponse = Awaited<ReturnType<FetchFunction>>;

/** Several times the longest page of channels. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Of a connection that nobody uses: a message that goes into one which Slack has closed may have arrived or not. Below Slack's own time. */
const IDLE_MS = 4_000;

const asResponse = (url: URL, { status, headers, bytes }: Answer): FetchResponse => {
  const text = Buffer.from(bytes).toString('utf8');
  const one = (name: string): string | null => headers[name.toLowerCase()]?.toString() ?? null;
  return {
    ok: status >= 200 && status < 300,
    status,
    statusText: '',
    url: url.href,
    headers: { get: one, entries: () => Object.keys(headers).map((name) => [name, one(name) ?? '']) },
    arrayBuffer: () => Promise.resolve(Uint8Array.from(bytes).buffer),
    json: () => Promise.resolve(JSON.parse(text)),
    text: () => Promise.resolve(text),
  };
};

/**
 * What Slack's client needs of `fetch`, over node:https: Node's own costs some 25 ms of processor before its first request (Node 24.21), which
 * a cold worker has to spend while a person waits. Follows no redirect, and sends text alone. Throws an error whose `cause` is Node's.
 */
export const createFetch = (timeoutMs: number): FetchFunction => {
  const exchange = createExchange({ idleMs: IDLE_MS });
  return async (address, { method = 'GET', headers = {}, body = '', signal: cut } = {}) => {
    if (typeof body !== 'string') throw new TypeError('Only text can be sent');
    const url = new URL(address);
    const sent = { method, url, headers, bytes: Buffer.from(body) };
    const outcome = await exchange(sent, { timeoutMs, mostBytes: MOST_BYTES, ...(cut && { cut }) });
    if (!('code' in outcome)) return asResponse(url, outcome);
    const error = new Error(outcome.code, { cause: outcome.cause });
    error.name = outcome.code;
    throw error;
  };
};
