import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** At this size the file becomes `.1`, and the one before is gone. */
const ROTATE_BYTES = 20 * 1024 * 1024;
/** What may wait for a slow disk, in characters; beyond it lines are lost. */
const MAX_WAITING_CHARS = 8 * 1024 * 1024;

export type LogFile = {
  /** Never throws and never waits: a full disk costs lines, which are counted, not the work that is told about. */
  readonly write: (line: string) => void;
  /** Resolves when everything that was written before is in the file or lost. */
  readonly close: () => Promise<void>;
};

/** The log of the local run, beside the state, so that the terminal stays readable. Lines keep their order. */
export const openLogFile = (stateDir: string, rotateBytes: number = ROTATE_BYTES): LogFile => {
  const path = join(stateDir, 'log.jsonl');
  let waiting: string[] = [];
  let waitingChars = 0;
  let lost = 0;
  /** A line was cut in the middle: the next one must not continue it. */
  let isCut = false;
  let writing: Promise<void> | null = null;

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const lines = waiting;
      const told = lost;
      waiting = [];
      waitingChars = 0;
      const bytes = Buffer.from(`${isCut ? '\n' : ''}${told > 0 ? `${tellLost(told)}\n` : ''}${lines.join('\n')}\n`);
      const written = await append(path, bytes, rotateBytes);
      if (written === bytes.length) {
        lost -= told;
        isCut = false;
      } else {
        lost += lines.length;
        isCut ||= written > 0;
      }
    }
    writing = null;
  };
  return {
    write: (line) => {
      if (waitingChars + line.length > MAX_WAITING_CHARS) {
        lost += 1;
        return;
      }
      waiting.push(line);
      waitingChars += line.length;
      writing ??= flush();
    },
    close: async () => {
      await writing;
    },
  };
};

const tellLost = (lines: number): string =>
  JSON.stringify({ at: new Date().toISOString(), event: 'log.lost', lines, why: 'the log could not be written' });

/** Returns how many bytes went into the file; opened each time, so that it may be moved or deleted while the bot runs. */
const append = async (path: string, bytes: Buffer, rotateBytes: number): Promise<number> => {
  let file: FileHandle | null = null;
  let written = 0;
  let isFull = false;
  try {
    file = await open(path, 'a', 0o600);
    while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten;
    isFull = (await file.stat()).size > rotateBytes;
  } catch {
    // How much is missing is what the caller needs to know.
  }
  await file?.close().catch(() => undefined);
  if (isFull) await rename(path, `${path}.1`).catch(() => undefined);
  return written;
};
