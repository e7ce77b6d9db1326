import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Schema } from '../../../lib/adapters/embedded/schema.ts';
import { openStateFile, type StateFile } from '../../../lib/adapters/embedded/state-file.ts';

/** An own folder, gone after the test. */
export const makeTempFolder = (): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'mistral-triage-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

export const tempFolder = (): string => {
  const { path, remove } = makeTempFolder();
  onTestFinished(remove);
  return path;
};

/** The same new file, opened twice, as two processes have it. */
export const openTwice = async (
  schema: Schema,
): Promise<{ readonly files: readonly [StateFile, StateFile]; readonly close: () => Promise<void> }> => {
  const { path, remove } = makeTempFolder();
  const files = [
    await openStateFile(join(path, 'test.sqlite'), schema),
    await openStateFile(join(path, 'test.sqlite'), schema),
  ] as const;
  return {
    files,
    close: async () => {
      for (const file of files) await file.close();
      remove();
    },
  };
};
