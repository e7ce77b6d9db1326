import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { createSlackHandler } from '../../functions/slack.ts';
import { openJobs } from '../../lib/adapters/embedded/jobs.ts';
import { openStateFile } from '../../lib/adapters/embedded/state-file.ts';
import { STATE_SCHEMA } from '../../lib/adapters/embedded/tables.ts';
import type { HttpEvent } from '../../lib/intake/http-event.ts';
import type { Jobs, TakenJob } from '../../lib/ports/jobs.ts';

export const SECRET = 'test-signing-secret-current';
export const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 0);
const CLOCK = { nowMs: () => NOW_MS };
const FORM = 'application/x-www-form-urlencoded';

type Parts = Parameters<typeof createSlackHandler>[0];

/** The real embedded queue, and what lies in it. */
export const openQueue = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slack-handler-'));
  const file = await openStateFile(join(folder, 'state.sqlite'), STATE_SCHEMA);
  onTestFinished(async () => {
    await file.close();
    rmSync(folder, { recursive: true });
  });
  const jobs = openJobs(file, CLOCK);
  const queued = (): Promise<readonly TakenJob[]> => jobs.take('jobs', 100, 60_000);
  return { jobs, queued };
};

/** The handler on that queue, with what it logged. */
export const openHandler = async (changed: Partial<Parts> = {}) => {
  const { jobs, queued } = await openQueue();
  const lines: unknown[] = [];
  const handle = createSlackHandler({
    jobs,
    clock: CLOCK,
    signingSecrets: () => [SECRET],
    log: (event, fields) => lines.push([event, fields]),
    wait: async (ms) => sleep(ms, undefined, { ref: false }),
    ...changed,
  });
  return { handle, lines, queued };
};

type Shape = {
  readonly secret?: string;
  readonly atSeconds?: number;
  readonly contentType?: string;
  readonly base64?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
};

/** An event as the gateway hands it over, without a signature. */
export const unsigned = (body: string | Buffer, shape: Shape = {}): HttpEvent => ({
  rawPath: '/slack/events',
  rawQueryString: '',
  headers: { 'content-type': shape.contentType ?? FORM, ...shape.headers },
  body: Buffer.from(body).toString(shape.base64 === true ? 'base64' : 'utf8'),
  isBase64Encoded: shape.base64 === true,
  requestContext: { http: { method: shape.method ?? 'POST' } },
});

/** As `unsigned`, signed over the bytes as Slack does. */
export const signed = (body: string | Buffer, shape: Shape = {}): HttpEvent => {
  const at = shape.atSeconds ?? NOW_MS / 1000;
  const mac = createHmac('sha256', shape.secret ?? SECRET)
    .update(`v0:${at}:`)
    .update(body);
  const proof = { 'X-Slack-Request-Timestamp': String(at), 'X-Slack-Signature': `v0=${mac.digest('hex')}` };
  return unsigned(body, { ...shape, headers: { ...proof, ...shape.headers } });
};

export const commandBody = (text = '', changed: Readonly<Record<string, string>> = {}): string =>
  new URLSearchParams({
    token: 'test-verification-token',
    command: '/mistral-triage',
    text,
    trigger_id: '1.2.command',
    user_id: 'U0MAYA',
    user_name: 'maya',
    team_id: 'T0TRIAGE',
    channel_id: 'C0INCIDENTS',
    response_url: 'http://127.0.0.1:9/commands/test-response-address',
    ...changed,
  }).toString();

export const buttonPayload = (changed: Readonly<Record<string, unknown>> = {}) => ({
  type: 'block_actions',
  trigger_id: '1.2.button',
  team: { id: 'T0TRIAGE', domain: 'night-shift' },
  user: { id: 'U0MAYA', username: 'maya', team_id: 'T0TRIAGE' },
  channel: { id: 'C0INCIDENTS', name: 'incidents' },
  container: { type: 'message', channel_id: 'C0INCIDENTS', message_ts: '1764000000.000100' },
  message: { ts: '1764000000.000100', text: 'P1' },
  response_url: 'http://127.0.0.1:9/actions/test-response-address',
  actions: [
    {
      type: 'button',
      action_id: 'incident.acknowledge',
      block_id: 'b',
      value: 'INC-1',
      action_ts: '1764000001.000200',
    },
  ],
  ...changed,
});

export const buttonBody = (changed: Readonly<Record<string, unknown>> = {}): string =>
  new URLSearchParams({ payload: JSON.stringify(buttonPayload(changed)) }).toString();

export const press = (action: Readonly<Record<string, unknown>>) => ({
  actions: [
    { type: 'button', action_id: 'incident.acknowledge', value: 'INC-1', action_ts: '1764000001.000200', ...action },
  ],
});

/** A queue that answers `put` in one certain way: what the embedded one does on a full disk cannot be had on demand. */
export const jobsThat = (put: Jobs['put']): Jobs => ({
  put,
  take: () => Promise.resolve([]),
  done: () => Promise.resolve(),
  later: () => Promise.resolve(),
});
