import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BOT_TOKEN, clientOf, makeFolder, openSlack, plain, SIGNING_SECRET, wordOf } from './open.ts';

describe('the state file', () => {
  it('keeps messages, threads, marks and files over a restart', async () => {
    const first = await openSlack();
    const root = await first.client.chat.postMessage({
      channel: 'incidents',
      text: 'root',
      blocks: [{ type: 'header', text: plain('P1') }],
      metadata: { event_type: 'a', event_payload: { b: 'c' } },
    });
    await first.press('message', { user: 'U0NOAH', channel: 'incidents', text: 'reply', thread_ts: root.ts });
    await first.client.pins.add({ channel: 'C0INCIDENTS', timestamp: String(root.ts) });
    const before = await first.look('U0MAYA');
    await first.close();
    const second = await openSlack({ statePath: first.statePath });
    expect(await second.look('U0MAYA')).toEqual(before);
    expect(before.messages).toMatchObject([
      { text: 'root', reply_count: 1, pinned_to: ['C0INCIDENTS'] },
      { text: 'reply' },
    ]);
  });

  it('is its owner’s alone', async () => {
    const { statePath } = await openSlack();
    expect(statSync(statePath).mode & 0o777).toBe(0o600);
  });

  it('is held by one process at a time', async () => {
    const { statePath } = await openSlack();
    await expect(openSlack({ statePath })).rejects.toThrow('another process is using it');
  });

  const damage: readonly (readonly [string, (path: string) => void, string])[] = [
    ['empty', (path) => writeFileSync(path, ''), 'it is empty'],
    [
      'text',
      (path) => writeFileSync(path, 'not a database, but longer than a header'.repeat(50)),
      'file is not a database',
    ],
    [
      'foreign',
      (path) => new DatabaseSync(path).exec('CREATE TABLE theirs (a)'),
      'it is not a state file of the embedded Slack',
    ],
    [
      'newer',
      (path) =>
        new DatabaseSync(path).exec(
          `PRAGMA application_id = ${0x534c414b}; PRAGMA user_version = 2; CREATE TABLE a (b)`,
        ),
      'it was written by a newer version (schema 2)',
    ],
  ];
  it.each(damage)('that is %s is named, and left as it was', async (_name, spoil, why) => {
    const statePath = join(makeFolder(), 'slack.db');
    spoil(statePath);
    const before = readFileSync(statePath);
    await expect(openSlack({ statePath })).rejects.toThrow(new RegExp(`${statePath}.*${why.replace(/[()]/g, '\\$&')}`));
    expect(readFileSync(statePath).equals(before)).toBe(true);
  });

  it('that is half-written is refused', async () => {
    const first = await openSlack({ limits: { messagesPerSecondPerChannel: false } });
    for (let index = 0; index < 40; index += 1)
      await first.client.chat.postMessage({ channel: 'incidents', text: 'x'.repeat(2_000) });
    await first.close();
    const whole = readFileSync(first.statePath);
    writeFileSync(first.statePath, whole.subarray(0, Math.floor(whole.length / 2)));
    await expect(openSlack({ statePath: first.statePath })).rejects.toThrow(first.statePath);
  });

  it('needs channel names that are names', async () => {
    await expect(openSlack({ channels: ['#incidents'] })).rejects.toThrow('not a channel name');
  });
});

const firstLine = async (stream: Readable): Promise<string> => {
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) return String(chunk);
  return '';
};

