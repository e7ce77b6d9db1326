import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { FAULTS, type FaultName, isFaultName } from '../../lib/local/mistral/faults.ts';
import { type EmbeddedMistral, openEmbeddedMistral } from '../../lib/local/mistral/server.ts';
import { ROOT } from '../conformance/processes.ts';

const CURRENT = 'planted-current-key-0001';
const STANDBY = 'planted-standby-key-0002';

const KEYS = [
  { name: 'current', value: CURRENT },
  { name: 'standby', value: STANDBY },
];

const opened: EmbeddedMistral[] = [];
const folders: string[] = [];
afterAll(async () => {
  await Promise.all(opened.map((mistral) => mistral.close()));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** One for each question, so that several can be asked at once. */
const openMistral = async (fault: FaultName): Promise<string> => {
  const mistral = await openEmbeddedMistral({
    keys: KEYS,
    models: ['mistral-small-latest'],
    clock: { nowMs: Date.now },
  });
  opened.push(mistral);
  const answer = await fetch(`${mistral.url}/control/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fault }),
  });
  expect(answer.ok).toBe(true);
  return mistral.url;
};

/** All that is concluded: without what tells how long each answer took. */
const readVerdict = (json: string) => {
  const {
    probes: _,
    path: __,
    latency: ___,
    at: ____,
    ...verdict
  } = z.parse(z.record(z.string(), z.unknown()), JSON.parse(json));
  return verdict;
};

type Outcome = { readonly exit: number; readonly output: string; readonly folder: string };

const openFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'triage-command-'));
  folders.push(folder);
  return folder;
};

const run = async (args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Outcome> => {
  const folder = variables['STATE_DIR'] ?? openFolder();
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    STATE_DIR: folder,
    TRIAGE_CONFIG: resolve(import.meta.dirname, 'configs/impatient.ts'),
    MISTRAL_SERVER_URL: variables['MISTRAL_SERVER_URL'] ?? (await openMistral('none')),
    MISTRAL_API_KEY: CURRENT,
    MISTRAL_STANDBY_KEY: STANDBY,
    ...variables,
  };
  return new Promise((done) => {
    execFile(process.execPath, ['lib/local/run.js', 'triage', ...args], { cwd: ROOT, env }, (error, stdout, stderr) =>
      done({
        exit: typeof error?.code === 'number' ? error.code : error ? -1 : 0,
        output: `${stdout}${stderr}`,
        folder,
      }),
    );
  });
};

/** Every fault that can be switched, the branch it is, and how the command ends. */
const EXPECTED: Readonly<Record<FaultName, readonly [branch: string, exit: number]>> = {
  none: ['healthy', 0],
  'revoked-key': ['auth.invalid_key', 1],
  'rate-minute': ['rate.minute', 1],
  'quota-zero': ['quota.zero_for_model', 1],
  'quota-month': ['quota.period_exhausted', 1],
  capacity: ['capacity.model', 1],
  'spent-plan': ['billing.inactive_or_limit', 1],
  'error-500': ['provider.5xx', 1],
  'error-503': ['provider.5xx', 1],
  'edge-520': ['provider.edge_5xx', 1],
  slow: ['timeout.headers', 1],
  hang: ['timeout.headers', 1],
  reset: ['net.reset', 1],
  'model-retired': ['model.retired_or_unknown', 1],
  'cut-stream': ['stream.cut', 1],
  empty: ['content.empty', 1],
};

/** Neither a key nor a part of one: every run of eight characters of it. */
const partsOf = (key: string): readonly string[] =>
  Array.from({ length: key.length - 7 }, (_, start) => key.slice(start, start + 8));

const expectNoKey = ({ output, folder }: Outcome): void => {
  const stored = readdirSync(folder)
    .filter((name) => name.startsWith('state.sqlite'))
    .map((name) => readFileSync(join(folder, name)));
  for (const part of [...partsOf(CURRENT), ...partsOf(STANDBY)])
    expect([output.includes(part), stored.some((bytes) => bytes.includes(part))]).toEqual([false, false]);
};

/** Two at once: each is a process of its own, and more would make each other slow. */
const slots: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
let next = 0;

const ask = (fault: FaultName, args: readonly string[]): Promise<Outcome> => {
  const slot = next++ % slots.length;
  const asked = (slots[slot] ?? Promise.resolve()).then(async () =>
    run(args, { MISTRAL_SERVER_URL: await openMistral(fault) }),
  );
  slots[slot] = asked.catch(() => null);
  return asked;
};

const faults = Object.keys(FAULTS).filter((name) => isFaultName(name));

describe('npm run triage', () => {
  it('is asked here about every fault that can be switched', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual(Object.keys(FAULTS).sort());
  });

  it.concurrent.each(faults)('prints the verdict and ends right with the fault %s', async (fault) => {
    const [branch, exit] = EXPECTED[fault];
    const json = await ask(fault, ['--json']);
    expect(json.exit).toBe(exit);
    const printed: unknown = JSON.parse(json.output);
    expect(printed).toMatchObject({ branch, verdict: exit === 0 ? 'healthy' : 'problem' });
    expectNoKey(json);
  });

  it.concurrent.each(['none', 'revoked-key', 'capacity'] as const)(
    'prints the path in words with the fault %s',
    async (fault) => {
      const words = await ask(fault, []);
      expect(words.exit).toBe(EXPECTED[fault][1]);
      expect(words.output).toContain('Does the Mistral API answer our key?');
      expect(words.output.match(/^ {2}chat:mistral-small-latest /gm)).toHaveLength(1);
      expectNoKey(words);
    },
  );

  it('says the same again within the minute in which a limited model is not asked', async () => {
    const [STATE_DIR, MISTRAL_SERVER_URL] = [openFolder(), await openMistral('rate-minute')];
    const again = () => run(['--json'], { STATE_DIR, MISTRAL_SERVER_URL });
    const [first, second] = [await again(), await again()];
    expect([first.exit, second.exit]).toEqual([1, 1]);
    expect(readVerdict(second.output)).toEqual(readVerdict(first.output));
    expect(second.output).toMatch(/asked \d+ s ago and not again within the minute: our limit/);
  });

  it('could not tell: 2, when no key is there to ask with', async () => {
    const { exit, output } = await run(['--service', 'nobody']);
    expect([exit, output.includes('There are: production/mistral-api')]).toEqual([2, true]);
  });

  it('names all mistakes of the environment at once', async () => {
    const { exit, output } = await run([], { PORT: 'many', STORE: 'clay', MISTRAL_SERVER_URL: 'ftp://x' });
    expect(exit).toBe(2);
    for (const name of ['PORT', 'STORE', 'MISTRAL_SERVER_URL']) expect(output).toContain(name);
  });

  it('says last that it asked a Mistral which it started itself, and of no other', async () => {
    const nobody = { MISTRAL_SERVER_URL: '', MISTRAL_API_KEY: '', MISTRAL_STANDBY_KEY: '' };
    const [words, json, configured] = await Promise.all([run([], nobody), run(['--json'], nobody), run([])]);
    expect([words.exit, words.output.trimEnd().split('\n').at(-1)]).toEqual([
      0,
      'This was the embedded Mistral, which this command started itself: set MISTRAL_API_KEY to ask the real one.',
    ]);
    expect(JSON.parse(json.output)).toMatchObject({ verdict: 'healthy', mistral: 'embedded' });
    expect(configured.output).not.toContain('This was the embedded Mistral');
  });

  it('names the address that it asked in the machine-readable form', async () => {
    const url = await openMistral('none');
    const { output } = await run(['--json'], { MISTRAL_SERVER_URL: url });
    expect(JSON.parse(output)).toMatchObject({ mistral: url });
  });
});
