import { readFileSync } from 'node:fs';
import * as peer from './local-slack-peer.ts';

/** Plays the main job against local-slack and prints what it saw as one JSON line, for the test that started it. */
const [program = '', folder = ''] = process.argv.slice(2);

const isAnswer = (message: peer.Message): boolean =>
  peer.buttonsOf(message).some(({ value }) => value.startsWith('ask:'));

/** Its history also holds what only one person should see, which has no buttons. */
const roots = async () =>
  (await peer.readHistory()).filter((message) => peer.buttonsOf(message).length > 0 && !isAnswer(message));

/** The answer to `/mistral-triage` alone, once it is the verdict for this person. */
const answerFor = (user: string): Promise<peer.Message> =>
  peer.until(
    `the answer for ${user} is shown`,
    async () => (await answers()).find((message) => JSON.stringify(message).includes(`asked by <@${user}>`)) ?? null,
  );

const answers = async () => (await peer.readHistory()).filter(isAnswer);

const root = async (): Promise<peer.Message> => {
  const [message] = await roots();
  if (message === undefined) throw new Error('no message yet');
  return message;
};

/** The root message once it has, or no longer has, a button. */
const withButton = (actionId: string, has = true): Promise<peer.Message> =>
  peer.until(`the message ${has ? 'shows' : 'loses'} ${actionId}`, async () => {
    const message = await root();
    return peer.buttonsOf(message).some((button) => button.action_id === actionId) === has ? message : null;
  });

const ephemerals = async (): Promise<readonly unknown[]> =>
  (await peer.readLog()).filter((line) => line.summary === 'chat.postEphemeral').map((line) => line.detail);

const play = async () => {
  await peer.startLocalSlack(program, folder);
  await peer.startBot(folder);
  const broke = await peer.breakMistral(folder, 'revoked-key');
  // A diagnosis answers everybody who asks within 2 s; the one of the start, a healthy one, must be over.
  const brokenMs = Date.now();
  await peer.until('two seconds are over', () => Promise.resolve(Date.now() > brokenMs + 2000));
  const alert = await fetch(`${peer.BOT}/alerts/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${peer.ALERTS_TOKEN}`, 'content-type': 'application/json' },
    body: readFileSync('lib/local/demo-alert.json', 'utf8'),
  });
  const first = await withButton('mitigation.rotate-key');
  await peer.press(first, 'U0MAYA', 'incident.acknowledge');
  const acknowledged = await withButton('incident.acknowledge', false);
  await peer.press(acknowledged, 'U0NOAH', 'mitigation.rotate-key');
  const refused = await peer.until('the refusal is told', async () => (await ephemerals())[0] ?? null);
  await peer.press(await withButton('mitigation.rotate-key'), 'U0MAYA', 'mitigation.rotate-key');
  const rotated = await withButton('mitigation.undo');
  await peer.command('U0MAYA', 'status');
  const status = await peer.until('the status is told', async () => (await ephemerals())[1] ?? null);
  await peer.press(await withButton('incident.resolve'), 'U0MAYA', 'incident.resolve');
  const resolved = await withButton('incident.reopen');
  await peer.command('U0MAYA', '');
  const answered = await answerFor('U0MAYA');
  await peer.press(answered, 'U0NOAH', 'incident.triage');
  const again = await answerFor('U0NOAH');
  const wire = (await peer.readLog()).map((line) => `${line.direction} ${line.kind} ${line.summary}`);
  const messages = { first, acknowledged, rotated, resolved, answered, again };
  const counted = { roots: (await roots()).length, answers: (await answers()).length };
  return { broke, alertStatus: alert.status, messages, refused, status, ...counted, wire };
};

process.stdout.write(`${JSON.stringify(await play())}\n`);
process.exit(0);
