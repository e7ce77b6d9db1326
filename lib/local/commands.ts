import { styleText } from 'node:util';
import { describeMistake, HelpAsked } from './mistakes.ts';

/** A command of package.json; returns the exit code. */
export type Command = (args: readonly string[]) => Promise<number>;

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./start.ts')).start,
  demo: async () => (await import('./demo.ts')).demo,
  triage: async () => (await import('./triage.ts')).triage,
  incidents: async () => (await import('./incidents.ts')).incidents,
  break: async () => (await import('./break.ts')).breakMistral,
  manifest: async () => (await import('./manifest.ts')).manifest,
  preview: async () => (await import('./preview-command.ts')).preview,
  bench: async () => (await import('./bench.ts')).bench,
};

/** Runs one command and sets the exit code. What a person can mend is told in plain words, without a stack. */
export const runCommand = async ([name = '', ...args]: readonly string[]): Promise<void> => {
  const load = COMMANDS[name];
  if (!load) {
    tellError(`Unknown command "${name}". There are: ${Object.keys(COMMANDS).join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  for (const stream of [process.stdout, process.stderr]) stream.on('error', loseReader);
  try {
    const command = await load();
    process.exitCode = await command(args);
  } catch (error) {
    if (error instanceof HelpAsked) {
      tell(error.message);
      return;
    }
    const mistake = describeMistake(error);
    if (mistake === null) throw error;
    tellError(mistake);
    process.exitCode = 2;
  }
};

/** Who reads no more (`| head -1`) has seen enough: a command goes on to its end, and to its exit code. */
const loseReader = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EPIPE') throw error;
};

/** Whether Node itself would colour what is written there: by what it is, NO_COLOR, FORCE_COLOR and TERM. */
export const hasColour = (stream: NodeJS.WritableStream): boolean => styleText('red', '.', { stream }) !== '.';

export const tell = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export const tellError = (line: string): void => {
  process.stderr.write(`${styleText('red', 'error', { stream: process.stderr })} ${line}\n`);
};
