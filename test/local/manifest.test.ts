import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { manifest } from '../../lib/local/manifest.ts';

const RUN = fileURLToPath(import.meta.resolve('../../lib/local/run.js'));

const run = (...args: readonly string[]) => promisify(execFile)(process.execPath, [RUN, 'manifest', ...args]);

const SHOWN = z.object({
  features: z.object({ slash_commands: z.array(z.object({ url: z.optional(z.string()) })) }),
  settings: z.object({ socket_mode_enabled: z.boolean() }),
});

describe('npm run manifest', () => {
  it('prints the link, and the manifest that is in it', async () => {
    const { stdout } = await run('--socket');
    const link = /^https:\S+$/m.exec(stdout)?.[0] ?? '';
    const linked: unknown = JSON.parse(new URL(link).searchParams.get('manifest_json') ?? '');
    expect(JSON.parse(stdout.slice(stdout.indexOf('{\n')))).toEqual(linked);
    expect(z.parse(SHOWN, linked).settings.socket_mode_enabled).toBe(true);
  });

  it.each(['https://abc.example.com', 'https://abc.example.com/slack/events/'])(
    'takes the address of the stack as it was printed: %s',
    async (url) => {
      const { stdout } = await run('--json', '--url', url);
      const [command] = z.parse(SHOWN, JSON.parse(stdout)).features.slash_commands;
      expect(command?.url).toBe('https://abc.example.com/slack/events');
    },
  );

  it('keeps a path before ours', async () => {
    const { stdout } = await run('--json', '--url', 'https://abc.example.com/bots/');
    expect(stdout).toContain('"https://abc.example.com/bots/slack/events"');
  });

  it.each([
    ['nothing', [], /--socket for npm start/],
    ['both ways', ['--socket', '--url', 'https://abc.example.com/'], /Either --socket or --url/],
    ['an address without TLS', ['--url', 'http://abc.example.com/'], /https:\/\//],
    ['no address', ['--url', 'abc'], /is no address/],
    ['this machine', ['--url', 'https://127.0.0.1:3000/'], /Slack cannot reach/],
    ['a password', ['--url', 'https://maya:secret@abc.example.com/'], /a password/],
    ['a query', ['--url', 'https://abc.example.com/?token=1'], /more than an address/],
    ['far too much', ['--url', `https://abc.example.com/${'a'.repeat(500)}`], /longer than 500/],
    ['a slip of the keyboard', ['--sokcet'], /sokcet.*Use: npm run manifest/],
  ])('with %s says what to give', async (_, args, words) => {
    await expect(Promise.resolve(args).then(manifest)).rejects.toThrow(words);
  });

  it('prints no link then, and fails', async () => {
    await expect(run()).rejects.toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--socket') });
  });
});
