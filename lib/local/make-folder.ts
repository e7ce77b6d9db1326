import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A folder for its owner alone, with those above it. Step by step: Node's own way never ends where a system makes no folders (/proc). */
export const makeFolder = (path: string): void => {
  const whole = resolve(path);
  if (statSync(whole, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(whole) !== whole) makeFolder(dirname(whole));
  try {
    mkdirSync(whole, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it just now.
    if (!statSync(whole, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
};
