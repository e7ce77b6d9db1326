import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { findFreePort } from '../free-port.ts';
import { eventually, type Running, type RunningBot, startBot, startProcess, untilReady } from './processes.ts';

/** Paths of the real programs, as `.ci/run` finds them. Where CI is true, their absence is a failure. */
const ALERTMANAGER = process.env['ALERTMANAGER_BIN'] ?? '';
const PROMETHEUS = process.env['PROMETHEUS_BIN'] ?? '';
const mayBeMissing = process.env['CI'] !== 'true';

const TOKEN = 'test-alerts-token';

const incidentsSchema = z.array(
  z.object({
    id: z.string(),
    status: z.string(),
    severity: z.string(),
    service: z.string(),
    alerts: z.array(z.object({ key: z.string(), source: z.string(), state: z.string(), count: z.number() })),
    rootMessage: z.nullable(z.object({ channel: z.string(), ts: z.string() })),
  }),
);
const stateSchema = z.object({
  channels: z.array(
    z.object({
      id: z.string(),
      messages: z.array(z.object({ ts: z.string(), thread_ts: z.optional(z.string()), blocks: z.unknown() })),
    }),
  ),
});

let folder = '';
let bot: RunningBot;
let alertmanagerUrl = '';
let running: Running[] = [];

const startAlertmanager = async (): Promise<string> => {
  const port = await findFreePort();
  const config = {
    route: {
      receiver: 'bot',
      group_by: ['alertname', 'service'],
      group_wait: '1s',
      group_interval: '2s',
      repeat_interval: '4s',
    },
    receivers: [
      {
        name: 'bot',
        webhook_configs: [
          {
            url: `${bot.url}/alerts/alertmanager/conformance`,
            send_resolved: true,
            http_config: { follow_redirects: false, authorization: { type: 'Bearer', credentials: TOKEN } },
          },
        ],
      },
    ],
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'alertmanager.yml'), JSON.stringify(config));
  const url = `http://127.0.0.1:${port}`;
  const alertmanager = startProcess(ALERTMANAGER, [
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${join(folder, 'alertmanager')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ]);
  running.push(alertmanager);
  await untilReady('Alertmanager', alertmanager, async () => ((await fetch(`${url}/-/ready`)).ok ? true : null));
  return url;
};

beforeEach(async () => {
  running = [];
  folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  bot = await startBot(join(folder, 'state'), TOKEN);
  running.push(bot);
  if (ALERTMANAGER !== '') alertmanagerUrl = await startAlertmanager();
});

afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const readIncidents = async () => incidentsSchema.parse(await bot.incidents());

/** Messages that stand in a channel and not in a thread. */
const readRoots = async () => {
  const state = stateSchema.parse(await (await fetch(`${bot.url}/console/state?user=U0MAYA`)).json());
  return state.channels.flatMap(({ id, messages }) =>
    messages
      .filter(({ ts, thread_ts }) => thread_ts === undefined || thread_ts === ts)
      .map(({ ts, blocks }) => ({ channel: id, ts, blocks })),
  );
};

type Incidents = Awaited<ReturnType<typeof readIncidents>>;

/** Waits for a state of all incidents, told as one line per alert: `firing ×3`. */
const untilAlerts = (what: string, isSo: (alerts: Incidents[number]['alerts']) => boolean): Promise<Incidents> =>
  eventually(what, async () => {
    const incidents = await readIncidents();
    if (isSo(incidents.flatMap(({ alerts }) => alerts))) return incidents;
    throw new Error(`incidents: ${JSON.stringify(incidents)}`);
  });

const expectOneIncident = async (incidents: Incidents): Promise<void> => {
  expect(incidents).toHaveLength(1);
  const roots = await eventually('a root message', async () => {
    const found = await readRoots();
    return found.length > 0 ? found : null;
  });
  expect(roots).toHaveLength(1);
  const [incident] = await readIncidents();
  expect(incident?.rootMessage).toEqual({ channel: roots[0]?.channel, ts: roots[0]?.ts });
};

