import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import type { Template } from '../aws/template.ts';
import { ROOT } from './processes.ts';

export const FUNCTIONS = ['alerts', 'slack', 'health', 'clock', 'worker', 'triage', 'mitigate'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

export type Packaged = {
  /** A copy of the sources, with `.serverless` in it. */
  readonly folder: string;
  readonly template: Template;
  /** The unzipped package of a function: what Lambda has as `LAMBDA_TASK_ROOT`. */
  readonly root: (name: FunctionName) => string;
  /** The bundle in it, a module that exports `handler`. */
  readonly bundle: (name: FunctionName) => string;
  readonly zip: (name: FunctionName) => string;
  readonly remove: () => Promise<void>;
};

type Options = {
  /** Files that are other than in the repository: path to content. Another `triage.config.ts`, for one. */
  readonly replace?: Readonly<Record<string, string>>;
  /** Arguments of `serverless package`. */
  readonly args?: readonly string[];
  /** In a network of its own, without any way out. Linux only. */
  readonly offline?: boolean;
};

const SOURCES = [
  ...['functions', 'lib', 'templates', 'triage.config.ts'],
  ...['serverless.yml', 'esbuild.plugins.cjs', 'package.json', 'tsconfig.json'],
];

/** Copies the sources into a new folder and packages them there. Nobody's keys, no configuration of this machine. */
export const packageService = async ({ replace = {}, args = [], offline = false }: Options = {}): Promise<Packaged> => {
  const folder = await mkdtemp(join(tmpdir(), 'mistral-triage-package-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    for (const source of SOURCES) await cp(join(ROOT, source), join(folder, source), { recursive: true });
    for (const [path, content] of Object.entries(replace)) await writeFile(join(folder, path), content);
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const command = [process.execPath, join(folder, 'node_modules/serverless/bin/serverless.js'), 'package', ...args];
    await run(offline ? ['unshare', '-n', '-r', ...command] : command, folder);
    for (const name of FUNCTIONS) await unpack(join(folder, `.serverless/${name}.zip`), join(folder, 'unzipped', name));
    const written = join(folder, '.serverless/cloudformation-template-update-stack.json');
    const template: Template = JSON.parse(await readFile(written, 'utf8'));
    return {
      folder,
      template,
      root: (name) => join(folder, 'unzipped', name),
      bundle: (name) => join(folder, 'unzipped', name, `functions/lambda/${name}.mjs`),
      zip: (name) => join(folder, `.serverless/${name}.zip`),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
};

let once: Promise<Packaged> | null = null;

/** The repository as it is, packaged once for all tests of a file. Call `remove` in `afterAll`. */
export const packageOnce = (): Promise<Packaged> => {
  once ??= packageService();
  return once;
};

/** Twenty times what it takes. A source that cannot be parsed leaves esbuild waiting for ever. */
const PACKAGE_LIMIT_MS = 120_000;

const run = async ([program = '', ...args]: readonly string[], folder: string): Promise<void> => {
  const env = { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, HOME: folder, CI: 'true' };
  await promisify(execFile)(program, args, {
    cwd: folder,
    env,
    timeout: PACKAGE_LIMIT_MS,
    killSignal: 'SIGKILL',
  }).catch((error: unknown) => {
    const said = ['stdout', 'stderr'].map((name) => String(Reflect.get(Object(error), name) ?? '')).join('\n');
    throw new Error(`serverless package: ${said.trim() || String(error)}`);
  });
};

/** Reads a zip by its directory at the end, as far as ours go: no encryption, no parts, less than 4 GB. */
const entriesOf = (zip: Buffer): ReadonlyMap<string, Buffer> => {
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const entries = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const name = zip.toString('utf8', at + 46, at + 46 + (nameLength ?? 0));
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(start, start + zip.readUInt32LE(at + 20));
    entries.set(name, zip.readUInt16LE(at + 10) === 0 ? bytes : inflateRawSync(bytes));
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
  return entries;
};

const unpack = async (zip: string, folder: string): Promise<void> => {
  for (const [name, bytes] of entriesOf(await readFile(zip))) {
    if (name.endsWith('/')) continue;
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
};

/** Every file of an unzipped package, relative to it. */
export const filesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
