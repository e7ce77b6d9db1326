import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

export type Arrived = IncomingMessage & { readonly body: Buffer };

const readAll = async (request: IncomingMessage): Promise<Arrived> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Object.assign(request, { body: Buffer.concat(chunks) });
};

/** A server of this test alone. `answer` is called when the whole request is there, with how many came before it. */
export const serve = async (
  answer: (request: Arrived, response: ServerResponse, before: number) => void,
): Promise<string> => {
  let count = 0;
  const server = createServer((request, response) => {
    const before = count;
    count += 1;
    readAll(request).then(
      (arrived) => answer(arrived, response, before),
      () => response.destroy(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
};
