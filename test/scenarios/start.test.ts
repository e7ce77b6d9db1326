import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type RunningBot, startBot } from '../conformance/processes.ts';

const CAPTURED = resolve(import.meta.dirname, '../fixtures/alerts/alertmanager');
const SHARED = resolve(import.meta.dirname, '../../../shared/fixtures/alerts/alertmanager');
const TOKEN = 'test-alerts-token';

type Incident = {
  readonly id: string;
  readonly status: string;
  readonly title: string;
  readonly alerts: readonly { readonly state: string; readonly count: number }[];
  readonly rootMessage: { readonly ts: string } | null;
};

let folder = '';
let bot: RunningBot;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'triage-start-'));
  bot = await startBot(folder, TOKEN);
});
afterAll(async () => {
  await bot.stop();
  rmSync(folder, { recursive: true, force: true });
});

const post = (
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = { authorization: `Bearer ${TOKEN}` },
  path = '/alerts/alertmanager',
): Promise<Response> =>
  fetch(`${bot.url}${path}`, { method: 'POST', headers, body: typeof body === 'string' ? body : new Uint8Array(body) });

const incidents = async (): Promise<readonly Incident[]> => {
  const found: unknown = await bot.incidents();
  // What the command prints is under test here, member by member, below.
  return JSON.parse(JSON.stringify(found));
};

/** Root messages in the embedded Slack, by incident. */
const roots = async (): Promise<Readonly<Record<string, readonly string[]>>> => {
  const response = await fetch(`${bot.url}/console/state?user=U0MAYA`);
  const state: {
    channels: {
      messages: { text: string; metadata?: { event_type: string; event_payload: { incident_id: string } } }[];
    }[];
  } = JSON.parse(await response.text());
  const byIncident: Record<string, string[]> = {};
  for (const { text, metadata } of state.channels.flatMap(({ messages }) => messages))
    if (metadata?.event_type === 'mistral_incident')
      byIncident[metadata.event_payload.incident_id] = [
        ...(byIncident[metadata.event_payload.incident_id] ?? []),
        text,
      ];
  return byIncident;
};

const real = existsSync(SHARED) ? SHARED : CAPTURED;

describe('npm start', () => {
  it('accepts the same firing body 50 times at once as one incident, one root message, count 50, and shows its resolve in it', async () => {
    const body = readFileSync(join(CAPTURED, 'real-0.25-first-firing.json'));
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(body)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const one = await eventually('50 are counted', async () => {
      const found = await incidents();
      return found[0]?.alerts[0]?.count === 50 && found[0].rootMessage ? found : null;
    });
    expect(one).toHaveLength(1);
    const [incident] = one;
    expect(Object.values(await roots()).map((texts) => texts.length)).toEqual([1]);

    expect((await post(readFileSync(join(real, 'real-0.25-false-resolved-prometheus-dead.json')))).status).toBe(202);
    await eventually('the resolve is shown', async () => {
      const state = await fetch(`${bot.url}/console/state?user=U0MAYA`);
      return (await state.text()).includes('0 alerts firing') || (await incidents())[0]?.alerts[0]?.state === 'resolved'
        ? true
        : null;
    });
    expect((await incidents())[0]).toMatchObject({ id: incident?.id, alerts: [{ state: 'resolved', count: 50 }] });
    expect(Object.values(await roots()).map((texts) => texts.length)).toEqual([1]);
  });

  it('keeps a body aside that it cannot understand, says 202, and tells the owner without showing it', async () => {
    const answer = await post('<<this is not JSON: secret-looking text>>');
    expect([answer.status, await answer.json()]).toEqual([202, { accepted: 0, quarantined: 1, ignored: 0 }]);
    const kept = await eventually(
      'the body is kept',
      async () => readdirSync(join(folder, 'quarantine')).find((name) => name.endsWith('.body')) ?? null,
    );
    expect(readFileSync(join(folder, 'quarantine', kept), 'utf8')).toBe('<<this is not JSON: secret-looking text>>');
    const told = await eventually('the owner is told', async () => {
      const text = await (await fetch(`${bot.url}/console/state?user=U0MAYA`)).text();
      return text.includes('mistral_quarantine') ? text : null;
    });
    expect(told).not.toContain('secret-looking text');
  });

  const files = readdirSync(real).filter((name) => name.startsWith('real-') && name.endsWith('.json'));
  it.each(files)('answers 202 to %s', async (name) => {
    const answer = await post(readFileSync(join(real, name)));
    expect(answer.status).toBe(202);
    const counts: unknown = await answer.json();
    expect(counts).toMatchObject({ quarantined: 0 });
  });

  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: 'Bearer nearly' }],
  ])('answers 401 without a hint to %s, whatever the source', async (_name, headers) => {
    for (const path of ['/alerts/alertmanager', '/alerts/nothing-like-it']) {
      const answer = await post('{}', headers, path);
      expect([answer.status, await answer.text()]).toEqual([401, '{"error":"unauthorized"}']);
    }
  });

  it('answers 413 to a body over 4 MiB', async () => {
    expect((await post(Buffer.alloc(4 * 1024 * 1024 + 1, 32))).status).toBe(413);
  });

  it('answers 404 to an unknown source and to an unknown path', async () => {
    expect((await post('{}', { authorization: `Bearer ${TOKEN}` }, '/alerts/nothing-like-it')).status).toBe(404);
    expect((await fetch(`${bot.url}/nothing`)).status).toBe(404);
  });

  it.each([
    ['another host name', { host: 'evil.example' }],
    ['another site’s page', { origin: 'https://evil.example' }],
  ])('refuses a request of %s', async (_name, headers) => {
    const status = await new Promise<number | undefined>((done, fail) => {
      const { port } = new URL(bot.url);
      request({ host: '127.0.0.1', port, path: '/health', headers }, (response) => done(response.resume().statusCode))
        .on('error', fail)
        .end();
    });
    expect(status).toBe(403);
  });

  it('answers /health from the last routine check', async () => {
    const health = await eventually('the first check is done', async () => {
      const answer = await fetch(`${bot.url}/health`);
      return answer.status === 200 ? answer.json() : null;
    });
    expect(health).toMatchObject({
      status: 'healthy',
      services: { mistral: { status: 'healthy', model: 'mistral-small-latest' } },
    });
  });

  it('refuses an unsigned request to /slack/events', async () => {
    expect(
      (await post('payload=%7B%7D', { 'content-type': 'application/x-www-form-urlencoded' }, '/slack/events')).status,
    ).toBe(401);
  });

  it('says what it is made of, and last that it is ready', () => {
    const lines = bot.output().trim().split('\n');
    expect(lines.some((line) => line.startsWith(`slack: embedded, open ${bot.url}/`))).toBe(true);
    expect(lines.some((line) => line.startsWith('mistral: embedded'))).toBe(true);
    expect(lines.at(-1)).toBe(`ready ${bot.url}`);
  });
});
