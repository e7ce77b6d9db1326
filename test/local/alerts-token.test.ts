import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { keepAlertsToken } from '../../lib/local/alerts-token.ts';

const openFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'triage-token-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

it('is made once, and nothing is told about it', () => {
  const folder = openFolder();
  const told: string[] = [];
  const made = keepAlertsToken(folder, (line) => told.push(line));
  expect([made.length >= 20, keepAlertsToken(folder, (line) => told.push(line)), told]).toEqual([true, made, []]);
});

it.each([
  ['empty', ' \n'],
  ['too short', 'test-token'],
])('tells that a kept one that is %s was replaced, and that monitors hold the old one', (word, kept) => {
  const folder = openFolder();
  writeFileSync(join(folder, 'alerts-token'), kept);
  const told: string[] = [];
  const made = keepAlertsToken(folder, (line) => told.push(line));
  expect(readFileSync(join(folder, 'alerts-token'), 'utf8')).toBe(`${made}\n`);
  expect(told).toEqual([
    `alerts token: a new one was made, because the kept one was ${word}; monitors that hold the old one will be refused`,
  ]);
});
