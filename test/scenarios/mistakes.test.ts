import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
  writeFileSync(join(folder, 'machines.txt'), 'vm');
  writeFileSync(join(folder, 'undefined.ts'), 'vm');
  writeFileSync(join(folder, 'torn.ts'), 'export default {');
  writeFileSync(join(folder, 'lost-import.ts'), "import './nowhere.ts';");
  writeFileSync(join(folder, 'twice-wrong.ts'), 'export default { services: [], retentionDays: 0 };');
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
    [
      'a port in use',
      ['start'],
      () => ({ PORT: String(takenPort) }),
      /Port \d+ is taken; set PORT to another, or stop what listens there\./,
    ],
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

  it.each<readonly [string, string, RegExp]>([
    ['a file that is no TypeScript', 'machines.txt', /machines\.txt: is no TypeScript file/],
    ['a folder', 'foreign', /foreign: is no file/],
    ['a file that is not there', 'none.ts', /none\.ts: there is no such file/],
    ['a name that nothing defines', 'undefined.ts', /undefined\.ts: breaks off while it is loaded.*vm is not defined/],
    ['half a file', 'torn.ts', /torn\.ts: is not TypeScript that Node can read/],
    ['an import of nothing', 'lost-import.ts', /lost-import\.ts: imports what is not there: .*nowhere\.ts/],
    [
      'mistakes in another file',
      'twice-wrong.ts',
      /2 mistakes:\n.*twice-wrong\.ts: services.*\n.*twice-wrong\.ts: ret/,
    ],
  ])('TRIAGE_CONFIG with %s', async (_name, file, sentence) => {
    const { exit, said } = await run(['start'], {
      TRIAGE_CONFIG: join(folder, file),
      STATE_DIR: join(folder, 'fresh'),
    });
    expect(said).toMatch(sentence);
    expect([exit, said.includes('    at '), said.includes('imported from')]).toEqual([2, false, false]);
    expect(said).not.toContain('- triage.config.ts');
  });

  it.each(['start', 'triage'])(
    'all mistakes of the environment and the configuration at once (%s)',
    async (command) => {
      const { exit, said } = await run([command], { TRIAGE_CONFIG: join(folder, 'twice-wrong.ts'), STORE: 'clay' });
      expect(exit).toBe(2);
      expect(said).toContain('3 mistakes');
      for (const word of ['STORE', 'services', 'retentionDays']) expect(said).toContain(word);
    },
  );

  it.each<readonly [readonly string[], string]>([
    [['start', '--prot', '4000'], "Unknown option '--prot'"],
    [['start', 'now'], '"now" is a word too many'],
    [['demo', '--fast'], "Unknown option '--fast'"],
    [['incidents', '--jsn'], "Unknown option '--jsn'"],
    [['incidents', 'INC-1', 'INC-2'], '"INC-2" is a word too many'],
    [['preview', '--out'], "Unknown option '--out'"],
    [['preview', 'a.html', 'b.html'], '"b.html" is a word too many'],
    [['bench', '--quick'], "Unknown option '--quick'"],
    [['triage', 'checkout'], '"checkout" is a word too many'],
    [['break', '--lst'], "Unknown option '--lst'"],
    [['break', 'foo'], 'There is no fault "foo". There are: none, revoked-key'],
    [['break', 'hang', 'now'], '"now" is a word too many'],
    [['break', 'slow', 'long'], '"long" is no number of seconds'],
    [['break', 'slow', '601'], '"601" is no number of seconds'],
    [['break', 'slow', '5', '6'], '"6" is a word too many'],
  ])('a slip in the words: %j', async (command, sentence) => {
    const { exit, said } = await run(command, { STATE_DIR: join(folder, 'slip') });
    expect(said).toContain(sentence);
    expect([exit, said.includes('    at '), existsSync(join(folder, 'slip'))]).toEqual([2, false, false]);
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

  it('shows people by name to who lists an incident in the terminal', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    await fetch(`${bot.url}/alerts/generic`, { method: 'POST', headers, body: '{"title":"n","state":"firing"}' });
    const id = await eventually('the incident is there', async () => {
      const [first]: { id: string }[] = JSON.parse(JSON.stringify(await bot.incidents()));
      return first?.id ?? null;
    });
    const order = { user: 'U0MAYA', channel: 'incidents', text: `/mistral-triage ack ${id}` };
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(order) };
    expect((await fetch(`${bot.url}/console/command`, init)).status).toBe(200);
    const said = await eventually('the timeline says it', async () => {
      const shown = (await run(['incidents', id], { STATE_DIR: join(folder, 'bot') })).said;
      return shown.includes('Acknowledged by') ? shown : null;
    });
    expect(said).toContain('Acknowledged by @Maya Ortiz.');
  });

  it('is broken with the seconds and the model that one names, and says what it does not have', async () => {
    const state = { STATE_DIR: join(folder, 'bot') };
    const { embeddedMistralUrl } = JSON.parse(readFileSync(join(folder, 'bot/running.json'), 'utf8'));
    const fault = async (): Promise<unknown> => (await fetch(`${embeddedMistralUrl}/control/fault`)).json();
    expect(await run(['break', 'slow', '1.5'], state)).toMatchObject({ exit: 0 });
    expect(await fault()).toMatchObject({ fault: 'slow', seconds: 1.5 });
    expect(await run(['break', 'model-retired', 'codestral-latest'], state)).toMatchObject({ exit: 0 });
    expect(await fault()).toMatchObject({ fault: 'model-retired', model: 'codestral-latest' });
    const unknown = await run(['break', 'model-retired', 'codestrl'], state);
    expect([unknown.exit, unknown.said]).toEqual([
      2,
      expect.stringContaining('no such model; there are mistral-small'),
    ]);
    expect(unknown.said).not.toContain('{');
    expect(await run(['break', 'none'], state)).toMatchObject({ exit: 0 });
    const list = (await run(['break', '--list'], state)).said;
    for (const words of ['npm run break -- slow 5', 'model-retired MODEL', 'restart of the bot heals'])
      expect(list).toContain(words);
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

it('says that Slack refuses it, and accepts alerts all the same', async () => {
  const refusing = await openSlack();
  const bot = startProcess(process.execPath, ['lib/local/run.js', 'start'], {
    ...slack,
    SLACK_API_URL: `${refusing.url}/api/`,
    ALERTS_TOKEN: 'test-alerts-token',
    PORT: '0',
    STATE_DIR: join(folder, 'refused'),
  });
  try {
    const url = await eventually('ready', () => Promise.resolve(/^ready (\S+)$/m.exec(bot.output())?.[1] ?? null));
    expect(bot.output()).toContain('slack: Slack auth.test: invalid_auth (the bot token is not valid');
    const health: unknown = await (await fetch(`${url}/health`)).json();
    expect(health).toMatchObject({ services: { slack: { status: 'degraded', error: 'no-permission' } } });
    const headers = { authorization: 'Bearer test-alerts-token' };
    expect((await fetch(`${url}/alerts/generic`, { method: 'POST', headers, body: '{"title":"a"}' })).status).toBe(202);
  } finally {
    await bot.stop();
  }
});
