import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, tell } from './commands.ts';
import { buildPreview } from './preview.ts';

/** `npm run preview`: every Slack message and document from sample data, in one page. */
export const preview: Command = async ([path = 'preview.html']) => {
  const page = buildPreview();
  writeFileSync(resolve(path), page);
  tell(`Open ${resolve(path)} in a browser.`);
  return 0;
};
