import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../free-port.ts';
import { eventually, type Running, startProcess, untilReady } from './processes.ts';

/** Made of unlike blocks, so that a part of one can be told from anything else. */
const SECRETS = {
  MISTRAL_API_KEY: 'planted-Q7f2Lk9sVx0Wm4Tz8Rb1',
  MISTRAL_STANDBY_KEY: 'planted-H3n6Yd5cJp2Ga7Ue4Xo9',
  SLACK_BOT_TOKEN: 'planted-Z1w8Bq4tKe6Nf3Mr7Si0',
  SLACK_SIGNING_SECRET: 'planted-D9v5Cg2hPa8Lj1Oy6Ut3',
  ALERTS_TOKEN: 'planted-E4x7Rk0mWs5Ib9Fn2Ql8',
} as const;

/** Every run of eight characters of a secret behind the common prefix, plain and in base64. */
const parts = Object.values(SECRETS).flatMap((secret) => {
  const own = secret.slice('planted-'.length);
  const plain = Array.from({ length: own.length - 7 }, (_, start) => own.slice(start, start + 8));
  return [...plain, Buffer.from(secret).toString('base64').slice(0, -4)];
});

const started: Running[] = [];
let folder = '';
let botUrl = '';
let slackUrl = '';
let mistralUrl = '';

const begin = async (
  name: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<string> => {
  const running = startProcess(process.execPath, args, variables);
  started.push(running);
  return untilReady(name, running, () => Promise.resolve(/^ready (http:\S+)$/m.exec(running.output())?.[1] ?? null));
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'triage-no-secret-'));
  mkdirSync(join(folder, 'bot'));
  const port = await findFreePort();
  const { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET } = SECRETS;
  const slackArgs = [
    'lib/local/slack/main.ts',
    '--state',
    join(folder, 'slack.sqlite'),
    '--events-url',
    `http://127.0.0.1:${port}/slack/events`,
  ];
  [slackUrl, mistralUrl] = await Promise.all([
    begin('Slack', slackArgs, { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET }),
    begin('Mistral', ['lib/local/mistral/main.ts'], {
      EMBEDDED_MISTRAL_KEYS: `${SECRETS.MISTRAL_API_KEY},${SECRETS.MISTRAL_STANDBY_KEY}`,
    }),
  ]);
  botUrl = await begin('the bot', ['lib/local/run.js', 'start'], {
    ...SECRETS,
    STATE_DIR: join(folder, 'bot'),
    PORT: String(port),
    SLACK_API_URL: `${slackUrl}/api/`,
    SLACK_CHANNEL: 'incidents',
    MISTRAL_SERVER_URL: mistralUrl,
  });
});

afterAll(async () => {
  for (const running of started.reverse()) await running.stop();
  rmSync(folder, { recursive: true, force: true });
});

const send = (url: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

const slackState = async (user = 'U0MAYA'): Promise<string> =>
  (await fetch(`${slackUrl}/console/state?user=${user}`)).text();

const press = async (actionId: string, shownAfter: string): Promise<void> => {
  const ts = await eventually(`the button ${actionId}`, async () => {
    const state = await slackState();
    // The first message that has the button: what stands before it belongs to others.
    const at = state.indexOf(`"${actionId}"`);
    return at < 0
      ? null
      : (state
          .slice(0, at)
          .match(/"ts":"[\d.]+"/g)
          ?.at(-1)
          ?.slice(6, -1) ?? null);
  });
  await eventually(`${actionId} is taken`, async () => {
    const answer = await send(`${slackUrl}/console/click`, {
      user: 'U0MAYA',
      channel: 'C0INCIDENTS',
      ts,
      action_id: actionId,
    });
    return answer.ok ? true : null;
  });
  await eventually(`after ${actionId}: ${shownAfter}`, async () =>
    (await slackState()).includes(shownAfter) ? true : null,
  );
};

const filesBelow = (path: string): readonly string[] =>
  statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => filesBelow(join(path, name))) : [path];

const findIn = (bytes: Buffer): readonly string[] => parts.filter((part) => bytes.includes(part));

