import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);

/** Path of `cfn-lint`, as `.ci/run` finds it. Where CI is true, its absence is a failure. */
const CFN_LINT = process.env['CFN_LINT_BIN'] ?? '';
const isSkipped = CFN_LINT === '' && process.env['CI'] !== 'true';

const template = readFileSync(new URL('../../../templates/aws/application-alarms.yml', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'application-alarms-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What cfn-lint says of it; it fails where it finds something, be it only to inform. */
const lint = async (text: string): Promise<string> => {
  const path = join(folder, 'template.yml');
  writeFileSync(path, text);
  const { stdout } = await run(CFN_LINT, ['--include-checks', 'I', '--', path]);
  return stdout;
};

describe.skipIf(isSkipped)('the alarms for an application, to cfn-lint', () => {
  it('are a template without a fault', async () => {
    expect(CFN_LINT).not.toBe('');
    expect(await lint(template)).toBe('');
  });

  const mistakes: readonly (readonly [string, string, string])[] = [
    ['a member that is none', 'TreatMissingData:', 'TreatMissing:'],
    ['a word that is none', 'GreaterThanThreshold', 'GreaterThan'],
    ['a name that nobody has', '{ Ref: AlertsTopicArn }', '{ Ref: AlertTopicArn }'],
    ['a window that is not there', 'Burn6Over30m}', 'Burn6Over31m}'],
  ];
  for (const [what, right, wrong] of mistakes) {
    it(`would not be with ${what}`, async () => {
      expect(template).toContain(right);
      await expect(lint(template.replace(right, wrong))).rejects.toMatchObject({
        stdout: expect.stringMatching(/^E\d{4}/),
      });
    });
  }
});
