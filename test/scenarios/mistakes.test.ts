import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSlack } from '../adapters/slack/embedded.ts';
import { eventually, ROOT, type RunningBot, startBot, startProcess } from '../conformance/processes.ts';

let folder = '';
let taken: Server;
let takenPort = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'triage-mistakes-'));
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'token/alerts-token'), { recursive: true });
  mkdirSync(join(folder, 'foreign'));
  writeFileSync(join(folder, 'foreign/slack.sqlite'), 'another program wrote this');
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  takenPort = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => {
  taken.close();
  rmSync(folder, { recursive: true, force: true });
});

type Ended = { readonly exit: number; readonly said: string };

const run = (command: readonly string[], variables: Readonly<Record<string, string>>): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', PORT: '0', ...variables };
    const options = { cwd: ROOT, env, timeout: 15_000 };
    execFile(process.execPath, ['lib/local/run.js', ...command], options, (error, stdout, stderr) =>
      resolve({ exit: typeof error?.code === 'number' ? error.code : error ? -1 : 0, said: `${stdout}${stderr}` }),
    );
  });

const slack = { SLACK_BOT_TOKEN: 'x', SLACK_SIGNING_SECRET: 'y', SLACK_CHANNEL: 'z' };

describe.concurrent('a mistake that a person can mend is one sentence that names the thing, without a stack', () => {
  it.each<readonly [string, readonly string[], () => Readonly<Record<string, string>>, RegExp]>([
    ['a port in use', ['start'], () => ({ PORT: String(takenPort) }), /127\.0\.0\.1:\d+ is in use.*PORT/],
    [
      'a host of another machine',
      ['start'],
      () => ({ ...slack, HOST: '192.0.2.1' }),
      /HOST: 192\.0\.2\.1 is no address/,
    ],
    ['a folder that is a file', ['start'], () => ({ STATE_DIR: join(folder, 'file') }), /file is a file/],
    ['a folder below a file', ['start'], () => ({ STATE_DIR: join(folder, 'file/x') }), /STATE_DIR/],
    ['a triage on a file', ['triage', '--json'], () => ({ STATE_DIR: join(folder, 'file') }), /file is a file/],
    ['a token that is a folder', ['start'], () => ({ STATE_DIR: join(folder, 'token') }), /alerts-token is a folder/],
    [
      'a Slack file of another',
      ['start'],
      () => ({ STATE_DIR: join(folder, 'foreign') }),
      /slack\.sqlite.*move the file/,
    ],
    ['a note of a dead bot', ['break', 'hang'], () => ({ STATE_DIR: join(folder, 'dead') }), /No "npm start"/],
  ])('%s', async (_name, command, variables, sentence) => {
    const { exit, said } = await run(command, { STATE_DIR: join(folder, 'fresh'), ...variables() });
    expect(said).toMatch(sentence);
    expect([exit, said.includes('    at ')]).toEqual([2, false]);
  });

  it.skipIf(!existsSync('/proc/self'))('a place where no folder can be made', async () => {
    const { exit, said } = await run(['start'], { STATE_DIR: '/proc/triage-state' });
    expect([exit, said]).toEqual([2, expect.stringContaining('/proc/triage-state cannot be made')]);
  });
});

describe('a running bot', () => {
  let bot: RunningBot;
  const TOKEN = 'test-alerts-token';
  const hasFullDisk = existsSync('/dev/full');
  beforeAll(async () => {
    mkdirSync(join(folder, 'bot'));
    // Every write to it fails with ENOSPC.
    if (hasFullDisk) symlinkSync('/dev/full', join(folder, 'bot/log.jsonl'));
    bot = await startBot(join(folder, 'bot'), TOKEN);
  });
  afterAll(() => bot.stop());

  it('is named to whoever starts a second one on its state', async () => {
    const { exit, said } = await run(['start'], { STATE_DIR: join(folder, 'bot') });
    expect([exit, said]).toEqual([2, expect.stringContaining(bot.url)]);
  });

  it.skipIf(!hasFullDisk)('answers and lives on when its log is on a full disk', async () => {
    const post = (headers: Readonly<Record<string, string>>): Promise<Response> =>
      fetch(`${bot.url}/alerts/generic`, { method: 'POST', headers, body: '{"title":"a","state":"firing"}' });
    for (let index = 0; index < 5; index += 1)
      expect([(await post({ authorization: `Bearer ${TOKEN}` })).status, (await post({})).status]).toEqual([202, 401]);
    await eventually('the incident is told', async () => {
      const text = await (await fetch(`${bot.url}/console/state?user=U0MAYA`)).text();
      return text.includes('mistral_incident') ? true : null;
    });
    expect(bot.isGone()).toBe(false);
  });
});

it('says that Slack refuses it, names settings that do nothing, and accepts alerts all the same', async () => {
  const refusing = await openSlack();
  const bot = startProcess(process.execPath, ['lib/local/run.js', 'start'], {
    ...slack,
    SLACK_API_URL: `${refusing.url}/api/`,
    SLACK_APP_TOKEN: 'x',
    ALERTS_TOKEN: 'test-alerts-token',
    PORT: '0',
    STATE_DIR: join(folder, 'refused'),
  });
  try {
    const url = await eventually('ready', () => Promise.resolve(/^ready (\S+)$/m.exec(bot.output())?.[1] ?? null));
    expect(bot.output()).toContain('slack: Slack auth.test: invalid_auth (the bot token is not valid');
    expect(bot.output()).toContain('SLACK_APP_TOKEN: not used by this version');
    const headers = { authorization: 'Bearer test-alerts-token' };
    expect((await fetch(`${url}/alerts/generic`, { method: 'POST', headers, body: '{"title":"a"}' })).status).toBe(202);
  } finally {
    await bot.stop();
  }
});
