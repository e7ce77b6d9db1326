import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LocalRun, startLocal } from '../app/local.ts';
import { readConfig } from '../config.ts';
import { keepAlertsToken } from './alerts-token.ts';
import { type Command, tell, tellError } from './commands.ts';
import { StepFailed, tellStory } from './demo-story.ts';
import { openLogFile } from './log-file.ts';
import { makeFolder } from './make-folder.ts';
import { readArguments } from './read-arguments.ts';

/** Shortened so that the story fits into half a minute; the demo says so. */
const INTERVALS = {
  recheckMs: 700,
  limitedRecheckMs: 700,
  routineMs: 1_500,
  quietMs: 2_000,
  reopenWithinMs: 60_000,
  probeDeadlineMs: 5_000,
};

/**
 * `npm run demo`: the main job alone, on embedded parts only. It reads nothing of the environment but STATE_DIR, so that no real key,
 * token or address can take part; a folder of its own for each run lets two run at once.
 */
export const demo: Command = async (args) => {
  readArguments('npm run demo', 0, () => parseArgs({ args: [...args], allowPositionals: true }));
  const folder = join(process.env['STATE_DIR'] || '.mistral-triage', 'demo');
  makeFolder(folder);
  // Two that start in the same millisecond get two names.
  const stateDir = mkdtempSync(join(folder, `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-`));
  const log = openLogFile(stateDir);
  const run = await startDemo(stateDir, log.write);
  try {
    await tellStory(run, keepAlertsToken(stateDir));
    tell('');
    tell(
      'The demo is over: everything above really happened, on this machine alone. To keep it running, and to press the buttons yourself: npm start',
    );
    return 0;
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    tellError(`The demo failed at this step: ${error.message}. The log is ${stateDir}/log.jsonl`);
    return 1;
  } finally {
    await run.close();
    await log.close();
  }
};

const startDemo = async (stateDir: string, writeLog: (line: string) => void): Promise<LocalRun> => {
  const environment = { host: '127.0.0.1', port: 0, stateDir, alertsTokens: null, slack: null, mistral: null };
  const config = readConfig({
    services: [{ name: 'mistral-api', environment: 'production', models: ['mistral-small-latest'] }],
    mayMitigate: { users: [], groups: ['S0ONCALL'] },
    intervals: INTERVALS,
  });
  const run = await startLocal({
    environment,
    config,
    alertsTokens: [keepAlertsToken(stateDir)],
    writeLog,
  });
  tell(
    `mistral-triage demo. Intervals are shortened: a check every ${INTERVALS.recheckMs} ms instead of 30 s, a quiet window of 2 s instead of 5 min.`,
  );
  tell(`State and files: ${stateDir}`);
  tell(`Slack (embedded, while the demo runs): ${run.url}/`);
  return run;
};
