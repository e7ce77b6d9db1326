import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openControls } from '../../lib/adapters/embedded/controls.ts';
import { openDocuments } from '../../lib/adapters/embedded/documents.ts';
import { createHealthCalls } from '../../lib/adapters/http.ts';
import { createMistralCalls } from '../../lib/adapters/mistral/calls.ts';
import { createSlackChat } from '../../lib/adapters/slack/chat.ts';
import { createIds } from '../../lib/adapters/system.ts';
import { openState } from '../../lib/app/local-state.ts';
import { settingsOf } from '../../lib/app/settings.ts';
import { type ConfigInput, readConfig } from '../../lib/config.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import { deliverDue } from '../../lib/flows/deliver-due.ts';
import type { Parts } from '../../lib/flows/parts.ts';
import { wakeTimers } from '../../lib/flows/wake-timers.ts';
import { openEmbeddedMistral } from '../../lib/local/mistral/server.ts';
import { runQueueOnce } from '../../lib/local/run-queue.ts';
import { openEmbeddedSlack } from '../../lib/local/slack/embedded-slack.ts';
import { NO_SOURCES } from '../../lib/ports/probe-sources.ts';

const TOKEN = 'test-bot-token';
const CURRENT_KEY = 'test-key-current';
export const STANDBY_KEY = 'test-key-standby';

/** The real parts in a folder of their own, with a clock that the test moves and no loops: the test says when work is done. */
export const openWorld = async (change: Partial<ConfigInput> = {}, parts: Partial<Parts> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'triage-flows-'));
  let nowMs = Date.parse('2026-11-20T12:00:00.000Z');
  const clock = { nowMs: () => nowMs };
  const config = readConfig({
    services: [{ name: 'mistral-api', models: ['mistral-small-latest'] }],
    mayMitigate: { users: ['U0MAYA'], groups: [] },
    ...change,
  });
  const state = await openState(folder, clock);
  await state.secrets.seed('MISTRAL_SECRET_ID', { current: CURRENT_KEY, standby: STANDBY_KEY });
  const slack = await openEmbeddedSlack({
    statePath: join(folder, 'slack.sqlite'),
    botToken: TOKEN,
    signingSecret: 'test-signing-secret',
    eventsUrl: () => 'http://127.0.0.1:9/slack/events',
    channels: ['incidents'],
    clock,
    limits: { messagesPerSecondPerChannel: false },
  });
  const server = createServer((request, response) => {
    slack.handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const slackUrl = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  const mistral = await openEmbeddedMistral({
    keys: [
      { name: 'current', value: CURRENT_KEY },
      { name: 'standby', value: STANDBY_KEY },
    ],
    models: ['mistral-small-latest'],
    clock,
  });
  const chat = createSlackChat({ token: TOKEN, apiUrl: `${slackUrl}/api/`, timeoutMs: 2_000, clock });
  const whole: Parts = {
    store: state.store,
    jobs: state.jobs,
    secrets: state.secrets,
    projection: openControls(folder),
    documents: openDocuments(folder),
    chat,
    people: chat,
    mistral: createMistralCalls({ serverUrl: mistral.url, clock }),
    health: createHealthCalls(),
    sources: NO_SOURCES,
    telemetry: null,
    clock,
    ids: createIds(),
    // Waiting for Slack's lag moves the clock; the slices of the probes' deadline take their real time.
    wait: async (ms) => {
      if (ms > 200) nowMs += ms;
      else await new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
    },
    log: () => undefined,
    checkpoint: () => Promise.resolve(),
    settings: {
      ...settingsOf(config, { channel: 'incidents', secretId: (id) => id, keysLiveIn: 'local' }),
      pace: { messageMs: 0, editMs: 0, editsPerMinute: 60_000 },
    },
    heldSecrets: () => Promise.resolve([CURRENT_KEY, STANDBY_KEY, TOKEN]),
    unreadSecrets: () => Promise.resolve([]),
    configuration: {},
    nudge: () => undefined,
    ...parts,
  };
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${slackUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return {
    parts: whole,
    state,
    folder,
    slackUrl,
    pass: (ms: number): void => {
      nowMs += ms;
    },
    breakMistral: async (fault: string): Promise<void> => {
      const url = `${mistral.url}/control/fault`;
      await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ fault }),
      });
    },
    breakSlack: async (mode: string, count?: number): Promise<void> =>
      void (await post('/console/faults', { mode, ...(count ? { count } : {}) })),
    /** Works until nothing is left to do now. */
    settle: async (): Promise<void> => {
      for (let round = 0; round < 40; round += 1) {
        await wakeTimers(whole);
        let done = 0;
        for (const queue of ['jobs', 'mitigate', 'triage'] as const)
          done += await runQueueOnce(whole, { queue, atOnce: 50, leaseMs: 15_000 });
        await deliverDue(whole, 250);
        if (done === 0) return;
      }
    },
    incident: async (id: string): Promise<Incident> => {
      const stored = await whole.store.read('incident', id);
      if (!stored) throw new Error(`no incident ${id}`);
      return stored.record;
    },
    close: async (): Promise<void> => {
      await Promise.all([slack.close(), mistral.close(), new Promise((resolve) => server.close(resolve))]);
      server.closeAllConnections();
      await state.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export type World = Awaited<ReturnType<typeof openWorld>>;
