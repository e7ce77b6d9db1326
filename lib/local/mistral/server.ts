import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../../ports/world.ts';
import { TOO_LARGE } from './answers.ts';
import { answerControl } from './control.ts';
import { route } from './route.ts';
import { send } from './send.ts';
import { createState, type NamedKey, type State } from './state.ts';

const MOST_BYTES = 1_000_000;

const DEFAULT_MODELS = [
  'mistral-small-latest',
  'mistral-medium-latest',
  'mistral-large-latest',
  'ministral-8b-latest',
  'codestral-latest',
  'open-mistral-nemo',
];

export type EmbeddedMistral = { readonly url: string; readonly close: () => Promise<void> };

/** The body as text; null when it is larger than we take, and then the rest is not read. */
const readText = async (request: IncomingMessage): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const part = Buffer.from(chunk);
    bytes += part.byteLength;
    if (bytes > MOST_BYTES) return null;
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const createPauses = () => {
  const waiting = new Set<() => void>();
  return {
    pause: (seconds: number): Promise<void> =>
      new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          waiting.delete(end);
          resolve();
        };
        const timer = setTimeout(end, seconds * 1000);
        waiting.add(end);
      }),
    endAll: (): void => {
      for (const end of [...waiting]) end();
    },
  };
};

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };
type Pause = (seconds: number) => Promise<void>;

const answerCall = async ({ request, response }: Exchange, text: string, state: State, pause: Pause): Promise<void> => {
  const fault = state.fault();
  if (fault.name === 'hang') return;
  if (fault.name === 'reset') {
    request.socket.resetAndDestroy();
    return;
  }
  if (fault.name === 'slow') await pause(fault.seconds);
  if (response.destroyed) return;
  const requestId = randomUUID();
  const routed = route(state, {
    method: request.method ?? 'GET',
    path: (request.url ?? '/').split('?')[0] ?? '/',
    authorization: request.headers.authorization ?? '',
    text,
    requestId,
  });
  send(response, routed, requestId);
};

const answer = async (exchange: Exchange, state: State, pause: Pause): Promise<void> => {
  const { request, response } = exchange;
  const text = await readText(request);
  if (text === null) {
    response.setHeader('connection', 'close');
    send(response, TOO_LARGE, randomUUID());
  } else if (request.url === '/control/fault') {
    send(response, answerControl(request, text, state), randomUUID());
  } else {
    await answerCall(exchange, text, state, pause);
  }
};

/**
 * The Mistral API on this machine: models, model, chat (whole and streamed), with true bodies and headers, and faults that are switched
 * through `/control/fault` while it runs. Listens on loopback only. A port of 0 takes a free one.
 */
export const openEmbeddedMistral = async ({
  keys,
  models = [],
  port = 0,
  clock,
}: {
  readonly keys: readonly NamedKey[];
  /** Served before the usual ones. */
  readonly models?: readonly string[];
  readonly port?: number;
  readonly clock: Clock;
}): Promise<EmbeddedMistral> => {
  const state = createState(keys, [...new Set([...models, ...DEFAULT_MODELS])], clock);
  const pauses = createPauses();
  const server = createServer((request, response) => {
    // A caller that leaves in the middle is nobody's fault; there is nobody left to tell.
    answer({ request, response }, state, pauses.pause).catch(() => request.socket.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${listening}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      pauses.endAll();
      server.closeAllConnections();
      await closed;
    },
  };
};
