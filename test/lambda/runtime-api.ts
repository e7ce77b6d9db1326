import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { basename, dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** A loopback Runtime API, and a process on the other side of it that runs a built bundle as Lambda does. */
export type FunctionOptions = {
  /** The built module, `….mjs`, which exports `handler`. */
  readonly bundle: string;
  /** Nothing else of this process is seen by the function but PATH. Region and dummy credentials are there unless named here. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of one invocation: then the process is killed. */
  readonly timeoutMs: number;
  /** After initialisation and before the first event: where a limit on the CPU begins. */
  readonly onInitialised?: (pid: number) => Promise<void>;
  /** Arguments of Node; the client of this folder unless another is named. */
  readonly client?: readonly string[];
};

/** One instance of a function: one event at a time, further ones wait. For two at once start it twice. */
export type RunningFunction = {
  /** Rejects with `FunctionError` when the handler throws, the time is over or the process ends; the next one starts a new process. */
  readonly invoke: (event: unknown) => Promise<unknown>;
  /** From the start of the newest process to its first wish for an event. */
  readonly initMs: () => number;
  readonly processId: () => number;
  /** What it wrote, all processes so far. */
  readonly output: () => string;
  /** Ends the process now, wherever it stands. */
  readonly kill: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** As Lambda tells a failed invocation: `Runtime.ExitError`, `Sandbox.Timedout`, or the name of what the handler threw. */
class FunctionError extends Error {
  override readonly name = 'FunctionError';
  readonly errorType: string;
  constructor(errorType: string, message: string) {
    super(`${errorType}: ${message}`);
    this.errorType = errorType;
  }
}

type Instance = Pick<RunningFunction, 'invoke' | 'kill'> & {
  readonly initMs: number;
  readonly pid: number;
  readonly isGone: () => boolean;
};

type Invocation = PromiseWithResolvers<unknown> & { readonly id: string; readonly event: string };

/** Of this folder: as small as it can be, and like AWS's without undici. */
export const OWN_CLIENT = fileURLToPath(new URL('./bootstrap.mjs', import.meta.url));
const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:';

const startProcess = (options: FunctionOptions, port: number): ChildProcess => {
  const name = basename(options.bundle, '.mjs');
  const handler = `${name}.handler`;
  return spawn(process.execPath, [...(options.client ?? [OWN_CLIENT]), handler], {
    cwd: dirname(resolve(options.bundle)),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      ...options.environment,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'local',
      LAMBDA_TASK_ROOT: dirname(resolve(options.bundle)),
      _HANDLER: handler,
    },
  });
};

const readError = (body: string): FunctionError => {
  const read: unknown = JSON.parse(body);
  const word = (name: string): string =>
    typeof read === 'object' && read !== null ? String(Reflect.get(read, name) ?? '') : '';
  return new FunctionError(word('errorType'), word('errorMessage'));
};

/** What the process asks and says, to one invocation after the other. */
const createDesk = (timeoutMs: number) => {
  const initialised = Promise.withResolvers<void>();
  let idle: ServerResponse | null = null;
  let current: Invocation | null = null;
  const hand = (response: ServerResponse, { id, event }: Invocation): void => {
    idle = null;
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': id,
      'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
      'lambda-runtime-invoked-function-arn': ARN,
      'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
    });
    response.end(event);
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').replace('/2018-06-01/runtime/', '');
    if (path === 'invocation/next') {
      idle = response;
      initialised.resolve();
      if (current !== null) hand(response, current);
      return;
    }
    const body = await text(request);
    const [, id, end] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    response.writeHead(202).end('{"status":"OK"}');
    if (path === 'init/error') initialised.reject(readError(body));
    if (current === null || id !== current.id) return;
    const { resolve: answer, reject } = current;
    current = null;
    if (end === 'response') answer(JSON.parse(body));
    else reject(readError(body));
  };
  const take = (event: unknown): Invocation => {
    current = { ...Promise.withResolvers<unknown>(), id: randomUUID(), event: JSON.stringify(event) };
    if (idle !== null) hand(idle, current);
    return current;
  };
  const fail = (error: FunctionError): void => {
    initialised.reject(error);
    current?.reject(error);
    current = null;
  };
  return { initialised: initialised.promise, serve, take, fail };
};

const startInstance = async (options: FunctionOptions, write: (chunk: string) => void): Promise<Instance> => {
  const desk = createDesk(options.timeoutMs);
  const server = createServer((request, response) => {
    desk.serve(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 0;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const startedMs = performance.now();
  const child = startProcess(options, typeof address === 'object' && address !== null ? address.port : 0);
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', write);
  const isGone = (): boolean => child.killed || child.exitCode !== null || child.signalCode !== null;
  // `close` comes after the last line was read.
  const closed = once(child, 'close').then(() => {
    const how = child.signalCode === null ? `exit status ${child.exitCode}` : `signal: ${child.signalCode}`;
    desk.fail(new FunctionError('Runtime.ExitError', `Runtime exited with error: ${how}`));
    server.close();
    server.closeAllConnections();
  });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await closed;
  };
  try {
    await desk.initialised;
  } catch (error) {
    await kill();
    throw error;
  }
  const initMs = performance.now() - startedMs;
  await options.onInitialised?.(child.pid ?? 0);
  const invoke = async (event: unknown): Promise<unknown> => {
    const invocation = desk.take(event);
    const timer = setTimeout(() => {
      const seconds = (options.timeoutMs / 1000).toFixed(2);
      desk.fail(new FunctionError('Sandbox.Timedout', `Task timed out after ${seconds} seconds`));
      child.kill('SIGKILL');
    }, options.timeoutMs);
    return invocation.promise.finally(() => clearTimeout(timer));
  };
  return { invoke, kill, isGone, initMs, pid: child.pid ?? 0 };
};

/** Starts the first process and waits until it is initialised; rejects with `FunctionError` when it cannot be. */
export const startFunction = async (options: FunctionOptions): Promise<RunningFunction> => {
  let output = '';
  const write = (chunk: string): void => {
    output += chunk;
  };
  let instance = await startInstance(options, write);
  let before: Promise<unknown> = Promise.resolve();
  const invokeNext = async (event: unknown): Promise<unknown> => {
    if (instance.isGone()) instance = await startInstance(options, write);
    return instance.invoke(event);
  };
  return {
    invoke: (event) => {
      const answer = before.then(() => invokeNext(event));
      before = answer.catch(() => undefined);
      return answer;
    },
    initMs: () => instance.initMs,
    processId: () => instance.pid,
    output: () => output,
    kill: () => instance.kill(),
    close: () => instance.kill(),
  };
};
