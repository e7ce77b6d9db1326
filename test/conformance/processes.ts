import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A process that the test started and ends. */
export type Running = {
  readonly output: () => string;
  readonly isGone: () => boolean;
  readonly stop: () => Promise<void>;
};

/** Nothing of this machine's configuration, no key, no other Slack: only what is needed to find programs. */
const plainEnvironment = (more: Readonly<Record<string, string>>): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  ...more,
});

export const startProcess = (
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Running => {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: plainEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.on('error', (error) => {
    output += `${error.message}\n`;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const stop = async (): Promise<void> => {
    if (isGone()) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const lastResort = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(lastResort);
  };
  return { output: () => output, isGone, stop };
};

/** Asks until there is an answer; fails with the last thing seen when there is none in time. */
export const eventually = async <T>(what: string, ask: () => Promise<T | null>, deadlineMs = 60_000): Promise<T> => {
  const endMs = performance.now() + deadlineMs;
  let trouble = 'no answer';
  while (performance.now() < endMs) {
    try {
      const answer = await ask();
      if (answer !== null) return answer;
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
    }
    await pause(200);
  }
  throw new Error(`not within ${deadlineMs} ms: ${what} (${trouble})`);
};

/** Waits for a program that was started; tells what it said when it ends or stays silent instead. */
export const untilReady = async <T>(what: string, started: Running, ask: () => Promise<T | null>): Promise<T> => {
  const end = await eventually(`${what} is ready`, async () => {
    if (started.isGone()) return { isReady: false } as const;
    const answer = await ask();
    return answer === null ? null : ({ isReady: true, answer } as const);
  }).catch(() => ({ isReady: false }) as const);
  if (end.isReady) return end.answer;
  await started.stop();
  throw new Error(`${what} did not start: ${started.output()}`);
};

export type RunningBot = Running & {
  readonly url: string;
  /** What `npm run incidents -- --json` prints. */
  readonly incidents: () => Promise<unknown>;
};

/** The bot as `npm start` runs it, on a port of its own, embedded parts for everything. */
export const startBot = async (stateDir: string, token: string): Promise<RunningBot> => {
  const environment = { STATE_DIR: stateDir, ALERTS_TOKEN: token, PORT: '0' };
  const bot = startProcess(process.execPath, ['lib/local/run.js', 'start'], environment);
  const url = await untilReady('the bot', bot, () =>
    Promise.resolve(/^ready (http:\S+)$/m.exec(bot.output())?.[1] ?? null),
  );
  const incidents = async (): Promise<unknown> => {
    const args = ['lib/local/run.js', 'incidents', '--json'];
    const env = plainEnvironment({ STATE_DIR: stateDir });
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: ROOT,
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
    return JSON.parse(stdout);
  };
  return { ...bot, url, incidents };
};
