import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { segmentsOf } from '../safe-name.ts';

/** The place of a name below a folder. Throws when the name could lead elsewhere. */
export const placeBelow = (root: string, name: string): string => join(root, ...segmentsOf(name));

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Creates the folder and makes the new names of all folders on the way durable. */
const ensureFolder = async (folder: string): Promise<void> => {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  let at = dirname(first);
  await syncFolder(at);
  for (const part of relative(at, dirname(folder)).split(sep)) {
    if (part === '') continue;
    at = join(at, part);
    await syncFolder(at);
  }
};

/** Readers see the old bytes or the new, never a part; when it returns, a loss of power does not take it back. */
export const replaceFile = async (path: string, bytes: Uint8Array): Promise<void> => {
  const folder = dirname(path);
  await ensureFolder(folder);
  const draft = join(folder, `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}`);
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(folder);
};

const ABSENT: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR']);

/** null when there is no such file. */
export const readIfPresent = async (path: string): Promise<Uint8Array | null> => {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && ABSENT.has(error.code)) return null;
    throw error;
  }
};
