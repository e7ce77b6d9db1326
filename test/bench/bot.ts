import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { type Child, startChild } from './child.ts';
import { annotationsOf, createPoster, labelsOf, type System, serviceOf } from './system.ts';

const LIB = resolve(import.meta.dirname, '../../lib');
const RUN = join(LIB, 'local/run.js');
const TOKEN = 'bench-alerts-token-0123456789';
const KEY = 'bench-mistral-key-current';
const HEALTH_LIMIT_MS = 60_000;
const HEALTH_LOOK_MS = 100;

export type Bot = System & {
  /** Kills it without warning and counts the alerts that are in an incident of its state. */
  readonly killAndCount: () => Promise<number>;
};

type Options = { readonly folder: string; readonly sinkUrl: string; readonly services: number };

/**
 * `npm start` as shipped in a process of its own, with the sink as its Slack and the embedded Mistral, healthy, in another process, as a
 * real one would be. Each service has its own channel, so that the pacer (one message a second and channel) does not wait.
 */
export const startBot = async ({ folder, sinkUrl, services }: Options): Promise<Bot> => {
  const mistral = await startChild({
    command: process.execPath,
    args: [join(LIB, 'local/mistral/main.ts')],
    environment: { EMBEDDED_MISTRAL_KEYS: KEY },
    readyLine: /^ready (\S+)$/m,
  });
  const stateDir = join(folder, 'state');
  await mkdir(stateDir, { recursive: true });
  const environment = {
    PORT: '0',
    STATE_DIR: stateDir,
    TRIAGE_CONFIG: await writeConfig(folder, services),
    ALERTS_TOKEN: TOKEN,
    MISTRAL_API_KEY: KEY,
    MISTRAL_SERVER_URL: mistral.ready[1] ?? '',
    SLACK_BOT_TOKEN: 'bench-slack-token',
    SLACK_SIGNING_SECRET: 'bench-signing-secret',
    SLACK_CHANNEL: serviceOf(0),
    SLACK_API_URL: `${sinkUrl}/api/`,
  };
  const bot = await startReady(environment, mistral);
  const post = createPoster(`${bot.ready[1] ?? ''}/alerts/alertmanager`, { authorization: `Bearer ${TOKEN}` });
  const idOf = (index: number): string => `BenchBot${String(index).padStart(4, '0')}`;
  const stop = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    await Promise.all([bot.stop(signal), mistral.stop('SIGTERM')]);
  };
  return {
    name: 'mistral-triage',
    idOf,
    post: (index) => post(bodyOf(idOf(index), serviceOf(index))),
    stop: () => stop('SIGTERM'),
    killAndCount: async () => {
      await stop('SIGKILL');
      return countAlerts(environment);
    },
  };
};

/** Ready when every service was checked once: the first checks must not run into the first alerts. */
const startReady = async (environment: Readonly<Record<string, string>>, mistral: Child): Promise<Child> => {
  const bot = await startChild({
    command: process.execPath,
    args: [RUN, 'start'],
    environment,
    readyLine: /^ready (\S+)$/m,
  }).catch(async (error: unknown) => {
    await mistral.stop('SIGTERM');
    throw error;
  });
  const endMs = performance.now() + HEALTH_LIMIT_MS;
  while ((await fetch(`${bot.ready[1] ?? ''}/health`)).status !== 200) {
    if (performance.now() > endMs) {
      await Promise.all([bot.stop('SIGKILL'), mistral.stop('SIGTERM')]);
      throw new Error(`the bot was not healthy within ${HEALTH_LIMIT_MS} ms`);
    }
    await new Promise((resume) => setTimeout(resume, HEALTH_LOOK_MS));
  }
  return bot;
};

const writeConfig = async (folder: string, services: number): Promise<string> => {
  const path = join(folder, 'bench.config.ts');
  const config = {
    services: Array.from({ length: services }, (_, index) => ({
      name: serviceOf(index),
      models: ['mistral-small-latest'],
      channel: serviceOf(index),
    })),
  };
  await writeFile(path, `export default ${JSON.stringify(config, null, 2)};\n`);
  return path;
};

/** Alertmanager's webhook, version 4, with one alert in a group of its own. */
const bodyOf = (id: string, service: string): object => {
  const labels = labelsOf(id, service);
  return {
    version: '4',
    status: 'firing',
    receiver: 'mistral-triage',
    groupKey: `{}:{alertname="${id}"}`,
    truncatedAlerts: 0,
    groupLabels: { alertname: id },
    commonLabels: labels,
    commonAnnotations: annotationsOf(id),
    externalURL: 'http://127.0.0.1:9093',
    alerts: [
      {
        status: 'firing',
        labels,
        annotations: annotationsOf(id),
        startsAt: new Date().toISOString(),
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://127.0.0.1:9090/graph',
        fingerprint: Buffer.from(id).toString('hex'),
      },
    ],
  };
};

const incidentsSchema = z.array(z.object({ alerts: z.array(z.object({ key: z.string() })) }));

const countAlerts = async (environment: Readonly<Record<string, string>>): Promise<number> => {
  const { stdout } = await promisify(execFile)(process.execPath, [RUN, 'incidents', '--json'], {
    env: { ...environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  const incidents = incidentsSchema.parse(JSON.parse(stdout));
  return new Set(incidents.flatMap((incident) => incident.alerts.map(({ key }) => key))).size;
};
