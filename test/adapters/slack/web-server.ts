import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export type Seen = { readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: string };

/** A real server on a free loopback port until the test ends. Records what came, then lets `answer` do what it wants. */
export const listen = async (
  answer: (seen: Seen, response: ServerResponse, request: IncomingMessage) => void,
): Promise<{ readonly url: string; readonly seen: readonly Seen[] }> => {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    text(request).then(
      (body) => {
        const one = { path: request.url ?? '', headers: request.headers, body };
        seen.push(one);
        answer(one, response, request);
      },
      () => response.destroy(),
    );
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, seen };
};

export const answerJson = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
