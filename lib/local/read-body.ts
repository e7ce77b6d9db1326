import type { IncomingMessage, ServerResponse } from 'node:http';

/** The largest body that any route takes. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** What is read and thrown away of a body that was refused; who sends more than that is cut off. */
const MAX_DRAIN_BYTES = 256 * 1024 * 1024;

/** The whole body; null when it is larger than any route takes, known by its announced length before a byte of it is read. */
export const readBody = async (request: IncomingMessage): Promise<Buffer | null> => {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(part);
  }
  return Buffer.concat(chunks);
};

/**
 * 413, whole, at once; then what still comes is read and thrown away before the connection is closed. Closing while a sender sends
 * makes the kernel reset the connection, and the sender may lose the answer and try for ever.
 */
export const refuseBody = (request: IncomingMessage, response: ServerResponse): void => {
  const body = '{"error":"body over 4 MiB"}';
  response.writeHead(413, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': body.length,
    connection: 'close',
  });
  response.write(body);
  let drained = 0;
  const end = (): void => void response.end();
  request.on('data', (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > MAX_DRAIN_BYTES) request.destroy();
  });
  request.once('end', end);
  request.once('close', end);
  request.resume();
};
