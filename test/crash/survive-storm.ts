import { join } from 'node:path';
import { systemClock } from '../../lib/adapters/system.ts';
import { openState, type State } from '../../lib/app/local-state.ts';
import { findFreePort } from '../free-port.ts';
import { type Monitor, openMonitor } from './monitor.ts';
import { type Ended, startReady, stopProcess } from './processes.ts';
import { type Kept, readIncidents, waitForQuiet } from './proof.ts';
import { openConsole, type SlackConsole } from './slack-console.ts';
import { runStorm, type Storm } from './storm.ts';
import { SERVICES } from './storm-config.ts';

const TOKENS = { alerts: 'test-alerts-token', slack: 'test-bot-token', signing: 'test-signing-secret' } as const;
const KEYS = { current: 'test-key-current', standby: 'test-key-standby' } as const;
const STORM_LIMIT_MS = 260_000;
const QUIET_LIMIT_MS = 90_000;
export const WHOLE_LIMIT_MS = STORM_LIMIT_MS + QUIET_LIMIT_MS + 8_000;

const startSlack = (folder: string, botPort: number) =>
  startReady(
    [
      'lib/local/slack/main.ts',
      ...['--state', join(folder, 'slack.sqlite')],
      ...['--events-url', `http://127.0.0.1:${botPort}/slack/events`],
      ...['incidents', ...SERVICES.map(({ channel }) => channel)].flatMap((channel) => ['--channel', channel]),
    ],
    { SLACK_BOT_TOKEN: TOKENS.slack, SLACK_SIGNING_SECRET: TOKENS.signing },
  );

/** The embedded Mistral with the current key revoked: every service fails until its key is rotated. */
const startMistral = async () => {
  const mistral = await startReady(['lib/local/mistral/main.ts'], {
    EMBEDDED_MISTRAL_KEYS: `${KEYS.current},${KEYS.standby}`,
  });
  const answer = await fetch(`${mistral.url}/control/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fault: 'revoked-key', key: 'key-1' }),
  });
  if (answer.status !== 200) throw new Error('the embedded Mistral takes no fault');
  return mistral;
};

/** What is left when the storm is over and the bot has come to rest and was stopped. Slack is still there to be asked. */
export type Aftermath = {
  readonly storm: Storm;
  readonly monitor: Monitor;
  readonly slack: SlackConsole;
  readonly stateDir: string;
  readonly state: State;
  readonly kept: readonly Kept[];
  /** What was still to be done at the end, and how the bot ended. */
  readonly ended: Ended & { readonly unrest: readonly string[] };
  readonly report: readonly string[];
};

/** Slack and Mistral in processes of their own, the storm over the bot in a third, and a life without kills until all is quiet. */
export const surviveStorm = async (folder: string): Promise<Aftermath> => {
  const startedMs = performance.now();
  const stateDir = join(folder, 'state');
  const port = await findFreePort();
  const [slackProcess, mistral] = await Promise.all([startSlack(folder, port), startMistral()]);
  const environment = {
    PORT: String(port),
    STATE_DIR: stateDir,
    ALERTS_TOKEN: TOKENS.alerts,
    SLACK_BOT_TOKEN: TOKENS.slack,
    SLACK_SIGNING_SECRET: TOKENS.signing,
    SLACK_CHANNEL: 'incidents',
    SLACK_API_URL: `${slackProcess.url}/api/`,
    MISTRAL_API_KEY: KEYS.current,
    MISTRAL_STANDBY_KEY: KEYS.standby,
    MISTRAL_SERVER_URL: mistral.url,
  };
  const signal = AbortSignal.timeout(STORM_LIMIT_MS);
  const monitor = openMonitor(`http://127.0.0.1:${port}`, TOKENS.alerts, signal);
  const slack = openConsole(slackProcess.url, TOKENS.slack);
  const place = { environment, dieLog: join(folder, 'deaths.log') };
  const { bot, ...storm } = await runStorm({ place, monitor, slack, signal });
  const stormSeconds = Math.round((performance.now() - startedMs) / 1000);
  const state = await openState(stateDir, systemClock);
  const unrest = await waitForQuiet(state, QUIET_LIMIT_MS);
  const ended = { ...(await stopProcess(bot)), unrest };
  return {
    ...{ storm, monitor, slack, stateDir, state, ended },
    kept: await readIncidents(state),
    report: [
      `storm ${stormSeconds} s, quiet after ${Math.round((performance.now() - startedMs) / 1000)} s`,
      `deaths ${JSON.stringify(storm.deaths)}, ${storm.kills} in all`,
      `bodies answered 202: ${storm.posts}, alerts in 202s: ${storm.accepted}, mitigations pressed: ${storm.pressed}`,
    ],
  };
};
