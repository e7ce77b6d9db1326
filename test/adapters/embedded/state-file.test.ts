import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStateFile } from '../../../lib/adapters/embedded/state-file.ts';
import { addNote, FIRST, notesIn, open, writtenFile } from './notes-file.ts';
import { tempFolder } from './temp-folder.ts';

describe('a new file', () => {
  it('is made with its folders, for its owner alone, with its log, in WAL mode', async () => {
    const folder = join(tempFolder(), 'new', 'state');
    const file = await open(join(folder, 'state.sqlite'));
    await addNote(file, 'one');
    const modes = readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]);
    expect(modes.toSorted()).toEqual([
      ['state.sqlite', '600'],
      ['state.sqlite-shm', '600'],
      ['state.sqlite-wal', '600'],
    ]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(await file.read(() => file.sql('PRAGMA journal_mode').get()?.['journal_mode'])).toBe('wal');
  });

  it('keeps what was written when it is opened again, in a folder of any name', async () => {
    const path = join(tempFolder(), 'a ?#%41 "é\'', 'state.sqlite');
    const file = await openStateFile(path, FIRST);
    await addNote(file, 'kept');
    await file.close();
    expect(await notesIn(await open(path))).toEqual(['kept']);
  });

  it('is one file when many open it at once', async () => {
    const folder = tempFolder();
    const files = await Promise.all(Array.from({ length: 8 }, () => open(join(folder, 'state.sqlite'))));
    await Promise.all(files.map((file, i) => addNote(file, String(i))));
    for (const file of files) expect(await notesIn(file)).toHaveLength(8);
  });

  it('that others could read is closed to them', async () => {
    const path = await writtenFile(tempFolder());
    chmodSync(path, 0o644);
    await open(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe('writes', () => {
  it('are all or nothing, and one that fails takes none of its batch with it', async () => {
    const file = await open(join(tempFolder(), 'state.sqlite'));
    const results = await Promise.allSettled([
      addNote(file, 'one'),
      file.write('synced', () => {
        file.sql('INSERT INTO notes (text) VALUES (?)').run('half');
        throw new Error('in the middle');
      }),
      addNote(file, 'two'),
      file.write('ordered', () => file.sql('INSERT INTO notes (text) VALUES (NULL)').run()),
      addNote(file, 'three'),
    ]);
    expect(results.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { message: 'in the middle' } });
    expect(await notesIn(file)).toEqual(['one', 'two', 'three']);
  });

  it('that were begun are finished by closing', async () => {
    const path = join(tempFolder(), 'state.sqlite');
    const file = await openStateFile(path, FIRST);
    const write = addNote(file, 'late');
    await file.close();
    await write;
    expect(await notesIn(await open(path))).toEqual(['late']);
    await file.close();
  });

  it('a long row of them lets others have their turn', async () => {
    const file = await open(join(tempFolder(), 'state.sqlite'));
    let turns = 0;
    const count = (): void => {
      turns += 1;
      again = setImmediate(count);
    };
    let again = setImmediate(count);
    for (let i = 0; i < 100; i += 1) await addNote(file, String(i));
    clearImmediate(again);
    expect(turns).toBeGreaterThan(50);
  });

  it('wait for the lock of another connection without stopping the event loop, then go through', async () => {
    const path = join(tempFolder(), 'state.sqlite');
    const file = await open(path);
    const holder = new DatabaseSync(path);
    onTestFinished(() => holder.close());
    holder.exec("BEGIN IMMEDIATE; INSERT INTO notes (text) VALUES ('theirs');");
    const write = addNote(file, 'ours');
    expect(await notesIn(file)).toEqual([]);
    setTimeout(() => holder.exec('COMMIT'), 120);
    await write;
    expect(await notesIn(file)).toEqual(['theirs', 'ours']);
  });

  it('give up after the deadline with a sentence that names the file, having written nothing', async () => {
    const path = join(tempFolder(), 'state.sqlite');
    const file = await open(path, FIRST, { deadlineMs: 80 });
    const holder = new DatabaseSync(path);
    onTestFinished(() => holder.close());
    holder.exec('BEGIN IMMEDIATE');
    await expect(addNote(file, 'ours')).rejects.toThrow(
      /state\.sqlite has been locked by another process for 80 ms\. Nothing was written/,
    );
    holder.exec('ROLLBACK');
    await addNote(file, 'second try');
    expect(await notesIn(file)).toEqual(['second try']);
  });

  it('that find no space are refused with a sentence, and what was there before stays', async () => {
    const file = await open(join(tempFolder(), 'state.sqlite'));
    await addNote(file, 'before');
    await file.read(() => file.sql('PRAGMA max_page_count = 1').get());
    await expect(addNote(file, 'x'.repeat(100_000))).rejects.toThrow(/state\.sqlite cannot grow: the disk is full/);
    expect(await notesIn(file)).toEqual(['before']);
  });
});
