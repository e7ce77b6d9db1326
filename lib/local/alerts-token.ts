import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StateFileError } from '../adapters/embedded/file-problem.ts';
import { makeFolder } from './make-folder.ts';

/** The token of the local run: made once, kept readable by its owner alone. `tell` hears when a kept one is of no use any more. */
export const keepAlertsToken = (stateDir: string, tell: (line: string) => void = () => undefined): string => {
  const path = join(stateDir, 'alerts-token');
  makeFolder(stateDir);
  if (existsSync(path) && !statSync(path).isFile())
    throw new StateFileError(
      'not-a-file',
      `${path} is a folder or device, not a file with the alerts token. Move it away, set ALERTS_TOKEN, or set another STATE_DIR.`,
    );
  const isKept = existsSync(path);
  const kept = isKept ? readFileSync(path, 'utf8').trim() : '';
  if (kept.length >= 20) return kept;
  const token = randomBytes(24).toString('base64url');
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  if (isKept)
    tell(
      `alerts token: a new one was made, because the kept one was ${kept === '' ? 'empty' : 'too short'}; monitors that hold the old one will be refused`,
    );
  return token;
};
