import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { BOT_TOKEN, buttonsOf, type Message, SIGNING_SECRET } from './local-slack-peer.ts';

/** local-slack-linux-x64@0.1.8, which `.ci/run` fetches. */
const PROGRAM = process.env['LOCAL_SLACK_BIN'] ?? '';

const STORY = fileURLToPath(import.meta.resolve('./local-slack-story.ts'));

/** Part of every Linux; without it nothing runs here. */
const UNSHARE = 'unshare';

/** Nothing outside reaches what listens inside, and all of it ends with its first process. */
const APART = ['--map-root-user', '--net', '--pid', '--fork', '--kill-child', 'sh', '-c'] as const;
const canBeApart = spawnSync(UNSHARE, [...APART, 'ip link set lo up']).status === 0;

const message = z.object({
  ts: z.string(),
  text: z.string(),
  blocks: z.array(z.object({ elements: z.optional(z.array(z.unknown())) })),
});
const REPORT = z.object({
  broke: z.number(),
  alertStatus: z.number(),
  messages: z.object({
    first: message,
    acknowledged: message,
    rotated: message,
    resolved: message,
    answered: message,
    again: message,
  }),
  refused: z.object({ user: z.string(), text: z.string() }),
  status: z.object({ user: z.string(), text: z.string() }),
  roots: z.number(),
  answers: z.number(),
  wire: z.array(z.string()),
});

const actionsOf = (shown: Message): readonly string[] => buttonsOf(shown).map((button) => button.action_id);

describe.skipIf(PROGRAM === '' || !canBeApart)('against local-slack, which nobody here wrote', () => {
  let folder = '';
  let report: z.output<typeof REPORT>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'local-slack-'));
    const story = 'ip link set lo up && exec "$0" "$1" "$2" "$3"';
    const args = [...APART, story, process.execPath, STORY, PROGRAM, folder];
    const { stdout } = await promisify(execFile)(UNSHARE, args, { timeout: 100_000, maxBuffer: 16 * 1024 * 1024 });
    report = z.parse(REPORT, JSON.parse(stdout));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('the alert becomes one message with its buttons', () => {
    expect(report).toMatchObject({ broke: 0, alertStatus: 202, roots: 1 });
    const { text } = report.messages.first;
    expect(text).toMatch(/^🔴 P1 · MistralAuthenticationFailure/);
    expect(actionsOf(report.messages.first)).toEqual(
      expect.arrayContaining(['incident.acknowledge', 'mitigation.rotate-key', 'incident.resolve', 'evidence.collect']),
    );
  });

  it('a click that it signs is obeyed and replaces its button in the same message', () => {
    const { first, acknowledged, rotated, resolved } = report.messages;
    expect([acknowledged.ts, rotated.ts, resolved.ts]).toEqual([first.ts, first.ts, first.ts]);
    expect(actionsOf(acknowledged)).toContain('incident.unacknowledge');
    expect(actionsOf(rotated)).toContain('mitigation.undo');
    expect(actionsOf(rotated)).not.toContain('mitigation.rotate-key');
    expect(resolved.text).toContain('Resolved');
    expect(actionsOf(resolved)).toContain('incident.reopen');
  });

  it('a person who may not mitigate is told so, and nobody else', () => {
    expect(report.refused.user).toBe('U0NOAH');
    expect(report.refused.text).toContain('not among the people who may');
  });

  it('a command is answered', () => {
    expect(report.status).toMatchObject({ user: 'U0MAYA', text: '1 open incident' });
  });

  it('a question is answered in one message, which its button fills anew', () => {
    const { answered, again } = report.messages;
    expect([report.answers, again.ts]).toEqual([1, answered.ts]);
    expect(answered.text).toMatch(/Healthy · mistral-api/);
  });

  it('every delivery was taken at once', () => {
    const answers = report.wire.filter((line) => / HTTP \d/.test(line));
    expect(answers).toHaveLength(7);
    for (const line of answers) expect(line).toMatch(/ HTTP 200$/);
  });

  it('neither token nor secret is in what the bot wrote', () => {
    const written = ['bot.out', join('state', 'log.jsonl')].map((name) => readFileSync(join(folder, name), 'utf8'));
    for (const text of written) {
      expect(text).not.toBe('');
      for (const secret of [BOT_TOKEN, SIGNING_SECRET]) expect(text).not.toContain(secret);
    }
  });
});
