import { appendFileSync, closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { startLocal } from '../../lib/app/local.ts';
import { readEnvironment } from '../../lib/environment.ts';
import type { Checkpoint } from '../../lib/ports/world.ts';
import { STORM_CONFIG } from './storm-config.ts';

/*
 * The bot as `npm start` runs it, but for one thing: with DIE_AT set it kills itself with SIGKILL when it comes to that step for the
 * DIE_AFTER-th time. The step is written to DIE_LOG and synced first, so that a death counts only where it really happened.
 */

const { DIE_AT: dieAt, DIE_AFTER: dieAfter = '1', DIE_LOG: dieLog } = process.env;
let left = Number(dieAfter);

const checkpoint: Checkpoint = async (step) => {
  if (step !== dieAt || dieLog === undefined) return;
  left -= 1;
  if (left !== 0) return;
  const deaths = openSync(dieLog, 'a', 0o600);
  writeSync(deaths, `${process.pid} ${step}\n`);
  fsyncSync(deaths);
  closeSync(deaths);
  process.kill(process.pid, 'SIGKILL');
  // Not a step further, should the signal take its time.
  await new Promise(() => undefined);
};

const environment = readEnvironment(process.env);
const log = join(environment.stateDir, 'log.jsonl');
const run = await startLocal({
  environment,
  config: STORM_CONFIG,
  alertsTokens: environment.alertsTokens ?? [],
  writeLog: (line) => appendFileSync(log, `${line}\n`),
  checkpoint,
});
process.once('SIGTERM', () => void run.close());
process.stdout.write(`ready ${run.url}\n`);
