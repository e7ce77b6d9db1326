import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createSlackChat } from '../../../lib/adapters/slack/chat.ts';
import { openEmbeddedSlack } from '../../../lib/local/slack/embedded-slack.ts';

const TOKEN = 'xoxb-test-bot-token';

/** The embedded Slack over real HTTP, our chat on it, and its console to set the scene. Time stands still where a test wants it to. */
export const openSlack = async (options: { readonly eventsUrl?: string; readonly signingSecret?: string } = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'slack-chat-'));
  const time = { nowMs: Date.UTC(2026, 10, 20, 12, 0, 0) };
  const clock = { nowMs: () => time.nowMs };
  const slack = await openEmbeddedSlack({
    statePath: join(folder, 'slack.sqlite'),
    botToken: TOKEN,
    signingSecret: options.signingSecret ?? 'test-signing-secret-current',
    eventsUrl: () => options.eventsUrl ?? 'http://127.0.0.1:9/slack/events',
    channels: ['incidents'],
    clock,
    limits: { messagesPerSecondPerChannel: false },
  });
  const server = createServer((request, response) => {
    slack.handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await slack.close();
    rmSync(folder, { recursive: true });
  });
  const order = async (name: string, body: unknown): Promise<unknown> => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    return (await fetch(`${url}/console/${name}`, init)).json();
  };
  /** Any method of the Web API, as another client of the same token would call it. */
  const ask = async (method: string, args: Readonly<Record<string, string>>): Promise<unknown> => {
    const init = { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` }, body: new URLSearchParams(args) };
    return (await fetch(`${url}/api/${method}`, init)).json();
  };
  const chat = createSlackChat({ token: TOKEN, apiUrl: `${url}/api/`, timeoutMs: 500, clock });
  return { chat, order, ask, time, url };
};
