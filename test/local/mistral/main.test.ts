import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { CURRENT, get, STANDBY } from './ask.ts';

const main = fileURLToPath(new URL('../../../lib/local/mistral/main.ts', import.meta.url));

const start = (args: readonly string[], keys: string) => {
  const env = { ...process.env, EMBEDDED_MISTRAL_KEYS: keys };
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
};

it('runs as a process of its own: says where it is ready, serves every key, ends on SIGTERM', async () => {
  const child = start(['--port', '0'], `${CURRENT}, ${STANDBY}`);
  const line: unknown = (await once(child.stdout, 'data'))[0];
  const url = /^ready (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(String(line))?.[1] ?? '';
  expect((await get(`${url}/v1/models`, CURRENT)).status).toBe(200);
  expect((await get(`${url}/v1/models`, STANDBY)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it.each([
  ['no keys', ['--port', '0'], ' , ', 'EMBEDDED_MISTRAL_KEYS'],
  ['a port that is none', ['--port', 'x'], CURRENT, '--port'],
  ['an option that is none', ['--wrong'], CURRENT, '--wrong'],
])('does not start with %s, and says why', async (_name, args, keys, word) => {
  const child = start(args, keys);
  let told = '';
  child.stderr.on('data', (chunk) => {
    told += String(chunk);
  });
  expect((await once(child, 'close'))[0]).toBe(1);
  expect(told).toContain(word);
  expect(told).not.toContain(CURRENT);
});
