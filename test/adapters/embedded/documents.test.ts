import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openControls } from '../../../lib/adapters/embedded/controls.ts';
import { openDocuments } from '../../../lib/adapters/embedded/documents.ts';
import { describeControls } from '../../contracts/controls.ts';
import { describeDocuments } from '../../contracts/documents.ts';
import { makeTempFolder, tempFolder } from './temp-folder.ts';

describeDocuments('the embedded documents', async () => {
  const { path, remove } = makeTempFolder();
  return { port: openDocuments(path), other: openDocuments(path), close: async () => remove() };
});

describeControls('the embedded controls', async () => {
  const { path, remove } = makeTempFolder();
  return { port: openControls(path), other: openControls(path), close: async () => remove() };
});

const bytes = new TextEncoder().encode('x');

it('a document lies where its name says, for its owner alone, and nothing else is left beside it', async () => {
  const root = join(tempFolder(), 'not', 'there', 'yet');
  const path = await openDocuments(root).put('evidence/INC-1/manifest.json', bytes);
  expect(path).toBe(join(root, 'evidence', 'INC-1', 'manifest.json'));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(root, 'evidence')).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(root, 'evidence', 'INC-1'))).toEqual(['manifest.json']);
});

it('a put that fails leaves nothing behind', async () => {
  const root = tempFolder();
  mkdirSync(join(root, 'taken'));
  await expect(openDocuments(root).put('taken', bytes)).rejects.toThrow();
  expect(readdirSync(root)).toEqual(['taken']);
});

it('a name below a document is simply not there', async () => {
  const root = tempFolder();
  await openDocuments(root).put('file', bytes);
  expect(await openDocuments(root).get('file/below')).toBeNull();
});

it('what cannot be read is an error and not nothing', async () => {
  const root = tempFolder();
  mkdirSync(join(root, 'folder'));
  await expect(openDocuments(root).get('folder')).rejects.toThrow();
});

it('controls are one file per environment and service, where applications look for it', async () => {
  const stateDir = tempFolder();
  await openControls(stateDir).publish('production', 'chat', '{"version":1}');
  writeFileSync(join(stateDir, 'controls', 'production', 'search.json'), '{"version":7}');
  expect(readdirSync(join(stateDir, 'controls', 'production')).toSorted()).toEqual(['chat.json', 'search.json']);
  expect(await openControls(stateDir).current('production', 'search')).toBe('{"version":7}');
});
