import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EmbeddedMistral, openEmbeddedMistral } from '../../lib/local/mistral/server.ts';
import { ROOT } from '../conformance/processes.ts';

const LIMIT_MS = 15_000;
const KEY = 'test-key-current';

let mistral: EmbeddedMistral;
const children: ChildProcess[] = [];
const folders: string[] = [];
beforeEach(async () => {
  const keys = [{ name: 'current', value: KEY }];
  mistral = await openEmbeddedMistral({ keys, models: ['mistral-small-latest'], clock: { nowMs: Date.now } });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  await mistral.close();
});

/** What the command has printed so far. */
const start = (...args: readonly string[]): (() => string) => begin('--json', ...args).printed;

const begin = (...args: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'triage-watch-'));
  folders.push(folder);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    STATE_DIR: folder,
    TRIAGE_CONFIG: resolve(import.meta.dirname, 'configs/restless.ts'),
    MISTRAL_SERVER_URL: mistral.url,
    MISTRAL_API_KEY: KEY,
  };
  const child = spawn(process.execPath, ['lib/local/run.js', 'triage', ...args], { cwd: ROOT, env });
  children.push(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += String(text)));
  const ended = new Promise<readonly [number | null, NodeJS.Signals | null]>((done) => {
    child.on('close', (code, signal) => done([code, signal]));
  });
  return { child, folder, printed: () => printed, ended };
};

const setFault = async (fault: string): Promise<void> => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${mistral.url}/control/fault`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ fault }),
  });
  expect(answer.ok).toBe(true);
};

const branches = (printed: string): readonly string[] =>
  [...printed.matchAll(/"branch": ?"([\w.]+)",\s*"owner"/g)].flatMap(([, branch]) => branch ?? []);

const eventually = async (what: string, look: () => boolean): Promise<void> => {
  const endMs = Date.now() + LIMIT_MS;
  while (!look()) {
    if (Date.now() > endMs) throw new Error(`not within ${LIMIT_MS} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
};

it('Watching does not spend a limited budget: another one that watches has asked many times meanwhile', async () => {
  await setFault('rate-minute');
  const limited = start('--watch', '--service', 'staging/mistral-api');
  await eventually('the first answer', () => branches(limited()).length > 0);
  await setFault('none');
  const well = start('--watch', '--service', 'production/mistral-api');
  await eventually('many answers', () => branches(well()).length >= 5);
  expect(branches(limited())).toEqual(['rate.minute']);
});

it('A name that means two services asks neither, and says which there are', async () => {
  const asked = start('--service', 'mistral-api');
  await eventually('it says so', () => asked().includes('production/mistral-api, staging/mistral-api'));
  expect(branches(asked())).toEqual([]);
});

const PLACE = ['--service', 'production/mistral-api'];

it('Watching prints one JSON document in each line', async () => {
  const { printed, child, ended } = begin('--json', '--watch', ...PLACE);
  await eventually('three answers', () => printed().split('\n').length > 3);
  child.kill('SIGINT');
  await ended;
  const lines = printed().trimEnd().split('\n');
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ verdict: 'healthy' });
});

it.each(['SIGINT', 'SIGTERM'] as const)('Watching that ends by %s closes its state first', async (signal) => {
  const { printed, child, folder, ended } = begin('--json', '--watch', ...PLACE);
  await eventually('an answer', () => branches(printed()).length > 0);
  child.kill(signal);
  expect(await ended).toEqual([null, signal]);
  expect(readdirSync(folder).filter((name) => name.endsWith('-wal'))).toEqual([]);
  expect(printed()).not.toContain('Error');
});

it.each([
  ['healthy', 'none', 0],
  ['a problem', 'error-500', 1],
] as const)(
  'Who reads the first line alone ends the command quietly with its verdict, %s',
  async (_what, fault, exit) => {
    await setFault(fault);
    const { printed, child, ended } = begin(...PLACE);
    child.stdout.once('data', () => child.stdout.destroy());
    expect([await ended, printed()]).toEqual([[exit, null], expect.not.stringContaining('EPIPE')]);
  },
);

it('Watching ends when nobody reads any more', async () => {
  const { child, ended } = begin('--watch', ...PLACE);
  child.stdout.once('data', () => child.stdout.destroy());
  expect(await ended).toEqual([0, null]);
});
