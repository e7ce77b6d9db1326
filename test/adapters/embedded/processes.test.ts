import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openJobs } from '../../../lib/adapters/embedded/jobs.ts';
import { openSecrets } from '../../../lib/adapters/embedded/secrets.ts';
import { openStateFile } from '../../../lib/adapters/embedded/state-file.ts';
import { openStore } from '../../../lib/adapters/embedded/store.ts';
import { SECRETS_SCHEMA, STATE_SCHEMA } from '../../../lib/adapters/embedded/tables.ts';
import { tempFolder } from './temp-folder.ts';

const SCRIPT = fileURLToPath(import.meta.resolve('./other-process.ts'));
const clock = { nowMs: Date.now };

const run = async (command: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> => {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  expect(code).toBe(0);
  return out;
};

/** The same task in several processes that begin at once; their answers. */
const together = async (task: string, path: string, processes = 3): Promise<unknown[]> => {
  const go = join(tempFolder(), 'go');
  const running = Array.from({ length: processes }, () => run(process.execPath, [SCRIPT, task, path, go]));
  writeFileSync(go, '');
  const answers: unknown[] = [];
  for (const out of await Promise.all(running)) answers.push(JSON.parse(out));
  return answers;
};

describe('several processes on one file', () => {
  it('create it once when they start at once', async () => {
    const folder = join(tempFolder(), 'state');
    expect(await together('open', join(folder, 'state.sqlite'), 4)).toEqual(Array(4).fill('opened'));
    expect(readdirSync(folder)).toEqual(['state.sqlite']);
  });

  it('migrate it once when newer ones start at once', async () => {
    const folder = tempFolder();
    const path = join(folder, 'state.sqlite');
    await (await openStateFile(path, STATE_SCHEMA)).close();
    expect(await together('migrate', path, 4)).toEqual(Array(4).fill('opened'));
    expect(readdirSync(folder).filter((name) => name.endsWith('.backup'))).toHaveLength(1);
  });

  it('lose no change by compare-and-swap', async () => {
    const path = join(tempFolder(), 'state.sqlite');
    await together('count', path);
    const file = await openStateFile(path, STATE_SCHEMA);
    const stored = await openStore(file).read('group', 'n');
    await file.close();
    expect(stored).toMatchObject({ version: 600, record: { incidentId: '600' } });
  });

  it('do each job once', async () => {
    const path = join(tempFolder(), 'state.sqlite');
    const file = await openStateFile(path, STATE_SCHEMA);
    const ids = Array.from({ length: 300 }, (_, i) => String(i));
    await openJobs(file, clock).put(ids.map((id) => ({ id, queue: 'jobs', body: { kind: 'routine-check' } })));
    const answers = await together('take', path);
    await file.close();
    expect(answers.flat().toSorted()).toEqual(ids.toSorted());
  });

  it('seed a secret once and rotate it once', async () => {
    const path = join(tempFolder(), 'secrets.sqlite');
    await together('rotate', path);
    const file = await openStateFile(path, SECRETS_SCHEMA);
    const moves = await openSecrets(file, clock).moves('mistral');
    await file.close();
    expect(moves.map((move) => move.label)).toEqual(['AWSCURRENT', 'STANDBY', 'AWSCURRENT', 'AWSPREVIOUS']);
  });
});

const NOBODY = 65_534;

describe.skipIf(process.getuid?.() !== 0)('a user without permission', () => {
  // The user may not be allowed to read the repository, so the program is copied to where it is.
  const program = (): { readonly folder: string; readonly script: string } => {
    const folder = tempFolder();
    chmodSync(folder, 0o755);
    for (const part of ['lib', 'test/adapters/embedded']) {
      cpSync(join(import.meta.dirname, '../../..', part), join(folder, part), { recursive: true });
    }
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    mkdirSync(join(folder, 'state'));
    return { folder, script: join(folder, 'test/adapters/embedded/other-process.ts') };
  };
  const openAsNobody = async (script: string, path: string): Promise<unknown> =>
    JSON.parse(await run(process.execPath, [script, 'open', path], { uid: NOBODY, gid: NOBODY }));

  it.each(['to write the file', 'to write its folder', 'to make it'])('%s is told so, by name', async (what) => {
    const { folder, script } = program();
    const path = join(folder, 'state', 'state.sqlite');
    if (what !== 'to make it') {
      await (await openStateFile(path, STATE_SCHEMA)).close();
      if (what === 'to write its folder') chownSync(path, NOBODY, NOBODY);
      else chownSync(join(folder, 'state'), NOBODY, NOBODY);
    }
    expect(await openAsNobody(script, path)).toBe(
      `${path} cannot be read and written: give this user permission for the file and its folder, or choose another STATE_DIR.`,
    );
  });
});

const STRACE = 'strace';
const hasStrace = spawnSync(STRACE, ['-V']).status === 0;

describe.skipIf(!hasStrace)('the system calls', () => {
  /*
   * By hand: strace -f -e trace=fsync,fdatasync,write -o /tmp/calls node test/adapters/embedded/other-process.ts trace /tmp/try/state.sqlite
   * and look for fdatasync between "begin put" and "end put".
   */
  it('show a sync of the disk before a job, an audit entry, a lease and a control are taken as written, and none for the others', async () => {
    const folder = tempFolder();
    const calls = join(folder, 'calls');
    await run(STRACE, [
      '-f',
      '-e',
      'trace=fsync,fdatasync,write',
      '-o',
      calls,
      process.execPath,
      SCRIPT,
      'trace',
      join(folder, 'state.sqlite'),
    ]);
    const lines = readFileSync(calls, 'utf8').split('\n');
    const syncsDuring = (what: string): number => {
      const begin = lines.findIndex((line) => line.includes(`"begin ${what}\\n"`));
      const end = lines.findIndex((line) => line.includes(`"end ${what}\\n"`));
      expect(begin).toBeGreaterThan(-1);
      expect(end).toBeGreaterThan(begin);
      return lines.slice(begin, end).filter((line) => /\bf(data)?sync\(\d+\)\s+= 0/.test(line)).length;
    };
    for (const what of ['put', 'audit', 'lease', 'control']) expect([what, syncsDuring(what)]).toEqual([what, 1]);
    for (const what of ['ordered', 'done']) expect([what, syncsDuring(what)]).toEqual([what, 0]);
  });
});
