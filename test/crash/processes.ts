import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A process that the test started. */
export type Running = {
  readonly pid: number;
  /** The address it said it is ready at; null when it ended before. */
  readonly ready: Promise<string | null>;
  readonly ended: Promise<Ended>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly output: () => string;
};

const started = new Set<Running>();

/** Runs a program with nothing of this machine's environment but what is needed to find programs. */
export const startProcess = (
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Running => {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ready = Promise.withResolvers<string | null>();
  const ended = Promise.withResolvers<Ended>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const url = /^ready (http:\S+)$/m.exec(output)?.[1];
      if (url !== undefined) ready.resolve(url);
    });
  }
  child.on('error', (error) => {
    output += `${error.message}\n`;
    ended.resolve({ code: null, signal: null });
  });
  child.on('close', (code, signal) => ended.resolve({ code, signal }));
  const running: Running = {
    pid: child.pid ?? 0,
    ready: ready.promise,
    ended: ended.promise.finally(() => {
      started.delete(running);
      ready.resolve(null);
    }),
    kill: (signal) => child.kill(signal),
    output: () => output,
  };
  started.add(running);
  return running;
};

/** Starts a TypeScript file of the repository; throws with its output when it does not get ready. */
export const startReady = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Running & { readonly url: string }> => {
  const running = startProcess(process.execPath, args, environment);
  const url = await within(30_000, `${args[0]} is ready`, running.ready);
  if (url === null) throw new Error(`${args[0]} ended: ${running.output()}`);
  return { ...running, url };
};

export const stopProcess = async (running: Running): Promise<Ended> => {
  running.kill('SIGTERM');
  const lastResort = setTimeout(() => running.kill('SIGKILL'), 10_000);
  const ended = await running.ended;
  clearTimeout(lastResort);
  return ended;
};

/** Ends whatever a failed test left behind. */
export const stopAll = async (): Promise<void> => {
  await Promise.all([...started].map(stopProcess));
};

export const within = async <T>(limitMs: number, what: string, promise: Promise<T>): Promise<T> => {
  const limit = new AbortController();
  const late = pause(limitMs, null, { signal: limit.signal }).then(() => {
    throw new Error(`not within ${limitMs} ms: ${what}`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    limit.abort();
  }
};
