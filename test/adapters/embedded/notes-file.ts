import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStateFile, type StateFile, type StateFileOptions } from '../../../lib/adapters/embedded/state-file.ts';

export const NOTES = 'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL);';
export const FIRST = { applicationId: 0x6d_74_73_74, steps: [NOTES] };
export const SECOND = { ...FIRST, steps: [NOTES, "ALTER TABLE notes ADD COLUMN kind TEXT NOT NULL DEFAULT 'old';"] };

export const open = async (path: string, schema = FIRST, options?: StateFileOptions): Promise<StateFile> => {
  const file = await openStateFile(path, schema, options);
  onTestFinished(file.close);
  return file;
};

export const addNote = async (file: StateFile, text: string): Promise<void> => {
  await file.write('ordered', () => file.sql('INSERT INTO notes (text) VALUES (?)').run(text));
};
export const notesIn = async (file: StateFile): Promise<unknown[]> =>
  file.read(() =>
    file
      .sql('SELECT text FROM notes ORDER BY id')
      .all()
      .map((row) => row['text']),
  );

/** A closed file with some hundred notes, several pages long. */
export const writtenFile = async (folder: string, notes = 300): Promise<string> => {
  const path = join(folder, 'state.sqlite');
  const file = await openStateFile(path, FIRST);
  for (let i = 0; i < notes; i += 1) void addNote(file, `note ${i} ${'x'.repeat(100)}`);
  await file.close();
  return path;
};
