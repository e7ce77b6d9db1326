import type { ServerResponse } from 'node:http';

/** Something that pages show at once. `onlyFor`: nobody else may see it. */
export type LiveEvent = {
  readonly kind: 'message' | 'gone' | 'ephemeral' | 'ephemeral-gone' | 'view' | 'channels';
  readonly data: unknown;
  readonly onlyFor?: string;
};

const HEARTBEAT_MS = 15_000;
/** A page that reads this slowly is cut off; it reconnects and loads the state anew. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

export type Live = {
  readonly subscribe: (user: string, response: ServerResponse) => void;
  readonly publish: (event: LiveEvent) => void;
  readonly close: () => void;
};

/** Server-sent events to every open page. Nothing is replayed: a page loads the state after each (re)connection. */
export const openLive = (): Live => {
  const pages = new Map<ServerResponse, string>();
  const send = (response: ServerResponse, text: string): void => {
    if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
    else response.write(text);
  };
  const heartbeat = setInterval(() => {
    for (const response of pages.keys()) send(response, ': still here\n\n');
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    subscribe: (user, response) => {
      pages.set(response, user);
      response.on('close', () => pages.delete(response));
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      send(response, 'retry: 1000\nevent: hello\ndata: {}\n\n');
    },
    publish: (event) => {
      const text = `event: ${event.kind}\ndata: ${JSON.stringify(event.data)}\n\n`;
      for (const [response, user] of pages) {
        if (event.onlyFor === undefined || event.onlyFor === user) send(response, text);
      }
    },
    close: () => {
      clearInterval(heartbeat);
      for (const response of pages.keys()) response.destroy();
      pages.clear();
    },
  };
};
