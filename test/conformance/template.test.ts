import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ALARM_PLANTS } from '../aws/alarm-plants.ts';
import { plant } from '../aws/plant.ts';
import { findPolicyTroubles } from '../aws/policy-law.ts';
import { RESOURCE_PLANTS } from '../aws/resource-plants.ts';
import { ROLE_PLANTS } from '../aws/role-plants.ts';
import { findSpecTroubles, loadSpec } from '../aws/spec-law.ts';
import type { Template } from '../aws/template.ts';
import { packageOnce } from './packaged.ts';

afterAll(async () => (await packageOnce()).remove());

describe('the packaged template', () => {
  test('is what AWS specifies, nested properties too', async () => {
    expect(findSpecTroubles((await packageOnce()).template, await loadSpec())).toEqual([]);
  });

  test.each<readonly [what: string, path: readonly (string | number)[], value: unknown, trouble: string]>([
    ['a misspelling', ['JobsQueue', 'Properties', 'VisiblityTimeout'], 120, 'JobsQueue: knows no VisiblityTimeout'],
    [
      'a misspelling deep inside',
      ['WorkerEventSourceMappingSQSJobsQueue', 'Properties', 'ScalingConfig', 'MaximumConcurency'],
      5,
      'WorkerEventSourceMappingSQSJobsQueue.ScalingConfig: knows no MaximumConcurency',
    ],
    [
      'a missing member deep inside',
      ['Bucket', 'Properties', 'LifecycleConfiguration', 'Rules', 0, 'Status'],
      undefined,
      'Bucket.LifecycleConfiguration.Rules[0]: lacks Status',
    ],
  ])('with %s would not be', async (_, path, value, trouble) => {
    const { template } = await packageOnce();
    expect(findSpecTroubles(plant(template, path, value), await loadSpec())).toEqual([trouble]);
  });

  test('breaks none of our rules', async () => {
    expect(findPolicyTroubles((await packageOnce()).template)).toEqual([]);
  });

  test.each([...ROLE_PLANTS, ...RESOURCE_PLANTS, ...ALARM_PLANTS])('with %s would', async (_, path, value, trouble) => {
    expect(findPolicyTroubles(plant((await packageOnce()).template, path, value))).toContain(trouble);
  });
});

/** Path of `cfn-lint`, as `.ci/run` finds it. Where CI is true, its absence is a failure. */
const CFN_LINT = process.env['CFN_LINT_BIN'] ?? '';
const isSkipped = CFN_LINT === '' && process.env['CI'] !== 'true';

/** Warnings that stand, and why; any other is a failure. */
const ACCEPTED: Readonly<Record<string, string>> = {
  W3005: 'the framework names dependencies that follow from references already; harmless',
  W8003: 'conditions compare parameters of serverless.yml, which are values by then',
};

/** `cfn-lint --format json`, errors and warnings. */
const lint = async (
  path: string,
): Promise<readonly { readonly Rule: { readonly Id: string }; readonly Message: string }[]> => {
  const args = ['--format', 'json', '--non-zero-exit-code', 'none', '--regions', 'eu-central-1', '--template', path];
  const said = await new Promise<string>((resolve, reject) => {
    execFile(CFN_LINT, args, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
  return JSON.parse(said.trim() || '[]');
};

describe.skipIf(isSkipped)('cfn-lint', () => {
  test('finds in the packaged template nothing but what is accepted here', async () => {
    const { folder } = await packageOnce();
    const found = await lint(join(folder, '.serverless/cloudformation-template-update-stack.json'));
    expect(found.filter(({ Rule }) => ACCEPTED[Rule.Id] === undefined)).toEqual([]);
    expect([...new Set(found.map(({ Rule }) => Rule.Id))].sort()).toEqual(Object.keys(ACCEPTED).sort());
  });

  test('finds a reference that leads nowhere', async () => {
    const { folder, template } = await packageOnce();
    const path = join(folder, 'planted.json');
    const planted: Template = plant(template, ['JobsAgeAlarm', 'Properties', 'AlarmActions', 0, 'Ref'], 'NoTopic');
    await writeFile(path, JSON.stringify(planted));
    expect((await lint(path)).map(({ Message }) => Message).join()).toContain('NoTopic');
  });
});
