import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Python loads a module of this name before any program. All of moto asks this one function for the time. */
const PATCH = `import datetime, os
import moto.core.utils as utils

real = utils.utcnow

def shifted():
    with open(os.environ['MOTO_AHEAD_FILE']) as file:
        return real() + datetime.timedelta(milliseconds=int(file.read()))

utils.utcnow = shifted
`;

export type MotoClock = {
  /** For `openMoto`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly passMs: (ms: number) => Promise<void>;
  readonly remove: () => void;
};

/** Time that passes in moto when a test says so, on top of the real one. */
export const createMotoClock = (): MotoClock => {
  const folder = mkdtempSync(join(tmpdir(), 'moto-clock-'));
  const file = join(folder, 'ahead-ms');
  let aheadMs = 0;
  writeFileSync(join(folder, 'sitecustomize.py'), PATCH);
  writeFileSync(file, '0');
  return {
    environment: { PYTHONPATH: folder, MOTO_AHEAD_FILE: file },
    passMs: async (ms) => {
      aheadMs += ms;
      writeFileSync(file, String(aheadMs));
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
};
