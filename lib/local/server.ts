import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { HttpEvent, HttpResult } from '../intake/http-event.ts';

/** One byte more than the largest body that any route takes, so that the route itself says 413. */
const MAX_BODY_BYTES = 4 * 1024 * 1024 + 1;

export type Handler = (event: HttpEvent) => Promise<HttpResult>;

/** Takes a request before the routes do; false leaves it to them. */
export type Mount = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export type Routes = {
  readonly alerts: Handler;
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

/** Listens before there are routes, because the parts behind them want to know the address; until then it answers 503. */
export const listen = async (host: string, port: number): Promise<Server> => {
  let routes: Routes | null = null;
  const server = createServer((request, response) => {
    handle(routes, request, response).catch(() => response.destroy());
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
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const handler = choose(routes, path);
  if (handler === null) return send(response, { statusCode: 404, headers: {}, body: 'not found' });
  send(response, await handler(await toEvent(request)));
};

const choose = (routes: Routes, path: string): Handler | null => {
  if (path.startsWith('/alerts/')) return routes.alerts;
  if (path === '/slack/events') return routes.slack;
  return path === '/health' ? routes.health : null;
};

const isLoopback = (host: string): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);

const isFromHere = (request: IncomingMessage): boolean => {
  const { host, origin } = request.headers;
  if (host === undefined || !isLoopback(host)) return false;
  return origin === undefined || (URL.canParse(origin) && isLoopback(new URL(origin).host));
};

/** The event that API Gateway makes of the same request. */
const toEvent = async (request: IncomingMessage): Promise<HttpEvent> => {
  const [rawPath = '/', rawQueryString = ''] = (request.url ?? '/').split('?', 2);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
  const body = await readBody(request);
  return {
    rawPath,
    rawQueryString,
    headers,
    body: body.toString('base64'),
    isBase64Encoded: true,
    requestContext: { http: { method: request.method ?? 'GET' } },
  };
};

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += part.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(part);
    else if (chunks.length > 0) chunks.push(part.subarray(0, Math.max(0, MAX_BODY_BYTES - (bytes - part.length))));
    if (bytes > 4 * MAX_BODY_BYTES) throw new Error('body far over every limit');
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES);
};

const send = (response: ServerResponse, { statusCode, headers, body }: HttpResult): void => {
  response.writeHead(statusCode, headers);
  response.end(body);
};
