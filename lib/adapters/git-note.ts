import { open } from 'node:fs/promises';
import * as z from 'zod/mini';
import type { FactSource } from '../ports/probe-sources.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import { getBytes } from './get-json.ts';
import { SourceError } from './source-error.ts';

/** Where the note lies: a file that this process can read, or an address. */
export type ReleaseNote = { readonly path: string } | { readonly url: string; readonly allowPrivate: boolean };

const MOST_BYTES = 16 * 1024;

const NOTE = z.object({ version: z.string(), at: z.string() });

const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** `{"version","at"}`, or a first line of a version and a time, as `git log -1 --format='%h %cI' > RELEASE` writes it. */
const readNote = (text: string): { readonly version: string; readonly deployedAt: string } => {
  const { version, at } = readJsonNote(text) ?? readLine(text);
  const atMs = ZONED.test(at) ? Date.parse(at) : Number.NaN;
  if (!Number.isFinite(atMs)) throw new SourceError('the release note has no time with its zone');
  if (!/^[\w.+@:/-]{1,128}$/.test(version)) throw new SourceError('the release note has no version');
  return { version, deployedAt: new Date(atMs).toISOString() };
};

const readJsonNote = (text: string): z.output<typeof NOTE> | null => {
  if (!text.trimStart().startsWith('{')) return null;
  try {
    return z.parse(NOTE, JSON.parse(text));
  } catch {
    throw new SourceError('the release note is not {"version","at"}');
  }
};

const readLine = (text: string): z.output<typeof NOTE> => {
  const [version = '', at = ''] = (text.trim().split('\n')[0] ?? '').trim().split(/\s+/);
  return { version, at };
};

/** Its beginning: a file that is not what we think it is may be of any length. */
const readFileStart = async (path: string): Promise<string> => {
  const file = await open(path).catch(() => {
    throw new SourceError('the release note cannot be opened');
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } catch {
    throw new SourceError('the release note cannot be read');
  } finally {
    await file.close();
  }
};

const fetchText = async (note: Extract<ReleaseNote, { readonly url: string }>, limitMs: number): Promise<string> => {
  const bytes = await getBytes(note.url, {
    limitMs,
    mostBytes: MOST_BYTES,
    allowPrivate: note.allowPrivate,
    headers: { accept: 'text/plain, application/json;q=0.9' },
  });
  return bytes.toString('utf8');
};

/** The note that a build leaves of what it was made from. */
export const createReleaseNote = (noteOf: (target: ServiceTarget) => ReleaseNote | null): FactSource => ({
  name: 'the release note',
  isFor: (target) => noteOf(target) !== null,
  read: async (target, timeoutMs) => {
    const note = noteOf(target);
    if (note === null) return null;
    return readNote('path' in note ? await readFileStart(note.path) : await fetchText(note, timeoutMs));
  },
});
