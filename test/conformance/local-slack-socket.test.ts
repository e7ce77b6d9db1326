import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { APP_TOKEN, BOT_TOKEN, buttonsOf, type Message } from './local-slack-peer.ts';

/** local-slack-linux-x64@0.1.8, which `.ci/run` fetches. */
const PROGRAM = process.env['LOCAL_SLACK_BIN'] ?? '';

const STORY = fileURLToPath(import.meta.resolve('./local-slack-socket-story.ts'));

/** Part of every Linux; without it nothing runs here. */
const UNSHARE = 'unshare';

/** Nothing outside reaches what listens inside, and all of it ends with its first process. */
const APART = ['--map-root-user', '--net', '--pid', '--fork', '--kill-child', 'sh', '-c'] as const;
const canBeApart = spawnSync(UNSHARE, [...APART, 'ip link set lo up']).status === 0;

const message = z.object({
  ts: z.string(),
  text: z.string(),
  blocks: z.optional(z.array(z.object({ elements: z.optional(z.array(z.unknown())) }))),
});
const REPORT = z.object({
  alertStatus: z.number(),
  shown: message,
  acknowledged: message,
  shownAtOnce: message,
  unsigned: z.number(),
  acks: z.number(),
  afterwards: z.boolean(),
  exit: z.nullable(z.number()),
});

const actionsOf = (shown: Message): readonly string[] => buttonsOf(shown).map((button) => button.action_id);

describe.skipIf(PROGRAM === '' || !canBeApart)('by socket mode against local-slack, which nobody here wrote', () => {
  let folder = '';
  let report: z.output<typeof REPORT>;
  const written = (name: string): string => readFileSync(join(folder, name), 'utf8');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'local-slack-socket-'));
    const story = 'ip link set lo up && exec "$0" "$1" "$2" "$3"';
    const args = [...APART, story, process.execPath, STORY, PROGRAM, folder];
    const { stdout } = await promisify(execFile)(UNSHARE, args, { timeout: 100_000, maxBuffer: 16 * 1024 * 1024 });
    report = z.parse(REPORT, JSON.parse(stdout));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('a click is obeyed and changes the same message', () => {
    expect(report.alertStatus).toBe(202);
    expect(actionsOf(report.shown)).toContain('incident.acknowledge');
    expect(report.acknowledged.ts).toBe(report.shown.ts);
    expect(actionsOf(report.acknowledged)).not.toContain('incident.acknowledge');
    expect(JSON.stringify(report.acknowledged)).toContain('Acknowledged by <@U0MAYA>');
  });

  it('a command is answered with its acknowledgement', () => {
    expect(report.shownAtOnce.text).toContain('the answer comes as a message in this channel');
    expect(report.acks).toBe(2);
  });

  it('nobody is believed over HTTP while no signing secret is set', () => {
    expect(report.unsigned).toBe(401);
  });

  it('the start says which way clicks come; a lost Slack is told, found again, and obeyed', () => {
    const output = written('bot.out');
    expect(output).toMatch(/^slack: .*, channel incidents, socket mode$/m);
    expect(output.match(/^slack: socket mode: .*Clicks and commands do not arrive/gm)).toHaveLength(1);
    expect(report.afterwards).toBe(true);
  });

  it('Ctrl-C ends it in order', () => {
    expect(report.exit).toBe(0);
    expect(written(join('state', 'log.jsonl'))).toContain('"why":"stopped"');
  });

  it('neither token is in what the bot wrote', () => {
    for (const name of ['bot.out', join('state', 'log.jsonl')])
      for (const token of [BOT_TOKEN, APP_TOKEN]) expect(written(name)).not.toContain(token);
  });
});