const startProcess = async (
  folder: string,
  ...more: readonly string[]
): Promise<{ readonly child: ChildProcess; readonly origin: string }> => {
  const main = join(import.meta.dirname, '../../../lib/local/slack/main.ts');
  const args = [
    main,
    '--port',
    '0',
    '--state',
    join(folder, 'slack.db'),
    '--events-url',
    'http://127.0.0.1:9/slack/events',
    ...more,
  ];
  const child = spawn(process.execPath, args, {
    env: { SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SIGNING_SECRET },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const line = await firstLine(child.stdout);
  const origin = /^ready (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(line)?.[1];
  if (origin === undefined) throw new Error(`unexpected first line: ${line}`);
  return { child, origin };
};

describe('a process of its own', () => {
  it('loses nothing that it answered when it is killed, and ends cleanly when asked', async () => {
    const folder = makeFolder();
    const first = await startProcess(folder, '--channel', 'incidents', '--channel', 'drills');
    const { ts } = await clientOf(first.origin).chat.postMessage({ channel: 'drills', text: 'kept' });
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = await startProcess(folder);
    const read = await clientOf(second.origin).conversations.history({ channel: 'C0DRILLS' });
    expect(read.messages).toMatchObject([{ ts, text: 'kept' }]);
    const page = await fetch(`${second.origin}/console/events?user=U0MAYA`);
    expect(page.status).toBe(200);
    second.child.kill('SIGTERM');
    expect(await once(second.child, 'exit')).toEqual([0, null]);
    expect(existsSync(join(folder, 'slack.db-wal'))).toBe(false);
  });

  it('says what is missing and starts nothing', async () => {
    const main = join(import.meta.dirname, '../../../lib/local/slack/main.ts');
    const child = spawn(process.execPath, [main, '--state', join(makeFolder(), 'a.db')], {
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const words = await firstLine(child.stderr);
    expect(words).toBe('--events-url is missing\n');
    expect(await once(child, 'exit')).toEqual([1, null]);
  });
});

describe('files and marks', () => {
  it('shares an uploaded file in its thread and hands it back as a download', async () => {
    const { client, origin, look } = await openSlack();
    const { ts = '' } = await client.chat.postMessage({ channel: 'incidents', text: 'root' });
    await client.filesUploadV2({
      channel_id: 'C0INCIDENTS',
      thread_ts: ts,
      filename: 'a "b".md',
      file: Buffer.from('# é'),
      title: 'Postmortem',
    });
    const shared = (await look('U0MAYA')).messages.at(-1);
    expect(shared).toMatchObject({ thread_ts: ts, files: [{ name: 'a "b".md', title: 'Postmortem', size: 4 }] });
    const id = JSON.stringify(shared).match(/F0[0-9A-F]{10}/)?.[0];
    const download = await fetch(`${origin}/console/files/${id}`);
    expect(download.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''a%20%22b%22.md");
    expect(await download.text()).toBe('# é');
    expect(await wordOf(client.files.completeUploadExternal({ files: [{ id: String(id), title: 'again' }] }))).toBe(
      'file_not_found',
    );
  });

  it('takes only the bytes that were announced, and only once', async () => {
    const { client } = await openSlack();
    const place = await client.files.getUploadURLExternal({ filename: 'a.txt', length: 3 });
    const put = async (body: string) => (await fetch(String(place.upload_url), { method: 'POST', body })).status;
    expect([await put('four'), await put('abc'), await put('abc')]).toEqual([400, 200, 404]);
    expect(await wordOf(client.files.getUploadURLExternal({ filename: 'a', length: 30_000_000 }))).toBe(
      'file_upload_size_restricted',
    );
  });

  it('reacts and pins once, and bookmarks web addresses', async () => {
    const { client, look } = await openSlack();
    const { ts = '' } = await client.chat.postMessage({ channel: 'incidents', text: 'x' });
    const at = { channel: 'C0INCIDENTS', timestamp: ts };
    expect(await wordOf(client.reactions.add({ ...at, name: 'eyes' }))).toBe('ok');
    expect(await wordOf(client.reactions.add({ ...at, name: 'eyes' }))).toBe('already_reacted');
    expect(await wordOf(client.reactions.add({ ...at, name: 'Not A Name' }))).toBe('invalid_name');
    expect(await wordOf(client.pins.add(at))).toBe('ok');
    expect(await wordOf(client.pins.add(at))).toBe('already_pinned');
    const bookmark = { channel_id: 'C0INCIDENTS', title: 'Runbook', type: 'link' as const };
    expect(await wordOf(client.bookmarks.add({ ...bookmark, link: 'javascript:alert(1)' }))).toBe('invalid_link');
    expect(await wordOf(client.bookmarks.add({ ...bookmark, link: 'https://runbook.example/' }))).toBe('ok');
    expect((await look('U0MAYA')).messages[0]).toMatchObject({ reactions: [{ name: 'eyes', count: 1 }] });
    expect((await look('U0MAYA')).channels[0]?.['bookmarks']).toEqual([
      { title: 'Runbook', link: 'https://runbook.example/' },
    ]);
  });
});
