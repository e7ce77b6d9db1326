import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { systemWait } from '../adapters/system.ts';
import { type LocalRun, startLocal } from '../app/local.ts';
import type { Environment } from '../environment.ts';
import { keepAlertsToken } from './alerts-token.ts';
import { type Command, tell, tellError } from './commands.ts';
import { tellDeadLetters } from './dead-letters.ts';
import { readSetup } from './load-config.ts';
import { openLogFile } from './log-file.ts';
import { makeFolder } from './make-folder.ts';
import { readArguments } from './read-arguments.ts';
import { findRun, forgetRun, rememberRun } from './running.ts';

/** `ready` waits no longer than this for what Slack says; alerts are accepted meanwhile. */
const SLACK_CHECK_MS = 3_000;

/** `npm start`: the bot until Ctrl-C. */
export const start: Command = async (args) => {
  readArguments('npm start', 0, () => parseArgs({ args: [...args], allowPositionals: true }));
  const { environment, config } = await readSetup(process.env);
  const { stateDir } = environment;
  // The embedded Slack is one process's; with a real one two bots may share a state, as in a rolling deploy.
  const other = environment.slack === null ? await findRun(stateDir) : null;
  if (other !== null) {
    tellError(
      `A bot already runs on ${stateDir}: ${other.url}/ (process ${other.pid}). Use that one, stop it, or set another STATE_DIR.`,
    );
    return 2;
  }
  makeFolder(stateDir);
  const alertsTokens = environment.alertsTokens ?? [keepAlertsToken(stateDir, tell)];
  const log = openLogFile(stateDir);
  const run = await startLocal({ environment, config, alertsTokens, writeLog: log.write, tellTrouble: tell });
  const own = { pid: process.pid, url: run.url, embeddedMistralUrl: run.embeddedMistralUrl };
  rememberRun(stateDir, own);
  for (const line of await tellDeadLetters(run.deadLetters)) tell(line);
  await Promise.race([run.checkSlack(), systemWait(SLACK_CHECK_MS)]);
  for (const line of describeRun(run, environment, alertsTokens)) tell(line);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  tell('finishing what was begun… (Ctrl-C again ends at once; nothing accepted is lost)');
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      forgetRun(stateDir, own);
      process.exit(130);
    });
  await run.close();
  await log.close();
  forgetRun(stateDir, own);
  return 0;
};

const describeRun = (run: LocalRun, environment: Environment, alertsTokens: readonly string[]): readonly string[] => [
  `state: ${environment.stateDir} (the log is ${environment.stateDir}/log.jsonl)`,
  environment.slack
    ? `slack: ${environment.slack.apiUrl}, channel ${environment.slack.channel}${environment.slack.appToken === null ? '' : ', socket mode'}`
    : `slack: embedded, open ${run.url}/`,
  environment.mistral
    ? `mistral: ${environment.mistral.serverUrl}`
    : 'mistral: embedded; break it with: npm run break -- --list',
  ...(environment.mistral && environment.mistral.standbyKey === null
    ? ['standby key: none (MISTRAL_STANDBY_KEY); Rotate key will say what to do by hand']
    : []),
  `alerts: POST ${run.url}/alerts/alertmanager`,
  `alerts token: ${environment.alertsTokens ? 'from ALERTS_TOKEN' : alertsTokens.join(', ')}`,
  `ready ${run.url}`,
];
