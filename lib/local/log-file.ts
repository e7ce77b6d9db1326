import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** At this size the file becomes `.1` when the program starts. */
const ROTATE_BYTES = 20 * 1024 * 1024;

/** The log of the local run, beside the state, so that the terminal stays readable. Returns the writer. */
export const openLogFile = (stateDir: string): ((line: string) => void) => {
  const path = join(stateDir, 'log.jsonl');
  if (existsSync(path) && statSync(path).size > ROTATE_BYTES) renameSync(path, `${path}.1`);
  return (line) => appendFileSync(path, `${line}\n`, { mode: 0o600 });
};
