import type { ServerResponse } from 'node:http';
import type { Routed } from './route.ts';

const writeEvents = (response: ServerResponse, events: readonly string[], isCut: boolean): void => {
  response.setHeader('content-type', 'text/event-stream; charset=utf-8');
  // A cut stream ends as if all were well, but for its finish reason: that is what applications must notice.
  for (const event of isCut ? events.slice(0, 3) : events) response.write(event);
  response.end();
};

const writeWhole = (response: ServerResponse, routed: Routed): void => {
  const isText = typeof routed.body === 'string';
  const bytes = Buffer.from(isText ? String(routed.body) : JSON.stringify(routed.body));
  if (!isText) response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', bytes.byteLength);
  if (routed.isCut !== true) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, Math.floor(bytes.byteLength / 2)), () => response.socket?.destroySoon());
};

/** Sends an answer with the ids that the real API gives to each. */
export const send = (response: ServerResponse, routed: Routed, requestId: string): void => {
  response.statusCode = routed.status;
  response.setHeader('mistral-correlation-id', requestId);
  response.setHeader('x-kong-request-id', requestId);
  for (const [name, value] of Object.entries(routed.headers ?? {})) response.setHeader(name, value);
  if (routed.events === undefined) writeWhole(response, routed);
  else writeEvents(response, routed.events, routed.isCut === true);
};
