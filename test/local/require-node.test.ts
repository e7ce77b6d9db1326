import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const RUN = resolve(import.meta.dirname, '../../lib/local/run.js');

/** Runs the entry on this Node, which is told to call itself by another version. */
const runAs = (version: string): Promise<{ readonly exit: number; readonly stderr: string }> => {
  const versions = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
  const preload = `data:text/javascript,${encodeURIComponent(versions)}`;
  return new Promise((done) => {
    execFile(process.execPath, ['--import', preload, RUN, 'no-such-command'], (error, _stdout, stderr) =>
      done({ exit: typeof error?.code === 'number' ? error.code : 0, stderr }),
    );
  });
};

it('a Node that is too old is told in one sentence what to do', async () => {
  const { exit, stderr } = await runAs('20.20.2');
  expect(exit).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain('runs on Node 24, and this is Node 20.20.2');
  expect(stderr).toContain('npm ci');
});

it('the right one goes on, and an unknown command lists what there is', async () => {
  const { exit, stderr } = await runAs('24.1.0');
  expect([exit, stderr.includes('There are: start, demo, triage')]).toEqual([2, true]);
});
