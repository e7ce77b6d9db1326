import type { IncomingMessage, ServerResponse } from 'node:http';
import { serve } from '../adapters/mistral/serve.ts';

export type Asked = 'models' | 'card' | 'chat' | 'stream';

/** Passes everything on to Prism and says which of its answers is wanted, which no client of Mistral does. */
export type Relay = {
  readonly url: string;
  /** Empty: as Prism likes. `accept` in the place of the client's. */
  readonly prefer: (wanted: string, accept?: string) => void;
  /** What Prism found wrong with requests since the last look. */
  readonly takeFaults: () => readonly string[];
  readonly close: () => Promise<void>;
};

const readAll = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
};

const KEPT = ['accept', 'authorization', 'content-type', 'user-agent'];

export const openRelay = async (prismUrl: string): Promise<Relay> => {
  let wanted: Readonly<Record<string, string>> = {};
  let faults: string[] = [];
  const pass = async (request: IncomingMessage) => {
    const sent = KEPT.flatMap((name) =>
      request.headers[name] === undefined ? [] : [[name, String(request.headers[name])] as const],
    );
    const body = await readAll(request);
    const method = request.method ?? 'GET';
    const headers = { ...Object.fromEntries(sent), ...wanted };
    return fetch(prismUrl + (request.url ?? ''), { method, headers, ...(method === 'GET' ? {} : { body }) });
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const passed = await pass(request);
    const violations = passed.headers.get('sl-violations') ?? '';
    if (violations.includes('"request"')) faults.push(violations);
    const body = Buffer.from(await passed.arrayBuffer());
    const kept = [...passed.headers].filter(
      ([name]) => !/^(?:connection|keep-alive|content-length|sl-violations)$/.test(name),
    );
    response.writeHead(passed.status, Object.fromEntries(kept)).end(body);
  };
  const server = await serve((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  return {
    url: server.url,
    prefer: (prefer, accept) => {
      wanted = { ...(prefer === '' ? {} : { prefer }), ...(accept === undefined ? {} : { accept }) };
    },
    takeFaults: () => {
      const found = faults;
      faults = [];
      return found;
    },
    close: server.close,
  };
};
