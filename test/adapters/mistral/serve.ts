import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';

export type Served = { readonly url: string; readonly port: number; readonly close: () => Promise<void> };

export const listen = async (server: Server, end: () => void): Promise<Served> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      end();
    });
  };
  return { url: `http://127.0.0.1:${port}`, port, close };
};

/** A real HTTP server on loopback. */
export const serve = (handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Served> => {
  const server = createServer((request, response) => {
    request.resume();
    handle(request, response);
  });
  return listen(server, () => server.closeAllConnections());
};

/** A real TCP server on loopback, for what HTTP servers do not do. */
export const serveTcp = (handle: (socket: Socket) => void): Promise<Served> => {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    handle(socket);
  });
  return listen(server, () => {
    for (const socket of sockets) socket.destroy();
  });
};

/** Obviously not a key, and without a run of six characters that any message has for itself. */
export const KEY = 'fake-zqxjkvbwpf-9';

/** The key, or six characters of it, in anything that can be printed. */
export const partsOfKey = (value: unknown, key = KEY): readonly string[] => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const parts = Array.from({ length: key.length - 5 }, (_, at) => key.slice(at, at + 6));
  return parts.filter((part) => text.includes(part));
};
