import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStateFile } from '../../../lib/adapters/embedded/state-file.ts';
import { addNote, FIRST, NOTES, notesIn, open, SECOND, writtenFile } from './notes-file.ts';
import { tempFolder } from './temp-folder.ts';

describe('an older file', () => {
  const NOW = { nowMs: () => Date.parse('2026-11-20T09:52:00.123Z') };
  const BACKUP = 'state.sqlite.schema-1.20261120T095200Z.backup';

  it('is migrated, after a backup that is whole, named by schema and time, and for its owner alone', async () => {
    const folder = tempFolder();
    const path = await writtenFile(folder, 3);
    const file = await open(path, SECOND, NOW);
    expect(await file.read(() => file.sql('SELECT DISTINCT kind FROM notes').all())).toEqual([{ kind: 'old' }]);
    expect(statSync(join(folder, BACKUP)).mode & 0o777).toBe(0o600);
    renameSync(join(folder, BACKUP), join(folder, 'restored.sqlite'));
    const restored = await open(join(folder, 'restored.sqlite'), FIRST);
    expect(await notesIn(restored)).toEqual(await notesIn(file));
  });

  it('with writes that are still in its log loses none of them', async () => {
    const folder = tempFolder();
    const path = join(folder, 'state.sqlite');
    const old = await open(path);
    await addNote(old, 'in the log');
    const file = await open(path, SECOND, NOW);
    expect(await notesIn(file)).toEqual(['in the log']);
    const backup = new DatabaseSync(join(folder, BACKUP), { readOnly: true });
    onTestFinished(() => backup.close());
    expect(backup.prepare('SELECT text FROM notes').all()).toEqual([{ text: 'in the log' }]);
  });

  it('is migrated once when several open it at once, and not again later', async () => {
    const folder = tempFolder();
    const path = await writtenFile(folder);
    await Promise.all(Array.from({ length: 4 }, () => open(path, SECOND, NOW)));
    await open(path, SECOND);
    expect(readdirSync(folder).filter((name) => name.endsWith('.backup'))).toEqual([BACKUP]);
  });

  it('once migrated is refused by the program that wrote it', async () => {
    const path = await writtenFile(tempFolder());
    await open(path, SECOND, NOW);
    await expect(openStateFile(path, FIRST)).rejects.toMatchObject({ problem: 'newer' });
  });

  it('whose migration fails is left as it was, and says so', async () => {
    const folder = tempFolder();
    const path = await writtenFile(folder, 3);
    const broken = { ...FIRST, steps: [NOTES, 'DELETE FROM notes;', 'ALTER TABLE nowhere ADD COLUMN x;'] };
    await expect(openStateFile(path, broken, NOW)).rejects.toThrow(
      /state\.sqlite could not be brought from schema 1 to 3; it was left as it was/,
    );
    expect(await notesIn(await open(path))).toHaveLength(3);
    expect(existsSync(join(folder, BACKUP))).toBe(true);
  });
});