describe('a real Alertmanager', () => {
  const post = async (...alerts: readonly object[]): Promise<void> => {
    const response = await fetch(`${alertmanagerUrl}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts),
    });
    expect(response.status).toBe(200);
  };
  const alert = (model: string) => ({
    labels: { alertname: 'MistralHigh5xx', service: 'mistral-api', severity: 'critical', model },
    annotations: { summary: 'API <!channel> down\u0000 & out' },
    generatorURL: 'http://prometheus.invalid/graph',
  });

  it.skipIf(ALERTMANAGER === '' && mayBeMissing)(
    'fires, is joined, repeats and resolves: one incident, one root message',
    async () => {
      expect(ALERTMANAGER).not.toBe('');
      await post(alert('mistral-large-latest'));
      const fired = await untilAlerts('it fires', ([one]) => one?.state === 'firing');
      expect(fired).toMatchObject([{ severity: 'P1', service: 'mistral-api', alerts: [{ source: 'alertmanager' }] }]);
      await expectOneIncident(fired);

      await post(alert('mistral-large-latest'), alert('codestral-latest'));
      await untilAlerts('a second series joins', (alerts) => alerts.length === 2);
      const repeated = await untilAlerts(
        'both repeat',
        (alerts) => alerts.length === 2 && alerts.every(({ count }) => count >= 3),
      );
      await expectOneIncident(repeated);

      const shownWhileFiring = JSON.stringify(await readRoots());
      await post({ ...alert('mistral-large-latest'), endsAt: new Date().toISOString() });
      await untilAlerts(
        'one of two resolves',
        (alerts) => alerts.filter(({ state }) => state === 'resolved').length === 1,
      );
      await post({ ...alert('codestral-latest'), endsAt: new Date().toISOString() });
      const resolved = await untilAlerts(
        'both are resolved',
        (alerts) => alerts.length === 2 && alerts.every(({ state }) => state === 'resolved'),
      );
      await expectOneIncident(resolved);
      expect(resolved[0]?.id).toBe(fired[0]?.id);
      await eventually('the message shows it', async () =>
        JSON.stringify(await readRoots()) === shownWhileFiring ? null : true,
      );
    },
  );
});

describe('a real Prometheus in front of it', () => {
  /** An application whose gauge the test turns. */
  const startApplication = async () => {
    let gauge = 0;
    const server = createServer((_request, response) => {
      response.end(`mistral_demo_5xx_per_min{service="mistral-api",model="mistral-large-latest"} ${gauge}\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    running.push({
      output: () => '',
      isGone: () => false,
      stop: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    });
    return {
      port: address.port,
      set: (value: number) => {
        gauge = value;
      },
    };
  };

  const startPrometheus = async (applicationPort: number): Promise<void> => {
    const port = await findFreePort();
    const rules = {
      groups: [
        {
          name: 'mistral',
          rules: [
            {
              alert: 'MistralHigh5xx',
              expr: 'mistral_demo_5xx_per_min > 10',
              for: '1s',
              labels: { severity: 'warning', priority: 'P1' },
            },
          ],
        },
      ],
    };
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [join(folder, 'rules.yml')],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanagerUrl).host] }] }] },
      scrape_configs: [{ job_name: 'app', static_configs: [{ targets: [`127.0.0.1:${applicationPort}`] }] }],
    };
    writeFileSync(join(folder, 'rules.yml'), JSON.stringify(rules));
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    const prometheus = startProcess(PROMETHEUS, [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--rules.alert.resend-delay=2s',
    ]);
    running.push(prometheus);
    const readyUrl = `http://127.0.0.1:${port}/-/ready`;
    await untilReady('Prometheus', prometheus, async () => ((await fetch(readyUrl)).ok ? true : null));
  };

  const isMissing = ALERTMANAGER === '' || PROMETHEUS === '';
  it.skipIf(isMissing && mayBeMissing)('makes one incident of a fault that comes, stays and goes', async () => {
    expect(isMissing).toBe(false);
    const application = await startApplication();
    await startPrometheus(application.port);
    application.set(42);
    const fired = await untilAlerts('it fires', ([one]) => one?.state === 'firing');
    // The rule's priority outranks its severity word.
    expect(fired).toMatchObject([{ severity: 'P1', service: 'mistral-api' }]);
    const repeated = await untilAlerts('it repeats', ([one]) => (one?.count ?? 0) >= 2);
    await expectOneIncident(repeated);
    application.set(0);
    const resolved = await untilAlerts(
      'it is resolved',
      (alerts) => alerts.length === 1 && alerts[0]?.state === 'resolved',
    );
    await expectOneIncident(resolved);
  });
});
