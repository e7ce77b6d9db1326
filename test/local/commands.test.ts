import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hasColour, runCommand } from '../../lib/local/commands.ts';
import { ROOT } from '../conformance/processes.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

type Variables = { readonly NO_COLOR?: string; readonly FORCE_COLOR?: string; readonly TERM?: string };

const { getColorDepth } = WriteStream.prototype;

describe('colours', () => {
  it.each<readonly [string, boolean, Variables, boolean]>([
    ['are in a terminal', true, {}, true],
    ['are not in a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['are in a terminal with an empty NO_COLOR, which is none', true, { NO_COLOR: '' }, true],
    ['are not in a terminal that knows none', true, { TERM: 'dumb' }, false],
    ['are not in a terminal with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
    ['are not in a file', false, {}, false],
    ['are in a file with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
  ])('%s', (_what, isTTY, variables, expected) => {
    for (const name of ['NODE_DISABLE_COLORS', 'COLORTERM', 'CI', 'TMUX'] as const) vi.stubEnv(name, undefined);
    vi.stubEnv('NO_COLOR', variables.NO_COLOR);
    vi.stubEnv('FORCE_COLOR', variables.FORCE_COLOR);
    vi.stubEnv('TERM', variables.TERM ?? 'xterm');
    expect(hasColour(Object.assign(new PassThrough(), isTTY ? { isTTY, getColorDepth } : {}))).toBe(expected);
  });
});

describe('every command', () => {
  it.each(['start', 'demo', 'triage', 'incidents', 'break', 'manifest', 'preview', 'bench'])(
    '%s tells with --help how it is used, does nothing else and ends well',
    async (name) => {
      const said: string[] = [];
      const written = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
      await runCommand([name, '--help']).finally(() => written.mockRestore());
      expect([said.join(''), process.exitCode]).toEqual([expect.stringMatching(/^Use: npm [^\n]+\n$/), undefined]);
    },
  );

  it('ends quietly when nobody reads what it says', async () => {
    const child = spawn(process.execPath, ['lib/local/run.js', 'break', '--list'], { cwd: ROOT });
    child.stdout.destroy();
    let complained = '';
    child.stderr.on('data', (text) => (complained += String(text)));
    const [code] = await once(child, 'close');
    expect([code, complained]).toEqual([0, '']);
  });
});
