import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Command, tell, tellError } from './commands.ts';
import { readArguments } from './read-arguments.ts';

const FOLDER = resolve(import.meta.dirname, '../../test/bench');

/** `npm run bench -- [NAME]`: each prints a table and one JSON line. Importing a bench runs it and may set the exit code. */
export const bench: Command = async (args) => {
  const { positionals } = readArguments('npm run bench -- [NAME]', 1, () =>
    parseArgs({ args: [...args], allowPositionals: true }),
  );
  const [name] = positionals;
  const names = existsSync(FOLDER)
    ? readdirSync(FOLDER)
        .filter((file) => file.endsWith('.bench.ts'))
        .map((file) => file.replace('.bench.ts', ''))
    : [];
  const chosen = name === undefined ? names : names.filter((one) => one === name);
  if (chosen.length === 0) {
    tellError(`There is no bench "${name ?? ''}". There are: ${names.join(', ') || 'none'}.`);
    return 2;
  }
  for (const one of chosen) {
    tell(`bench ${one}`);
    await import(pathToFileURL(resolve(FOLDER, `${one}.bench.ts`)).href);
  }
  return Number(process.exitCode ?? 0);
};