/** Every sink of the bot but the one file where keys belong. */
const leaks = (isJudged: (path: string) => boolean): readonly string[] => {
  const files = filesBelow(join(folder, 'bot')).filter(
    (path) => !/secrets\.sqlite(-wal|-shm)?$/.test(path) && isJudged(path),
  );
  const inFiles = files.flatMap((path) => {
    const bytes = readFileSync(path);
    return findIn(path.endsWith('.gz') ? gunzipSync(bytes) : bytes).map((part) => `${path}: ${part}`);
  });
  const slackFiles = filesBelow(folder).filter((path) => path.startsWith(join(folder, 'slack.sqlite')));
  const inSlack = slackFiles.flatMap((path) => findIn(readFileSync(path)).map((part) => `Slack: ${part}`));
  return [...inFiles, ...inSlack, ...started.flatMap((running) => findIn(Buffer.from(running.output())))];
};

const postAlert = (alert: object, token: string): Promise<Response> =>
  send(`${botUrl}/alerts/generic`, alert, { authorization: `Bearer ${token}` });

describe('no secret, and no part of one', () => {
  it('is in any sink after the whole job', async () => {
    await eventually('the first check', async () => ((await fetch(`${botUrl}/health`)).status === 200 ? true : null));
    await send(`${mistralUrl}/control/fault`, { fault: 'revoked-key' });
    const alert = {
      title: 'Mistral answers 401',
      state: 'firing',
      severity: 'P1',
      service: 'mistral-api',
      dedup_key: 'a',
    };
    expect((await postAlert(alert, SECRETS.ALERTS_TOKEN)).status).toBe(202);
    expect((await send(`${botUrl}/alerts/generic?token=${SECRETS.ALERTS_TOKEN}`, alert)).status).toBe(202);
    expect((await postAlert(alert, SECRETS.ALERTS_TOKEN.slice(0, -1))).status).toBe(401);
    await press('mitigation.rotate-key', 'The new key works');
    const command = { user: 'U0MAYA', channel: 'C0INCIDENTS', text: '/mistral-triage postmortem' };
    await Promise.all([
      press('incident.triage', 'Triage, asked by'),
      press('evidence.collect', 'Evidence collected'),
      send(`${slackUrl}/console/command`, command),
    ]);
    await eventually('the postmortem', async () => ((await slackState()).includes('Postmortem drafted') ? true : null));
    const files = filesBelow(join(folder, 'bot'));
    expect(files.some((path) => path.endsWith('.tar.gz')) && files.some((path) => path.includes('postmortems'))).toBe(
      true,
    );
    expect(leaks(() => true)).toEqual([]);
    for (const path of files.filter((name) => name.includes('sqlite')))
      expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
  }, 60_000);

  it('is in the text for the provider, nor in the answer to a command', async () => {
    await send(`${mistralUrl}/control/fault`, { fault: 'error-500' });
    const alert = { title: 'Mistral answers 500', state: 'firing', service: 'mistral-api', dedup_key: 'c' };
    expect((await postAlert(alert, SECRETS.ALERTS_TOKEN)).status).toBe(202);
    await press('triage.ticket', 'Support ticket written');
    await send(`${slackUrl}/console/command`, { user: 'U0MAYA', channel: 'C0INCIDENTS', text: '/mistral-triage' });
    await eventually('the verdict', async () => ((await slackState()).includes(' Problem · ') ? true : null));
    expect(filesBelow(join(folder, 'bot')).some((path) => path.endsWith('ticket.md'))).toBe(true);
    expect(leaks(() => true)).toEqual([]);
  }, 60_000);

  it('goes on to Slack, the log or a document when an alert holds it', async () => {
    const title = `401 for key ${SECRETS.MISTRAL_API_KEY}`;
    const summary = `Bearer ${SECRETS.MISTRAL_STANDBY_KEY}`;
    const alert = { title, state: 'firing', service: 'mistral-api', dedup_key: 'b', summary };
    expect((await postAlert(alert, SECRETS.ALERTS_TOKEN)).status).toBe(202);
    await eventually('the alert is shown', async () => ((await slackState()).includes('[redacted]') ? true : null));
    // The accepted job held it as the monitor sent it, and the database's own journal still does.
    expect(leaks((path) => !path.includes('state.sqlite'))).toEqual([]);
  }, 60_000);
});
