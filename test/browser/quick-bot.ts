import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import alertBody from '../../lib/local/demo-alert.json' with { type: 'json' };
import { ROOT, startProcess, untilReady } from '../conformance/processes.ts';

const TOKEN = 'test-alerts-token';
const RUN = 'lib/local/run.js';

export type QuickBot = {
  readonly url: string;
  /** `npm run break -- FAULT`, on the Mistral of this bot. */
  readonly breakMistral: (fault: string) => Promise<void>;
  /** A captured Alertmanager body, as it came or with other texts; resolves with the status. */
  readonly postAlert: (change?: AlertChange) => Promise<number>;
  /** Ends it, waits for `meanwhile`, and starts it again with the same state and address. */
  readonly restart: (meanwhile: () => Promise<void>) => Promise<void>;
  readonly stop: () => Promise<void>;
};

type AlertChange = {
  readonly name?: string;
  readonly summary?: string;
  readonly labels?: Readonly<Record<string, string>>;
};

/** `npm start` in a process of its own, embedded Slack and Mistral, with checks in quick succession. */
export const startQuickBot = async (): Promise<QuickBot> => {
  const stateDir = mkdtempSync(join(tmpdir(), 'triage-page-'));
  let bot = await start(stateDir, '0');
  const { url } = bot;
  return {
    url,
    breakMistral: async (fault) => {
      const env = { PATH: process.env['PATH'] ?? '', STATE_DIR: stateDir };
      await promisify(execFile)(process.execPath, [RUN, 'break', ...fault.split(' ')], { cwd: ROOT, env });
    },
    postAlert: async (change = {}) => {
      const answer = await fetch(`${url}/alerts/alertmanager`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(bodyOf(change)),
      });
      return answer.status;
    },
    restart: async (meanwhile) => {
      await bot.stop();
      await meanwhile();
      bot = await start(stateDir, new URL(url).port);
    },
    stop: async () => {
      await bot.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
};

const start = async (stateDir: string, port: string) => {
  const environment = {
    STATE_DIR: stateDir,
    ALERTS_TOKEN: TOKEN,
    PORT: port,
    TRIAGE_CONFIG: join(ROOT, 'test/scenarios/configs/quick.ts'),
  };
  const bot = startProcess(process.execPath, [RUN, 'start'], environment);
  const url = await untilReady('the bot', bot, () =>
    Promise.resolve(/^ready (http:\S+)$/m.exec(bot.output())?.[1] ?? null),
  );
  return { ...bot, url };
};

const bodyOf = ({ name, summary, labels }: AlertChange): object => {
  const alerts = alertBody.alerts.map((alert) => ({
    ...alert,
    startsAt: new Date().toISOString(),
    labels: { ...alert.labels, ...labels, ...(name === undefined ? {} : { alertname: name }) },
    annotations: { ...alert.annotations, ...(summary === undefined ? {} : { summary }) },
    ...(name === undefined ? {} : { fingerprint: '00112233445566ff' }),
  }));
  return { ...alertBody, alerts, ...(name === undefined ? {} : { groupKey: `{}:{alertname="${name.slice(0, 50)}"}` }) };
};
