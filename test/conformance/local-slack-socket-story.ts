import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as peer from './local-slack-peer.ts';

/** Plays clicks and a command over socket mode and prints what was seen as one JSON line, for the test that started it. */
const [program = '', folder = ''] = process.argv.slice(2);

const postAlert = async (): Promise<number> => {
  const headers = { authorization: `Bearer ${peer.ALERTS_TOKEN}`, 'content-type': 'application/json' };
  const body = readFileSync('lib/local/demo-alert.json', 'utf8');
  return (await fetch(`${peer.BOT}/alerts/alertmanager`, { method: 'POST', headers, body })).status;
};

const root = (): Promise<peer.Message> =>
  peer.until(
    'the message is there',
    async () => (await peer.readHistory()).find((message) => peer.buttonsOf(message).length > 0) ?? null,
  );

const withButton = (actionId: string): Promise<peer.Message> =>
  peer.until(`the message shows ${actionId}`, async () => {
    const message = await root();
    return peer.buttonsOf(message).some((button) => button.action_id === actionId) ? message : null;
  });

const output = (): string => readFileSync(join(folder, 'bot.out'), 'utf8');

const ended = async (child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> => {
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
  return child.exitCode;
};

const play = async () => {
  const first = await peer.startLocalSlack(program, folder, 'socket');
  const bot = await peer.startBot(folder, 'socket');
  await peer.until('the bot is ready', () => Promise.resolve(output().includes('ready ')));
  const alertStatus = await postAlert();
  const shown = await withButton('incident.acknowledge');
  await peer.press(shown, 'U0MAYA', 'incident.acknowledge');
  const acknowledged = await withButton('incident.unacknowledge');
  await peer.command('U0MAYA', '');
  const shownAtOnce = await peer.until(
    'the command is answered',
    async () => (await peer.readHistory()).find(({ text }) => text.startsWith('On it')) ?? null,
  );
  const unsigned = await fetch(`${peer.BOT}/slack/events`, { method: 'POST', body: 'command=%2Fmistral-triage' });
  const acks = (await peer.readLog()).filter((line) => line.kind === 'ack').length;
  await ended(first, 'SIGKILL');
  await peer.until('the loss is told', () => Promise.resolve(output().includes('slack: socket mode: ')));
  await peer.startLocalSlack(program, folder, 'socket');
  await peer.until('the bot is back', () => Promise.resolve(output().includes('connected again')));
  await peer.command('U0MAYA', 'status');
  const afterwards = await peer.until('the status is told', async () =>
    (await peer.readLog()).some((line) => line.summary === 'chat.postEphemeral'),
  );
  const exit = await ended(bot, 'SIGINT');
  return { alertStatus, shown, acknowledged, shownAtOnce, unsigned: unsigned.status, acks, afterwards, exit };
};

process.stdout.write(`${JSON.stringify(await play())}\n`);
process.exit(0);
