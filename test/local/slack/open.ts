import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, LogLevel, WebClient } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import { type EmbeddedSlackOptions, openEmbeddedSlack } from '../../../lib/local/slack/embedded-slack.ts';
import { isRecord } from '../../../lib/local/slack/validate-parts.ts';

export const BOT_TOKEN = 'bot-token-for-tests';
export const SIGNING_SECRET = 'signing-secret-for-tests';
export const START_MS = 1_763_632_800_000;

export type Heard = { readonly headers: IncomingHttpHeaders; readonly body: string; readonly form: URLSearchParams };

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
};

/** A bot that answers as told and remembers what it heard. */
const openReceiver = async () => {
  const heard: Heard[] = [];
  let answer: { status: number; body: string; hangs?: boolean } = { status: 200, body: '' };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      heard.push({ headers: request.headers, body, form: new URLSearchParams(body) });
      if (answer.hangs !== true) response.writeHead(answer.status).end(answer.body);
    });
  });
  const port = await listen(server);
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return {
    url: `http://127.0.0.1:${port}/slack/events`,
    heard,
    answerWith: (status: number, body = '', hangs = false): void => {
      answer = { status, body, hangs };
    },
    payload: (): Record<string, unknown> => {
      const parsed: unknown = JSON.parse(heard.at(-1)?.form.get('payload') ?? 'null');
      return isRecord(parsed) ? { ...parsed } : {};
    },
    close,
  };
};

export const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-slack-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** One embedded Slack behind a real server, a clock that stands still until moved, the real client, and a bot. */
export const openSlack = async (more: Partial<EmbeddedSlackOptions> = {}) => {
  const clock = { ms: START_MS };
  const bot = await openReceiver();
  const statePath = more.statePath ?? join(makeFolder(), 'slack.db');
  const slack = await openEmbeddedSlack({
    statePath,
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    eventsUrl: () => bot.url,
    channels: ['incidents', 'drills'],
    clock: { nowMs: () => clock.ms },
    ...more,
  });
  const server = createServer((request, response) => {
    void slack.handle(request, response).then((isAnswered) => {
      if (!isAnswered) response.writeHead(418).end();
    });
  });
  const origin = `http://127.0.0.1:${await listen(server)}`;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await slack.close();
  };
  onTestFinished(close);
  return { origin, clock, bot, statePath, close, client: clientOf(origin), ...pageOf(origin) };
};

const nothing = (): void => undefined;
const SILENT: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => LogLevel.ERROR,
  setName: nothing,
};

export const clientOf = (origin: string, token = BOT_TOKEN): WebClient =>
  new WebClient(token, {
    slackApiUrl: `${origin}/api/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 2_000,
    logger: SILENT,
  });

/** What the page does, over the same wire. */
const pageOf = (origin: string) => ({
  press: async (order: string, body: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${origin}/console/${order}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const parsed: unknown = await response.json();
    return isRecord(parsed) ? { ...parsed } : {};
  },
  look: async (user: string): Promise<Shown> => {
    const response = await fetch(`${origin}/console/state?user=${user}`);
    const parsed: unknown = await response.json();
    if (!isRecord(parsed)) throw new Error('no state');
    const channels = recordsOf(parsed['channels']);
    const view = parsed['view'];
    return {
      channels,
      messages: channels.flatMap((channel) => recordsOf(channel['messages'])),
      ephemerals: recordsOf(parsed['ephemerals']),
      view: isRecord(view) ? view : null,
    };
  },
});

export type Fields = Readonly<Record<string, unknown>>;
type Shown = {
  readonly channels: readonly Fields[];
  readonly messages: readonly Fields[];
  readonly ephemerals: readonly Fields[];
  readonly view: Fields | null;
};

export const recordsOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** The error word of a refused call, or `ok`. */
export const wordOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (!isRecord(error)) return String(error);
    const data = error['data'];
    return isRecord(data) ? String(data['error']) : String(error['code']);
  }
};

export const plain = (text: string) => ({ type: 'plain_text' as const, text });

export const button = (actionId: string, value = 'v1') => ({
  type: 'button' as const,
  text: plain(actionId),
  action_id: actionId,
  value,
});

export const actions = (...ids: readonly string[]) => ({
  type: 'actions' as const,
  block_id: 'buttons',
  elements: ids.map((id) => button(id)),
});

/** With one message that has two buttons. */
export const openWithButtons = async () => {
  const slack = await openSlack({ limits: { messagesPerSecondPerChannel: false } });
  const posted = await slack.client.chat.postMessage({
    channel: 'incidents',
    text: 'P1',
    blocks: [actions('incident.acknowledge', 'incident.resolve')],
    metadata: { event_type: 'mistral_incident', event_payload: { incident_id: 'INC-1' } },
  });
  const ts = String(posted.ts);
  const click = (more: Record<string, unknown> = {}) =>
    slack.press('click', { user: 'U0MAYA', channel: 'C0INCIDENTS', ts, action_id: 'incident.resolve', ...more });
  return { ...slack, ts, click };
};
