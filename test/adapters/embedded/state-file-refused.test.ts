import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { FileProblem, StateFileError } from '../../../lib/adapters/embedded/file-problem.ts';
import { openStateFile } from '../../../lib/adapters/embedded/state-file.ts';
import { FIRST, notesIn, open, writtenFile } from './notes-file.ts';
import { tempFolder } from './temp-folder.ts';

describe('a file that cannot be used is refused by name with what to do, and left as it is:', () => {
  const cases: readonly {
    readonly what: string;
    readonly problem: FileProblem;
    readonly says: RegExp;
    readonly make: (path: string, folder: string) => void | Promise<void>;
  }[] = [
    {
      what: 'empty',
      problem: 'empty',
      says: /is empty \(0 bytes\).*delete it/,
      make: (path) => writeFileSync(path, ''),
    },
    {
      what: "another program's",
      problem: 'foreign',
      says: /another program's file/,
      make: (path) => writeFileSync(path, '{"not":"ours"}'),
    },
    {
      what: 'an SQLite database of another program',
      problem: 'foreign',
      says: /SQLite database of another program/,
      make: (path) => {
        const foreign = new DatabaseSync(path);
        foreign.exec('CREATE TABLE records (kind TEXT); INSERT INTO records VALUES (1);');
        foreign.close();
      },
    },
    {
      what: 'cut off in its first bytes',
      problem: 'damaged',
      says: /cut off after 60 bytes/,
      make: async (_path, folder) => truncateSync(await writtenFile(folder), 60),
    },
    {
      what: 'cut off within a page',
      problem: 'damaged',
      says: /half written/,
      make: async (_path, folder) => truncateSync(await writtenFile(folder), 9000),
    },
    {
      what: 'cut off between two pages',
      problem: 'damaged',
      says: /is damaged/,
      make: async (_path, folder) => truncateSync(await writtenFile(folder), 8192),
    },
    {
      what: 'overwritten from its second page on',
      problem: 'damaged',
      says: /is damaged/,
      make: async (path, folder) => {
        const bytes = readFileSync(await writtenFile(folder));
        writeFileSync(path, bytes.fill(0xaa, 4096));
      },
    },
    {
      what: 'without a word about its schema',
      problem: 'damaged',
      says: /which schema/,
      make: (path) => {
        const bare = new DatabaseSync(path);
        bare.exec(
          `PRAGMA journal_mode = WAL; PRAGMA application_id = ${FIRST.applicationId}; CREATE TABLE other (id);`,
        );
        bare.close();
      },
    },
    {
      what: 'of a newer program',
      problem: 'newer',
      says: /written by a newer mistral-triage \(schema 9, this one knows 1\)/,
      make: async (path, folder) => {
        await writtenFile(folder);
        const database = new DatabaseSync(path);
        database.exec("UPDATE meta SET value = '9' WHERE key = 'schema'");
        database.close();
      },
    },
    { what: 'a folder', problem: 'not-a-file', says: /is a folder/, make: (path) => mkdirSync(path) },
    {
      what: 'gone, but its log is there',
      problem: 'damaged',
      says: /state\.sqlite is missing but .*state\.sqlite-wal is there/,
      make: (path) => writeFileSync(`${path}-wal`, 'left over'),
    },
  ];

  it.each(cases)('$what', async ({ problem, says, make }) => {
    const folder = tempFolder();
    const path = join(folder, 'state.sqlite');
    await make(path, folder);
    const contents = (): unknown[] =>
      readdirSync(folder)
        .filter((name) => !name.endsWith('-shm'))
        .map((name) => [
          name,
          statSync(join(folder, name)).isFile() ? readFileSync(join(folder, name)).toString('hex') : 'folder',
        ]);
    const before = contents();
    const error: StateFileError = await openStateFile(path, FIRST).then(
      () => expect.unreachable('it was opened'),
      (caught: StateFileError) => caught,
    );
    expect(error.name).toBe('StateFileError');
    expect(error.problem).toBe(problem);
    expect(error.message).toContain(path);
    expect(error.message).toMatch(says);
    expect(contents()).toEqual(before);
  });

  it('one that turns out damaged only when it is read or written says so then', async () => {
    const path = await writtenFile(tempFolder(), 3000);
    const bytes = readFileSync(path);
    // The pages of the schema stay whole.
    writeFileSync(path, bytes.fill(0xaa, 4096 * 8));
    const file = await open(path);
    await expect(notesIn(file)).rejects.toMatchObject({ name: 'StateFileError', problem: 'damaged' });
  });
});
