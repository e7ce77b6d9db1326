import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLogFile } from '../../lib/local/log-file.ts';

/** A device on which every write fails with ENOSPC, as on a full disk. */
const FULL = '/dev/full';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'triage-log-'));
  path = join(folder, 'log.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const linesOf = (file: string): readonly string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1);

it('keeps every line in its order, for its owner alone', async () => {
  const log = openLogFile(folder);
  const lines = Array.from({ length: 2_000 }, (_, index) => `line ${index}`);
  for (const line of lines) log.write(line);
  await log.close();
  expect(linesOf(path)).toEqual(lines);
  expect(statSync(path).mode & 0o077).toBe(0);
});

it.skipIf(!existsSync(FULL))(
  'a full disk throws nothing, and the next line that works says how many were lost',
  async () => {
    symlinkSync(FULL, path);
    const log = openLogFile(folder);
    for (const line of ['one', 'two', 'three']) {
      log.write(line);
      await log.close();
    }
    rmSync(path);
    log.write('four');
    log.write('five');
    await log.close();
    const [told, ...rest] = linesOf(path);
    expect(JSON.parse(told ?? '')).toMatchObject({ event: 'log.lost', lines: 3 });
    expect(rest).toEqual(['four', 'five']);
    log.write('six');
    await log.close();
    expect(linesOf(path)).toHaveLength(4);
  },
);

it('a folder that is gone throws nothing', async () => {
  const log = openLogFile(join(folder, 'gone'));
  log.write('one');
  await expect(log.close()).resolves.toBeUndefined();
});

it('rotates by size while it is written, one old file kept', async () => {
  const log = openLogFile(folder, 100);
  for (let index = 0; index < 10; index += 1) {
    log.write(`${index}`.padEnd(60, '.'));
    await log.close();
  }
  expect(linesOf(`${path}.1`).map((line) => line[0])).toEqual(['8', '9']);
  log.write('new');
  await log.close();
  expect(linesOf(path)).toEqual(['new']);
});

it('what a disk cannot take in time is counted, not kept for ever', async () => {
  const log = openLogFile(folder);
  for (let index = 0; index < 100; index += 1) log.write('x'.repeat(1_000_000));
  await log.close();
  log.write('after');
  await log.close();
  const lines = linesOf(path);
  expect(lines.at(-1)).toBe('after');
  const lost = lines.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line).lines] : []));
  expect(lines.filter((line) => line.startsWith('x')).length + Number(lost[0])).toBe(100);
});
