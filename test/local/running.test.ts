import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedMistral, openEmbeddedMistral } from '../../lib/local/mistral/server.ts';
import { findRun, forgetRun, rememberRun } from '../../lib/local/running.ts';

let folder = '';
let mistral: EmbeddedMistral;
let bot: Server;
let url = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'triage-running-'));
  mistral = await openEmbeddedMistral({ keys: [{ name: 'a', value: 'test-key' }], clock: { nowMs: Date.now } });
  bot = createServer((request, response) => {
    const health = { status: 'unhealthy', services: {}, timestamp: '2026-11-20T12:00:00.000Z' };
    response.writeHead(503).end(request.url === '/health' ? JSON.stringify(health) : '');
  });
  await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
  const address = bot.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterEach(async () => {
  await mistral.close();
  bot.closeAllConnections();
  bot.close();
  rmSync(folder, { recursive: true, force: true });
});

const note = (text: string): void => writeFileSync(join(folder, 'running.json'), text);
const deadUrl = 'http://127.0.0.1:9';

describe('a running bot', () => {
  it('is found with its embedded Mistral, also while it is not healthy', async () => {
    const run = { pid: process.pid, url, embeddedMistralUrl: mistral.url };
    rememberRun(folder, run);
    expect(await findRun(folder)).toEqual(run);
  });

  it('is not believed in because of a note, whose process id another program has by now', async () => {
    rememberRun(folder, { pid: process.pid, url: deadUrl, embeddedMistralUrl: deadUrl });
    expect(await findRun(folder)).toBe(null);
  });

  it('is not taken for one when another program has its port by now', async () => {
    rememberRun(folder, { pid: process.pid, url: mistral.url, embeddedMistralUrl: mistral.url });
    expect(await findRun(folder)).toBe(null);
  });

  it('has no embedded Mistral where none answers', async () => {
    rememberRun(folder, { pid: process.pid, url, embeddedMistralUrl: deadUrl });
    expect(await findRun(folder)).toMatchObject({ url, embeddedMistralUrl: null });
  });

  it.each(['', 'garbage', '{}', '[]', '{"pid":1,"url":"file:///etc/passwd","embeddedMistralUrl":null}'])(
    'is none when the note is %j',
    async (text) => {
      note(text);
      expect(await findRun(folder)).toBe(null);
    },
  );
});

describe('the end of a bot', () => {
  const own = { pid: 1, url: 'http://127.0.0.1:1', embeddedMistralUrl: null };

  it('takes its own note away, and is no mistake twice', () => {
    rememberRun(folder, own);
    forgetRun(folder, own);
    forgetRun(folder, own);
    expect(existsSync(join(folder, 'running.json'))).toBe(false);
  });

  it('leaves the note of another that began since', () => {
    const other = { ...own, pid: 2 };
    rememberRun(folder, other);
    forgetRun(folder, own);
    expect(JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8'))).toEqual(other);
  });
});
