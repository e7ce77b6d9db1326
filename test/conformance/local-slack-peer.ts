import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';

/**
 * Drives local-slack 0.1.8, a Slack that nobody here wrote, and a bot against it. It listens on every interface and cannot be told
 * otherwise, so this runs in a network namespace of its own, where fixed ports are free.
 */
const SLACK = 'http://127.0.0.1:3100';
export const BOT = 'http://127.0.0.1:3000';
const CHANNEL = 'C0INCIDENTS';
export const BOT_TOKEN = 'xoxb-test-bot-token';
export const SIGNING_SECRET = 'test-signing-secret-current';
export const ALERTS_TOKEN = 'test-alerts-token';
export const APP_TOKEN = 'xapp-test-app-token';

/** How it sends clicks: over HTTP, signed, or over the socket that the bot opened. */
type Mode = 'events' | 'socket';

const configOf = (mode: Mode) => ({
  workspace: { name: 'Night Shift', domain: 'night-shift', teamId: 'T0TRIAGE' },
  app: {
    appId: 'A0TRIAGE',
    botUserId: 'U0TRIAGE',
    botName: 'mistral-triage',
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
    signingSecret: SIGNING_SECRET,
    mode,
    ...(mode === 'events' ? { requestUrl: `${BOT}/slack/events` } : {}),
  },
  users: [
    { id: 'U0MAYA', name: 'maya', realName: 'Maya Ortiz' },
    { id: 'U0NOAH', name: 'noah', realName: 'Noah Lind' },
  ],
  channels: [{ id: CHANNEL, name: 'incidents' }],
});

/** Its user groups are missing, so who may mitigate is named. */
const TRIAGE_CONFIG = `export default {
  services: [{ name: 'mistral-api', environment: 'production', models: ['mistral-small-latest'] }],
  mayMitigate: { users: ['U0MAYA'], groups: [] },
};`;

const start = (
  folder: string,
  name: string,
  command: readonly string[],
  more: NodeJS.ProcessEnv = {},
): ChildProcess => {
  const [program = '', ...args] = command;
  const output = openSync(join(folder, `${name}.out`), 'a');
  const env = { PATH: process.env['PATH'], HOME: folder, ...more };
  const child = spawn(program, args, { stdio: ['ignore', output, output], env });
  closeSync(output);
  return child;
};

export const startLocalSlack = async (
  program: string,
  folder: string,
  mode: Mode = 'events',
): Promise<ChildProcess> => {
  // JSON is YAML.
  writeFileSync(join(folder, 'local-slack.json'), JSON.stringify(configOf(mode)));
  const options = ['--config', join(folder, 'local-slack.json'), '--port', '3100', '--base-host', '127.0.0.1'];
  const child = start(folder, 'local-slack', [program, ...options, '--files-dir', join(folder, 'files')]);
  await until('local-slack answers', () => fetch(`${SLACK}/_control/state`).then((response) => response.ok));
  return child;
};

const botEnvironment = (folder: string, mode: Mode): NodeJS.ProcessEnv => ({
  SLACK_BOT_TOKEN: BOT_TOKEN,
  ...(mode === 'events' ? { SLACK_SIGNING_SECRET: SIGNING_SECRET } : { SLACK_APP_TOKEN: APP_TOKEN }),
  SLACK_CHANNEL: 'incidents',
  SLACK_API_URL: `${SLACK}/api/`,
  ALERTS_TOKEN,
  STATE_DIR: join(folder, 'state'),
  TRIAGE_CONFIG: join(folder, 'triage.config.mjs'),
  PORT: '3000',
});

export const startBot = async (folder: string, mode: Mode = 'events'): Promise<ChildProcess> => {
  writeFileSync(join(folder, 'triage.config.mjs'), TRIAGE_CONFIG);
  const child = start(folder, 'bot', [process.execPath, 'lib/local/run.js', 'start'], botEnvironment(folder, mode));
  // After its first routine check: the embedded Mistral revokes the key that was used last.
  await until('the bot is healthy', () => fetch(`${BOT}/health`).then((response) => response.ok));
  return child;
};

/** `npm run break -- FAULT` against that bot. */
export const breakMistral = async (folder: string, fault: string): Promise<number | null> => {
  const command = [process.execPath, 'lib/local/run.js', 'break', fault];
  const child = start(folder, 'break', command, botEnvironment(folder, 'events'));
  return new Promise((resolve) => child.once('exit', resolve));
};

/** Asks again every 100 ms until the answer is neither null nor false; a refused connection counts as "not yet". */
export const until = async <T>(what: string, ask: () => Promise<T | null | false>, limitMs = 30_000): Promise<T> => {
  const deadlineMs = Date.now() + limitMs;
  while (Date.now() < deadlineMs) {
    const answer = await ask().catch(() => null);
    if (answer !== null && answer !== false) return answer;
    await sleep(100);
  }
  throw new Error(`did not happen within ${limitMs} ms: ${what}`);
};

const ELEMENT = z.object({ action_id: z.optional(z.string()), value: z.optional(z.string()) });
const MESSAGE = z.object({
  ts: z.string(),
  text: z.string(),
  blocks: z.optional(
    z.array(z.object({ block_id: z.optional(z.string()), elements: z.optional(z.array(z.unknown())) })),
  ),
});
const HISTORY = z.object({ messages: z.array(MESSAGE) });

export type Message = z.output<typeof MESSAGE>;

/** The root messages of the channel, newest first, as any client of its Web API sees them. */
export const readHistory = async (): Promise<readonly Message[]> => {
  const headers = { authorization: `Bearer ${BOT_TOKEN}` };
  const body = new URLSearchParams({ channel: CHANNEL });
  const response = await fetch(`${SLACK}/api/conversations.history`, { method: 'POST', headers, body });
  return z.parse(HISTORY, await response.json()).messages;
};

export const buttonsOf = (message: Message): readonly { readonly action_id: string; readonly value: string }[] =>
  (message.blocks ?? [])
    .flatMap((block) => block.elements ?? [])
    .map((element) => z.safeParse(ELEMENT, element))
    .flatMap((read) =>
      read.success && read.data.action_id !== undefined
        ? [{ action_id: read.data.action_id, value: read.data.value ?? '' }]
        : [],
    );

/** A person presses a button that is really there; local-slack signs the interaction and sends it to the bot. */
export const press = async (message: Message, user: string, action_id: string): Promise<void> => {
  const button = buttonsOf(message).find((one) => one.action_id === action_id);
  if (button === undefined) throw new Error(`no button ${action_id} to press`);
  await control('interact', { channel: CHANNEL, messageTs: message.ts, user, action: { type: 'button', ...button } });
};

export const command = (user: string, text: string): Promise<void> =>
  control('command', { channel: CHANNEL, user, command: '/mistral-triage', text });

const control = async (name: string, body: unknown): Promise<void> => {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${SLACK}/_control/${name}`, init);
  if (!response.ok) throw new Error(`local-slack refused ${name}: ${response.status} ${await response.text()}`);
};

const LOG = z.object({
  log: z.array(
    z.object({ direction: z.string(), kind: z.string(), summary: z.string(), detail: z.optional(z.unknown()) }),
  ),
});

/** What went over the wire, as local-slack saw it. */
export const readLog = async () => z.parse(LOG, await (await fetch(`${SLACK}/_control/log`)).json()).log;
