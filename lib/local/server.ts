import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { HttpEvent, HttpResult } from '../intake/http-event.ts';
import { isFromHere } from './is-from-here.ts';
import { readBody, refuseBody } from './read-body.ts';

export type Handler = (event: HttpEvent) => Promise<HttpResult>;

/** Takes a request before the routes do; false leaves it to them. */
export type Mount = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export type Routes = {
  readonly alerts: Handler;
  readonly deployments: Handler;
  readonly slack: Handler;
  readonly health: Handler;
  readonly mount: Mount | null;
  /** true: requests that name another host, or come from another site's page, are refused. */
  readonly isLocalOnly: boolean;
};

export type Server = {
  readonly url: string;
  readonly serve: (routes: Routes) => void;
  readonly close: () => Promise<void>;
};

/** How long a sender may take for its headers, and for all of its request: a slow one must not hold a connection for ever. */
const PATIENCE = { headersMs: 10_000, requestMs: 30_000, lookMs: 1_000 } as const;

type Patience = { readonly [K in keyof typeof PATIENCE]: number };

/** Listens before there are routes, because the parts behind them want to know the address; until then it answers 503. */
export const listen = async (host: string, port: number, patience: Patience = PATIENCE): Promise<Server> => {
  let routes: Routes | null = null;
  const limits = {
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    connectionsCheckingInterval: patience.lookMs,
  };
  const server = createServer(limits, (request, response) => {
    handle(routes, request, response).catch(() => sendFailure(request, response));
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  const shownPort = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${shownPort}`,
    serve: (given) => {
      routes = given;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

const handle = async (routes: Routes | null, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (routes === null) return send(response, { statusCode: 503, headers: { 'retry-after': '1' }, body: '' });
  if (routes.isLocalOnly && !isFromHere(request))
    return send(response, { statusCode: 403, headers: {}, body: 'only this machine' });
  if (routes.mount && (await routes.mount(request, response))) return;
  const handler = choose(routes, pathOf(request));
  if (handler === null) return send(response, { statusCode: 404, headers: {}, body: 'not found' });
  const body = await readBody(request);
  if (body === null) return refuseBody(request, response);
  send(response, await handler(toEvent(request, body)));
};

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?')[0] ?? '/';

const choose = (routes: Routes, path: string): Handler | null => {
  if (path.startsWith('/alerts/')) return routes.alerts;
  if (path === '/deployments') return routes.deployments;
  if (path === '/slack/events') return routes.slack;
  return path === '/health' ? routes.health : null;
};

/** The event that API Gateway makes of the same request. */
const toEvent = (request: IncomingMessage, body: Buffer): HttpEvent => {
  const [rawPath = '/', rawQueryString = ''] = (request.url ?? '/').split('?', 2);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
  return {
    rawPath,
    rawQueryString,
    headers,
    body: body.toString('base64'),
    isBase64Encoded: true,
    requestContext: { http: { method: request.method ?? 'GET' } },
  };
};

const send = (response: ServerResponse, { statusCode, headers, body }: HttpResult): void => {
  response.writeHead(statusCode, headers);
  response.end(body);
};

/** A handler that broke down. Monitors take 500 for the end of it and never come back, so they hear 503. */
const sendFailure = (request: IncomingMessage, response: ServerResponse): void => {
  if (response.headersSent) {
    response.destroy();
  } else if (/^\/(?:alerts\/|deployments$)/.test(pathOf(request))) {
    send(response, { statusCode: 503, headers: { 'retry-after': '5' }, body: '{"error":"not stored, send again"}' });
  } else {
    send(response, { statusCode: 500, headers: {}, body: 'internal error' });
  }
};
