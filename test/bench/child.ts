import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export type Child = {
  /** The groups of the line for which the start waited. */
  readonly ready: RegExpExecArray;
  /** Ends it and waits for the end; SIGKILL leaves it no chance to put anything in order. */
  readonly stop: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
};

type Start = {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Matched against what it prints, on either stream. */
  readonly readyLine: RegExp;
};

const START_LIMIT_MS = 30_000;
/** A line is far shorter; what a chatty program printed before is let go. */
const KEPT_CHARS = 20_000;

/** Starts a program and waits until it says that it is ready; its last words are in the error when it does not. */
export const startChild = async ({ command, args, environment, readyLine }: Start): Promise<Child> => {
  const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString('utf8')}`.slice(-KEPT_CHARS);
      const found = readyLine.exec(said);
      if (found !== null) resolve(found);
    });
  const fail = (why: string): void => reject(new Error(`${command} ${why}:\n${said}`));
  child.once('error', (error) => fail(`could not be started (${error.message})`));
  child.once('exit', (code, signal) => fail(`ended with ${code ?? signal} before it was ready`));
  const timer = setTimeout(() => fail(`was not ready within ${START_LIMIT_MS} ms`), START_LIMIT_MS);
  const stop = makeStop(child);
  try {
    return { ready: await promise, stop };
  } catch (error) {
    await stop('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
};

const makeStop =
  (child: ChildProcess) =>
  async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
