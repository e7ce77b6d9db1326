import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { startProcess, stopAll, stopProcess, within } from './processes.ts';
import { findTrouble, readTrace } from './trace.ts';

/*
 * "A 202 is never sent before the write is synced", seen from outside by the system calls of the bot. By hand:
 *
 *   STATE_DIR=/tmp/traced PORT=3000 ALERTS_TOKEN=test-alerts-token \
 *     strace -D -f -y -s 9000 -e trace=read,pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg -o /tmp/trace.txt \
 *     node lib/local/run.js start
 *   curl -H 'Authorization: Bearer test-alerts-token' -H 'Content-Type: application/json' \
 *     -d '{"id":"1","title":"sync-proof-01"}' http://127.0.0.1:3000/alerts/generic
 *   grep -n 'sync-proof-01\|HTTP/1.1 202\|sync(' /tmp/trace.txt
 *
 * shows in this order: read(socket) with the alert, pwrite64(state.sqlite-wal) with the alert, fsync(state.sqlite-wal) = 0,
 * writev(socket) with the 202. `-s` is longer than a page of the log, so that a page is shown whole; `-y` names the descriptors.
 */

const TOKEN = 'test-alerts-token';
const STRACE = process.env['STRACE_BIN'] || 'strace';
const CALLS = 'trace=read,pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg';
const mayTrace = spawnSync(STRACE, ['-o', '/dev/null', process.execPath, '--version']).status === 0;
const isNeeded = process.env['CI'] === 'true';
if (!mayTrace && !isNeeded)
  process.stdout.write('strace is not here or may not trace: the order of sync and 202 is not looked at.\n');

const folder = mkdtempSync(join(tmpdir(), 'mistral-triage-trace-'));
afterAll(async () => {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
});

const MARKS = Array.from({ length: 16 }, (_, index) => `sync-proof-${String(index + 1).padStart(2, '0')}`);

const post = async (url: string, mark: string): Promise<number> => {
  const answer = await fetch(`${url}/alerts/generic`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ id: mark, title: mark, group: mark }),
  });
  await answer.body?.cancel();
  return answer.status;
};

/** The trace is whole when strace has written that the process ended. */
const readWhole = async (path: string): Promise<string> => {
  for (let look = 0; look < 100; look += 1) {
    const trace = readFileSync(path, 'utf8');
    if (/^\d+\s+\+\+\+ exited with 0 \+\+\+$/m.test(trace.slice(-200))) return trace;
    await pause(100);
  }
  throw new Error('the trace has no end');
};

describe('a 202', () => {
  it.skipIf(!mayTrace && !isNeeded)(
    'leaves after its alert has been synced, whether alerts come alone or at once',
    async () => {
      expect(mayTrace, 'strace is needed: apt-get install -y strace').toBe(true);
      const output = join(folder, 'trace.txt');
      const traced = startProcess(
        STRACE,
        ['-D', '-f', '-y', '-s', '9000', '-e', CALLS, '-o', output, process.execPath, 'lib/local/run.js', 'start'],
        { STATE_DIR: join(folder, 'state'), PORT: '0', ALERTS_TOKEN: TOKEN },
      );
      const url = await within(60_000, 'the traced bot is ready', traced.ready);
      if (url === null) throw new Error(traced.output());
      for (const mark of MARKS.slice(0, 8)) expect(await post(url, mark)).toBe(202);
      expect(await Promise.all(MARKS.slice(8).map((mark) => post(url, mark)))).toEqual(Array(8).fill(202));
      await stopProcess(traced);
      const calls = readTrace(await readWhole(output));
      expect(MARKS.map((mark) => [mark, findTrouble(calls, mark)])).toEqual(MARKS.map((mark) => [mark, null]));
    },
    120_000,
  );
});

describe('who reads the trace', () => {
  const READ =
    '7 read(30<socket:[1]>, "POST /alerts/generic HTTP/1.1\\r\\n\\r\\n{\\"title\\":\\"mark\\"}", 65536) = 60';
  const WRITTEN = '7 pwrite64(22</s/state.sqlite-wal>, "\\r\\0mark\\0", 4096, 24) = 4096';
  const SYNCED = '7 fdatasync(22</s/state.sqlite-wal>)    = 0';
  const BEGUN = '7 fdatasync(22</s/state.sqlite-wal> <unfinished ...>';
  const ENDED = '7 <... fdatasync resumed>)             = 0';
  const OTHER = '7 fdatasync(23</s/secrets.sqlite-wal>)  = 0';
  const FAILED = '7 fdatasync(22</s/state.sqlite-wal>)    = -1 EIO (Input/output error)';
  const ANSWER = '7 writev(30<socket:[1]>, [{iov_base="HTTP/1.1 202 Accepted\\r\\n", iov_len=24}], 1) = 24';
  const ELSEWHERE = ANSWER.replace('socket:[1]', 'socket:[2]').replace('30<', '31<');

  const UNSYNCED = 'its 202 left before the log was synced';
  it.each([
    ['is content with read, write, sync, answer', [READ, WRITTEN, SYNCED, ANSWER], null],
    [
      'is content when another thread cut the sync in two',
      [READ, WRITTEN, BEGUN, '8 read(9<x>, "", 1) = 0', ENDED, ANSWER],
      null,
    ],
    ['sees an answer without a sync', [READ, WRITTEN, ANSWER], UNSYNCED],
    ['sees an answer before the sync', [READ, WRITTEN, ANSWER, SYNCED], UNSYNCED],
    ['sees an answer before the sync has returned', [READ, WRITTEN, BEGUN, ANSWER, ENDED], UNSYNCED],
    ['sees a sync that came before the write', [READ, SYNCED, WRITTEN, ANSWER], UNSYNCED],
    ['sees a sync of another file', [READ, WRITTEN, OTHER, ANSWER], UNSYNCED],
    ['sees a sync that failed', [READ, WRITTEN, FAILED, ANSWER], UNSYNCED],
    [
      'sees an answer before the write',
      [READ, ANSWER, WRITTEN, SYNCED],
      'its 202 left before it was written to the log',
    ],
    ['sees that there was no answer', [READ, WRITTEN, SYNCED, ELSEWHERE], 'no 202 was written to its socket'],
    ['sees that nothing arrived', [WRITTEN, SYNCED, ANSWER], 'it was never read from a socket'],
  ] as const)('%s', (_name, lines, trouble) => {
    expect(findTrouble(readTrace(lines.join('\n')), 'mark')).toBe(trouble);
  });
});
