import { once } from 'node:events';
import { type LocalRun, startLocal } from '../app/local.ts';
import { type Environment, readEnvironment } from '../environment.ts';
import { keepAlertsToken } from './alerts-token.ts';
import { type Command, tell } from './commands.ts';
import { loadConfig } from './load-config.ts';
import { openLogFile } from './log-file.ts';
import { forgetRun, rememberRun } from './running.ts';

/** `npm start`: the bot until Ctrl-C. */
export const start: Command = async () => {
  const environment = readEnvironment(process.env);
  const config = await loadConfig(process.env);
  const alertsTokens = environment.alertsTokens ?? [keepAlertsToken(environment.stateDir)];
  const run = await startLocal({ environment, config, alertsTokens, writeLog: openLogFile(environment.stateDir) });
  rememberRun(environment.stateDir, { pid: process.pid, url: run.url, embeddedMistralUrl: run.embeddedMistralUrl });
  for (const line of describeRun(run, environment, alertsTokens)) tell(line);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  tell('stopping');
  await run.close();
  forgetRun(environment.stateDir);
  return 0;
};

const describeRun = (run: LocalRun, environment: Environment, alertsTokens: readonly string[]): readonly string[] => [
  `state: ${environment.stateDir} (the log is ${environment.stateDir}/log.jsonl)`,
  environment.slack
    ? `slack: ${environment.slack.apiUrl}, channel ${environment.slack.channel}`
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
