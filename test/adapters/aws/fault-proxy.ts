import { once } from 'node:events';
import {
  Agent,
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** What happens to one request. */
export type Fault =
  | { readonly kind: 'pass' }
  /** Upstream never hears of it; the client's connection is cut. */
  | { readonly kind: 'drop-before' }
  /** Upstream does it; the client's connection is cut instead of the answer. */
  | { readonly kind: 'drop-after' }
  /** Upstream never hears of it; this is the answer. */
  | {
      readonly kind: 'fail-before';
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Upstream hears of it so much later. */
  | { readonly kind: 'delay'; readonly ms: number };

export type Asked = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** The operation of AWS's JSON protocols, as `PutItem`; '' elsewhere. */
  readonly operation: string;
  readonly body: string;
};

export const PASS: Fault = { kind: 'pass' };

/** As AWS's JSON protocols answer an error. `code`: as `ThrottlingException`. */
export const awsError = (status: number, code: string): Fault => ({
  kind: 'fail-before',
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': code },
  body: JSON.stringify({ __type: `com.amazonaws#${code}`, message: 'planned by a test' }),
});

/** The first requests of an operation fare as listed, all others pass. */
export const first = (operation: string, ...faults: readonly Fault[]): ((asked: Asked) => Fault) => {
  const left = [...faults];
  return (asked) => (asked.operation === operation ? (left.shift() ?? PASS) : PASS);
};

export type FaultProxy = {
  readonly url: string;
  /** Every request so far, in the order in which they came. */
  readonly asked: readonly Asked[];
  readonly close: () => Promise<void>;
};

/** A plain HTTP server in front of another. `plan` is asked once for each request, when the whole of it is there. */
export const openFaultProxy = async (
  upstream: string,
  plan: (asked: Asked) => Fault | Promise<Fault>,
): Promise<FaultProxy> => {
  const asked: Asked[] = [];
  const agent = new Agent({ keepAlive: true });
  const answerOne = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
    const body = await readAll(from);
    const one = describeRequest(from, body);
    asked.push(one);
    await carryOut(await plan(one), () => forward(upstream, agent, from, body), to);
  };
  const server = createServer((from, to) => {
    answerOne(from, to).catch(() => to.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    close: async () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await once(server, 'close');
    },
  };
};

const describeRequest = (from: IncomingMessage, body: Buffer): Asked => {
  const target = from.headers['x-amz-target'];
  return {
    method: from.method ?? '',
    path: from.url ?? '',
    operation: typeof target === 'string' ? target.slice(target.lastIndexOf('.') + 1) : '',
    body: body.toString(),
  };
};

const readAll = async (from: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  from.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(from, 'end');
  return Buffer.concat(chunks);
};

type Answer = { readonly status: number; readonly headers: OutgoingHttpHeaders; readonly body: Buffer };

const forward = async (upstream: string, agent: Agent, from: IncomingMessage, body: Buffer): Promise<Answer> => {
  const { method = 'GET', headers, url = '/' } = from;
  const outgoing: ClientRequest = request(new URL(url, upstream), { method, headers, agent });
  outgoing.end(body);
  const answered: Promise<readonly IncomingMessage[]> = once(outgoing, 'response');
  const [answer] = await answered;
  if (answer === undefined) throw new Error('no answer');
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await readAll(answer) };
};

const carryOut = async (fault: Fault, ask: () => Promise<Answer>, to: ServerResponse): Promise<void> => {
  if (fault.kind === 'drop-before') return void to.destroy();
  if (fault.kind === 'fail-before') return void to.writeHead(fault.status, { ...fault.headers }).end(fault.body);
  if (fault.kind === 'delay') await pause(fault.ms);
  const { status, headers, body } = await ask();
  if (fault.kind === 'drop-after') return void to.destroy();
  to.writeHead(status, headers).end(body);
};
