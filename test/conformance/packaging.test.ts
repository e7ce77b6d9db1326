import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { at, nameOf, resourcesOf, type Template } from '../aws/template.ts';
import { FUNCTIONS, type FunctionName, filesIn, packageOnce, packageService } from './packaged.ts';

const UNSHARE = 'unshare';

/** Bytes of the unzipped bundle; kB is 1000 of them. What a function loads is what a cold start waits for. */
const BUDGET_KB: Readonly<Record<FunctionName, number>> = {
  alerts: 60,
  slack: 200,
  health: 60,
  clock: 600,
  worker: 600,
  mitigate: 600,
  triage: 1200,
};

const hash = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

/** Whether this machine lets us make a network without a way out. */
const canGoOffline = (): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(UNSHARE, ['-n', '-r', 'true'], (error) => resolve(error === null));
  });

/** What AWS or an application knows things by: names that we give, and secrets. Tables, buckets and queues are told by reference. */
const namesIn = (template: Template): readonly string[] => {
  const names = Object.values(template.Resources).flatMap(({ Properties = {} }) =>
    Object.entries(Properties)
      .filter(([key]) => /^(Table|Bucket|Queue|Topic|Function|Alarm|LogGroup)?Name$/.test(key))
      .filter(([, value]) => nameOf(value) === null)
      .map(([, value]) => JSON.stringify(value)),
  );
  const variables = resourcesOf(template, 'AWS::Lambda::Function').flatMap(([, fields]) =>
    ['APP_SECRET_ID', 'MISTRAL_SECRET_ID'].map((name) => at(fields, 'Environment', 'Variables', name)),
  );
  const secrets = JSON.stringify(template).match(/[^"]+:secret:[^"]+/g) ?? [];
  return [...new Set([...names, ...variables, ...secrets].map(String))];
};

afterAll(async () => (await packageOnce()).remove());

describe('the package', () => {
  test.each(FUNCTIONS)('of %s is one module within its budget', async (name) => {
    const { root, bundle } = await packageOnce();
    expect(await filesIn(root(name))).toEqual([`functions/lambda/${name}.mjs`]);
    const { size } = await stat(bundle(name));
    process.stdout.write(`${name}: ${(size / 1000).toFixed(1)} of ${BUDGET_KB[name]} kB\n`);
    expect(size / 1000).toBeLessThanOrEqual(BUDGET_KB[name]);
  });

  test('is the same to the byte from another folder, without any network', async () => {
    const here = await packageOnce();
    const offline = await canGoOffline();
    if (!offline && process.env['CI'] === 'true')
      expect.fail('unshare: not allowed here, so nothing shows that no network is needed');
    const there = await packageService({ offline });
    try {
      expect(there.folder).not.toBe(here.folder);
      for (const name of FUNCTIONS)
        expect([name, await hash(there.zip(name))]).toEqual([name, await hash(here.zip(name))]);
    } finally {
      await there.remove();
    }
  });

  test('of two stages shares no name and no secret', async () => {
    const { template: dev } = await packageOnce();
    const other = await packageService({ args: ['--stage', 'prod'] });
    try {
      const shared = namesIn(dev).filter((name) => namesIn(other.template).includes(name));
      expect(shared).toEqual([]);
      expect(namesIn(dev).length).toBeGreaterThan(25);
    } finally {
      await other.remove();
    }
  });

  test('of two stages with one secret would be found out', async () => {
    const { folder } = await packageOnce();
    const text = await readFile(`${folder}/serverless.yml`, 'utf8');
    const one = text.replace(/mistralSecretNames: \S+/, 'mistralSecretNames: one');
    const first = await packageService({ replace: { 'serverless.yml': one } });
    try {
      const second = await packageService({ args: ['--stage', 'prod'], replace: { 'serverless.yml': one } });
      await second.remove();
      const shared = namesIn(first.template).filter((name) => namesIn(second.template).includes(name));
      expect(shared).toEqual(['one', expect.stringContaining(':secret:one-')]);
    } finally {
      await first.remove();
    }
  });

  test('is refused with every wrong parameter in one message', async () => {
    const args = [
      'retentionDays=forever',
      'alarmEmail=nobody',
      'mistralSecretNames=a,*',
      'watchedFunctions=chat:*',
    ].map((one) => `--param=${one}`);
    const refused = packageService({ args: [...args, '--stage', 'Live'] });
    await expect(refused).rejects.toThrow(
      /alarmEmail: .*[\s\S]*mistralSecretNames: .*[\s\S]*watchedFunctions: .*[\s\S]*retentionDays: .*[\s\S]*stage: /,
    );
  });

  test('is refused with a word in serverless.yml that means nothing', async () => {
    const { folder } = await packageOnce();
    const text = await readFile(`${folder}/serverless.yml`, 'utf8');
    const refused = packageService({ replace: { 'serverless.yml': text.replace('batchSize:', 'batchSizee:') } });
    await expect(refused).rejects.toThrow(/batchSizee/);
  });
});
