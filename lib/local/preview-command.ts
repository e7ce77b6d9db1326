import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Command, tell } from './commands.ts';
import { buildPreview } from './preview.ts';
import { readArguments } from './read-arguments.ts';

/** `npm run preview`: every Slack message and document from sample data, in one page. */
export const preview: Command = async (args) => {
  const { positionals } = readArguments('npm run preview -- [FILE]', 1, () =>
    parseArgs({ args: [...args], allowPositionals: true }),
  );
  const [path = 'preview.html'] = positionals;
  const page = buildPreview();
  writeFileSync(resolve(path), page);
  tell(`Open ${resolve(path)} in a browser.`);
  return 0;
};
