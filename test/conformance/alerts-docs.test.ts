import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { findSnippet } from '../docs/snippets.ts';

const run = promisify(execFile);

/** Alertmanager's own checker, which is packaged beside it. */
const beside = join(dirname(process.env['ALERTMANAGER_BIN'] ?? ''), 'amtool');
const AMTOOL = process.env['AMTOOL_BIN'] ?? (existsSync(beside) ? beside : '');
const isSkipped = AMTOOL === '' && process.env['CI'] !== 'true';

const folder = mkdtempSync(join(tmpdir(), 'alerts-docs-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const check = (config: string): Promise<string> => {
  const path = join(folder, 'alertmanager.yml');
  writeFileSync(path, config);
  return run(AMTOOL, ['check-config', path]).then(({ stdout }) => stdout);
};

describe.skipIf(isSkipped)('the Alertmanager configuration of docs/alerts.md', () => {
  const config = findSnippet('alerts.md', 'Alertmanager', 'yaml', 'webhook_configs');

  it('is taken by the real Alertmanager', async () => {
    expect(AMTOOL).not.toBe('');
    expect(await check(config)).toMatch(/SUCCESS[\s\S]*1 receivers/);
  });

  it('would be refused with a word misspelt', async () => {
    await expect(check(config.replace('send_resolved', 'send_resolve'))).rejects.toMatchObject({
      stdout: expect.stringContaining('send_resolve not found'),
    });
  });
});
