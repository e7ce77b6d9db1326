import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startFunction } from './runtime-api.ts';

const start = async (code: string, environment: Readonly<Record<string, string>> = {}, timeoutMs = 10_000) => {
  const folder = mkdtempSync(join(tmpdir(), 'runtime-api-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'one.mjs'), code);
  const running = await startFunction({ bundle: join(folder, 'one.mjs'), environment, timeoutMs });
  onTestFinished(() => running.close());
  return running;
};

const BY_EVENT = `let calls = 0;
export const handler = async (event, context) => {
  calls += 1;
  if (event.does === 'throw') throw new RangeError('too far');
  if (event.does === 'exit') process.exit(3);
  if (event.does === 'hang') {
    console.log('hangs');
    return new Promise((resolve) => setTimeout(resolve, 60_000));
  }
  return { calls, seen: event.seen, of: process.env.OF, home: process.env.HOME ?? null, left: context.getRemainingTimeInMillis() > 0 };
};`;

it('hands events to one process, one after the other, with the environment it was given and no other', async () => {
  const { invoke } = await start(BY_EVENT, { OF: 'test' });
  const answers = await Promise.all([invoke({ seen: 'ä' }), invoke({ seen: 'b' })]);
  const same = { of: 'test', home: null, left: true };
  expect(answers).toEqual([
    { calls: 1, seen: 'ä', ...same },
    { calls: 2, seen: 'b', ...same },
  ]);
});

it('tells what the handler threw, and keeps the process', async () => {
  const { invoke } = await start(BY_EVENT);
  await expect(invoke({ does: 'throw' })).rejects.toMatchObject({
    errorType: 'RangeError',
    message: 'RangeError: too far',
  });
  expect(await invoke({})).toMatchObject({ calls: 2 });
});

it.each([
  ['exits', { does: 'exit' }, 10_000, 'Runtime.ExitError: Runtime exited with error: exit status 3'],
  ['takes too long', { does: 'hang' }, 300, 'Sandbox.Timedout: Task timed out after 0.30 seconds'],
])(
  'fails the invocation in which the process %s, and starts anew with the next',
  async (_, event, timeoutMs, message) => {
    const { invoke } = await start(BY_EVENT, {}, timeoutMs);
    await invoke({});
    await expect(invoke(event)).rejects.toMatchObject({ message });
    expect(await invoke({})).toMatchObject({ calls: 1 });
  },
);

it('fails the invocation during which it is killed', async () => {
  const running = await start(`console.log('here');${BY_EVENT}`);
  const invoked = running.invoke({ does: 'hang' });
  invoked.catch(() => undefined);
  await expect.poll(running.output).toContain('hangs');
  await running.kill();
  await expect(invoked).rejects.toMatchObject({ errorType: 'Runtime.ExitError' });
  expect(await running.invoke({})).toMatchObject({ calls: 1 });
  expect(running.output()).toBe('here\nhangs\nhere\n');
});

it.each([
  ['throws', 'throw new TypeError("no such table");', 'TypeError: no such table'],
  ['exits', 'process.exit(4);', 'Runtime.ExitError: Runtime exited with error: exit status 4'],
])('does not start a module that %s', async (_, code, message) => {
  await expect(start(code)).rejects.toMatchObject({ message });
});
