import { createHash } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import * as z from 'zod/mini';
import { answerJson } from './web-server.ts';

const OP = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** What RFC 6455 adds to the client's key, to prove that it was read. */
const PROOF = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const frame = (op: number, payload: Buffer): Buffer => {
  const length =
    payload.length < 126
      ? Buffer.from([payload.length])
      : Buffer.from([126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([Buffer.from([128 + op]), length, payload]);
};

/** The first frame of what a client sent, which is always masked, and the rest; null while it is not complete. Up to 64 kB. */
const readFrame = (bytes: Buffer): { readonly op: number; readonly payload: Buffer; readonly rest: Buffer } | null => {
  if (bytes.length < 2) return null;
  const short = bytes.readUInt8(1) & 127;
  const head = short === 126 ? 4 : 2;
  if (bytes.length < head + 4) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short;
  const end = head + 4 + length;
  if (bytes.length < end) return null;
  const mask = bytes.subarray(head, head + 4);
  const payload = Buffer.from(bytes.subarray(head + 4, end).map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
  return { op: bytes.readUInt8(0) & 15, payload, rest: bytes.subarray(end) };
};

const ACK = z.object({ envelope_id: z.string(), payload: z.unknown() });
export type Ack = z.output<typeof ACK>;

type Peer = {
  /** Base of its Web API. */
  readonly apiUrl: string;
  /** Bearer tokens with which an address was asked for. */
  readonly tokens: readonly string[];
  readonly acks: readonly Ack[];
  /** The n-th connection that was opened, from 1, said hello to. */
  readonly connection: (n: number) => Promise<Connection>;
  /** The next acknowledgement. */
  readonly acked: () => Promise<Ack>;
};

type Connection = {
  readonly send: (message: unknown) => void;
  /** Resolves when the client has read everything that was sent before. */
  readonly wasRead: () => Promise<void>;
  /** Without a goodbye. */
  readonly cut: () => void;
  readonly closed: Promise<void>;
};

type Behaviour = {
  /** Answers `apps.connections.open`; true leaves it to the peer. */
  readonly open?: (response: ServerResponse, n: number) => boolean;
  readonly saysHello?: boolean;
  readonly answersGoodbye?: boolean;
};

/** As much of Slack's socket mode as the bot sees, over real sockets on a free loopback port, until the test ends. */
export const openSocketPeer = async (behaviour: Behaviour = {}): Promise<Peer> => {
  const { open = () => true, saysHello = true, answersGoodbye = true } = behaviour;
  const tokens: string[] = [];
  const acks: Ack[] = [];
  const connections = waitable<Connection>();
  const ackQueue = waitable<Ack>();
  let taken = 0;
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization ?? '');
    request.resume();
    if (open(response, tokens.length)) answerJson(response, { ok: true, url: `${urlOf(server, 'ws')}/link` });
  });
  server.on('upgrade', (request, socket) => {
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${PROOF}`).digest('base64');
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    socket.write([...lines, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
    const connection = talk(socket, answersGoodbye, (text) => {
      const ack = z.parse(ACK, JSON.parse(text));
      acks.push(ack);
      ackQueue.add(ack);
    });
    if (saysHello) connection.send({ type: 'hello', num_connections: 1 });
    connections.add(connection);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const acked = (): Promise<Ack> => {
    taken += 1;
    return ackQueue.get(taken);
  };
  return { apiUrl: `${urlOf(server, 'http')}/api/`, tokens, acks, connection: connections.get, acked };
};

const urlOf = (server: Server, scheme: string): string => {
  const address = server.address();
  return `${scheme}://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
};

const talk = (socket: Duplex, answersGoodbye: boolean, hear: (text: string) => void): Connection => {
  let bytes: Buffer = Buffer.alloc(0);
  let pings = 0;
  const pongs = waitable<true>();
  socket.on('error', () => undefined);
  // The client ends its half with its goodbye. Whoever does not answer that sees only by writing that the client has gone.
  socket.once('end', () => {
    if (answersGoodbye) return socket.end();
    const knocking = setInterval(() => socket.write(frame(OP.ping, Buffer.alloc(0))), 10);
    return socket.once('close', () => clearInterval(knocking));
  });
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (let read = readFrame(bytes); read !== null; read = readFrame(bytes)) {
      bytes = read.rest;
      if (read.op === OP.text) hear(read.payload.toString());
      if (read.op === OP.pong) pongs.add(true);
      if (read.op === OP.ping) socket.write(frame(OP.pong, read.payload));
      if (read.op === OP.close && answersGoodbye) socket.end(frame(OP.close, read.payload));
    }
  });
  return {
    send: (message) => socket.write(frame(OP.text, Buffer.from(JSON.stringify(message)))),
    wasRead: async () => {
      pings += 1;
      socket.write(frame(OP.ping, Buffer.alloc(0)));
      await pongs.get(pings);
    },
    cut: () => socket.destroy(),
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  };
};

/** Things that come one after the other, to be awaited by their number. */
const waitable = <T>() => {
  const came: T[] = [];
  const waiting = new Map<number, (thing: T) => void>();
  return {
    add: (thing: T): void => {
      came.push(thing);
      waiting.get(came.length)?.(thing);
    },
    get: (n: number): Promise<T> =>
      new Promise((resolve) => {
        const thing = came[n - 1];
        if (thing === undefined) waiting.set(n, resolve);
        else resolve(thing);
      }),
  };
};
