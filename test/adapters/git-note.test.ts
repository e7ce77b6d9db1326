import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createReleaseNote } from '../../lib/adapters/git-note.ts';
import { serve } from './mistral/serve.ts';

const target = { name: 'chat-api', environment: 'production', models: [], secretId: 's', healthUrl: null };

const read = (text: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'note-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'RELEASE');
  writeFileSync(path, text);
  return createReleaseNote(() => ({ path })).read(target, 1_000);
};

describe('a release note', () => {
  it.each([
    ['9c1f2ab 2026-11-20T13:58:00+02:00\n'],
    ['9c1f2ab   2026-11-20T11:58:00Z\nmore: lines\n'],
    ['{"version":"9c1f2ab","at":"2026-11-20T11:58:00Z","author":"x"}'],
  ])('%j tells a version and a time', async (text) => {
    expect(await read(text)).toEqual({ version: '9c1f2ab', deployedAt: '2026-11-20T11:58:00.000Z' });
  });

  it.each([
    [''],
    ['9c1f2ab'],
    ['9c1f2ab 2026-11-20T11:58:00'],
    ['9c1f2ab yesterday'],
    ['{"version":"9c1f2ab"}'],
    ['{'],
    ['<b> 2026-11-20T11:58:00Z'],
  ])('%j tells nothing', async (text) => {
    await expect(read(text)).rejects.toThrow(/release note/);
  });

  it('lies in a file, of which only the beginning is read', async () => {
    expect(await read(`v1.2.3 2026-11-20T11:58:00Z\n${'x'.repeat(1_000_000)}`)).toMatchObject({ version: 'v1.2.3' });
    const missing = createReleaseNote(() => ({ path: '/nowhere/RELEASE' })).read(target, 1_000);
    await expect(missing).rejects.toThrow(/^the release note cannot be opened$/);
  });

  it('or at an address', async () => {
    const server = await serve((_request, response) => response.end('v1.2.3 2026-11-20T11:58:00Z'));
    onTestFinished(server.close);
    const note = { url: server.url, allowPrivate: false };
    expect(await createReleaseNote(() => note).read(target, 1_000)).toMatchObject({ version: 'v1.2.3' });
    expect(await createReleaseNote(() => null).read(target, 1_000)).toBe(null);
  });
});
