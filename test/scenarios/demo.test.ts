import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { openState } from '../../lib/app/local-state.ts';
import { ROOT } from '../conformance/processes.ts';

/** Stands in every value that the environment plants, so that one search finds any of them. */
const PLANTED = 'planted-value-7f3a';
const DEMO_LIMIT_MS = 60_000;

const manifestSchema = z.object({
  incident: z.string(),
  files: z.array(
    z.object({
      name: z.string(),
      sha256: z.string(),
      bytes: z.number(),
      source: z.string(),
      collectedAt: z.iso.datetime(),
      retainUntil: z.iso.datetime(),
    }),
  ),
});

/** Listens where every planted address points and counts whoever so much as connects. */
const openRecorder = async (): Promise<{ server: Server; url: string; port: number; heard: string[] }> => {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.end('{"ok":true}');
  });
  server.on('connection', () => heard.push('a connection'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { server, url: `http://127.0.0.1:${port}`, port, heard };
};

const hostile = (url: string, port: number): Record<string, string> => ({
  MISTRAL_API_KEY: `${PLANTED}-key`,
  MISTRAL_STANDBY_KEY: `${PLANTED}-standby`,
  MISTRAL_ADMIN_KEY: `${PLANTED}-admin`,
  MISTRAL_SERVER_URL: url,
  SLACK_BOT_TOKEN: `${PLANTED}-bot`,
  SLACK_SIGNING_SECRET: `${PLANTED}-signing`,
  SLACK_CHANNEL: `${PLANTED}-channel`,
  SLACK_APP_TOKEN: `${PLANTED}-app`,
  SLACK_API_URL: `${url}/api/`,
  ALERTS_TOKEN: `${PLANTED}-alerts`,
  ALERTS_SECRET_DEFAULT: `${PLANTED}-secret`,
  APP_SECRET_ID: `${PLANTED}-app-secret`,
  AWS_ACCESS_KEY_ID: `${PLANTED}-id`,
  AWS_SECRET_ACCESS_KEY: `${PLANTED}-access`,
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'eu-west-3',
  HTTP_PROXY: url,
  HTTPS_PROXY: url,
  ALL_PROXY: url,
  STORE: 'aws',
  HOST: '0.0.0.0',
  PORT: String(port),
  TRIAGE_CONFIG: '/nonexistent/triage.config.ts',
});

type Ended = { readonly exit: number; readonly output: string };

/** Exactly what `npm run demo` runs. */
const runDemo = async (environment: Readonly<Record<string, string>>): Promise<Ended> => {
  const { scripts } = z
    .object({ scripts: z.object({ demo: z.string() }) })
    .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  const [program, ...args] = scripts.demo.split(' ');
  expect(program).toBe('node');
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...environment };
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(process.execPath, args, { cwd: ROOT, env, timeout: DEMO_LIMIT_MS }, (error, stdout, stderr) => {
    const exit = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
    resolve({ exit, output: `${stdout}${stderr}` });
  });
  return promise;
};

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

let folder = '';
let recorder: Awaited<ReturnType<typeof openRecorder>>;
let ended: readonly Ended[] = [];
let stories: readonly string[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'triage-demo-'));
  recorder = await openRecorder();
  const environment = { ...hostile(recorder.url, recorder.port), STATE_DIR: folder };
  ended = await Promise.all([runDemo(environment), runDemo(environment)]);
  stories = readdirSync(join(folder, 'demo')).map((name) => join(folder, 'demo', name));
}, DEMO_LIMIT_MS);
afterAll(() => {
  recorder.server.closeAllConnections();
  recorder.server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('two demos at once, with real keys and addresses in the environment', () => {
  it('both end well and tell the whole story', () => {
    for (const { exit, output } of ended) {
      expect({ exit, output: exit === 0 ? '' : output }).toEqual({ exit: 0, output: '' });
      for (const told of [
        'revoked',
        'answered 202',
        'Diagnosis:',
        'refused. He alone is told why',
        'each with the hash that its manifest says',
        'Still one message, edited: ✅ P1 · Resolved',
        'The new key works',
        'monitoring',
      ])
        expect(output).toContain(told);
    }
  });

  it('ask nothing of anybody outside', () => {
    expect(recorder.heard).toEqual([]);
  });

  it('end when everything was told', async () => {
    for (const story of stories) {
      const state = await openState(story, { nowMs: Date.now });
      const incidents = await state.store.list('incident', 'INC-');
      await state.close();
      expect(incidents.map(({ record: { outbox } }) => [outbox.notes, outbox.unfiled, outbox.notBeforeMs])).toEqual([
        [[], [], null],
      ]);
    }
  });

  it('each leave evidence whose archive unpacks to the hashes of its manifest, and a postmortem', async () => {
    expect(stories).toHaveLength(2);
    for (const story of stories) {
      const [archive = ''] = readdirSync(join(story, 'evidence')).filter((name) => name.endsWith('.tar.gz'));
      const id = basename(archive, '.tar.gz');
      expect(id).toMatch(/^INC-\d{6}-\w{8}$/);
      const unpacked = join(story, 'unpacked');
      mkdirSync(unpacked);
      await promisify(execFile)('tar', ['-xzf', join(story, 'evidence', archive), '-C', unpacked]);
      const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(unpacked, id, 'manifest.json'), 'utf8')));
      expect(manifest.incident).toBe(id);
      expect(readdirSync(join(unpacked, id)).sort()).toEqual(
        [...manifest.files.map(({ name }) => name), 'manifest.json'].sort(),
      );
      expect(manifest.files.length).toBeGreaterThan(5);
      for (const { name, sha256, bytes } of manifest.files) {
        expect({ name, sha256: hashOf(join(unpacked, id, name)) }).toEqual({ name, sha256 });
        expect(readFileSync(join(unpacked, id, name))).toHaveLength(bytes);
        expect(hashOf(join(story, 'evidence', id, name))).toBe(sha256);
      }
      expect(readFileSync(join(story, 'postmortems', `${id}.md`), 'utf8')).toContain(id);
    }
  });

  it('keep no planted value, neither in what they print nor in their files', () => {
    for (const { output } of ended) expect(output).not.toContain(PLANTED);
    const files = filesBelow(folder);
    expect(files.length).toBeGreaterThan(20);
    const forms = [PLANTED, encodeURIComponent(PLANTED), Buffer.from(PLANTED).toString('base64').slice(0, 16)];
    for (const path of files) {
      const text = readFileSync(path, 'latin1');
      expect({ path, found: forms.filter((form) => text.includes(form)) }).toEqual({ path, found: [] });
    }
  });
});
