import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, 'golden');

/** What the golden file holds. With `UPDATE_GOLDEN=1` the file is written first: look at the difference before committing it. */
export const goldenText = (name: string, actual: string): string => {
  const path = join(ROOT, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
  }
  return existsSync(path) ? readFileSync(path, 'utf8') : `There is no ${name}: run with UPDATE_GOLDEN=1.`;
};
