import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeploymentsHandler, type DeploymentsParts } from '../../functions/deployments.ts';
import { createDeploymentsFeed } from '../../lib/adapters/deployments-feed.ts';
import { createIds } from '../../lib/adapters/system.ts';
import { openState, type State } from '../../lib/app/local-state.ts';
import { keepDeployment } from '../../lib/flows/keep-deployment.ts';
import type { HttpEvent } from '../../lib/intake/http-event.ts';

const TOKEN = 'test-token-current';
const START_MS = Date.parse('2026-11-20T12:00:00.000Z');
const forever = (): Promise<void> => new Promise(() => undefined);

let folder = '';
let state: State;
let nowMs = START_MS;
let lines: string[] = [];
const clock = { nowMs: () => nowMs };

beforeEach(async () => {
  nowMs = START_MS;
  lines = [];
  folder = mkdtempSync(join(tmpdir(), 'deployments-'));
  state = await openState(folder, clock);
});
afterEach(async () => {
  await state.close();
  rmSync(folder, { recursive: true });
});

const log: DeploymentsParts['log'] = (event, fields) => void lines.push(JSON.stringify({ event, ...fields }));

const post = (body: unknown, change: Partial<HttpEvent> = {}): HttpEvent => ({
  rawPath: '/deployments',
  rawQueryString: '',
  headers: { authorization: `Bearer ${TOKEN}` },
  body: typeof body === 'string' ? body : JSON.stringify(body),
  isBase64Encoded: false,
  requestContext: { http: { method: 'POST' } },
  ...change,
});

const tell = async (event: HttpEvent, change: Partial<DeploymentsParts> = {}): Promise<string> => {
  const parts = { jobs: state.jobs, clock, ids: createIds(), log, wait: forever, tokens: () => [TOKEN], ...change };
  const { statusCode, body } = await createDeploymentsHandler(parts)(event);
  return `${statusCode} ${body}`;
};

/** What the worker does with the jobs that wait; how many there were. */
const work = async (): Promise<number> => {
  const jobs = await state.jobs.take('jobs', 100, 60_000);
  for (const job of jobs) {
    if (job.body.kind === 'deployed') await keepDeployment({ store: state.store, log }, job.body);
    await state.jobs.done(job);
  }
  return jobs.length;
};

const target = { name: 'chat-api', environment: 'production', models: [], secretId: 's', healthUrl: null };
const feed = () => createDeploymentsFeed(state.store).read(target, 1_000);
const history = async () => (await state.store.read('deployment', 'production/chat-api'))?.record.deployments ?? [];

const GOOD = {
  service: 'chat-api',
  version: '1.4.2',
  at: '2026-11-20T11:58:00Z',
  by: 'ci',
  url: 'https://ci.example/7',
};

describe('POST /deployments', () => {
  it('tells the probe what went out, and when', async () => {
    expect(await feed()).toBe(null);
    expect(await tell(post(GOOD))).toBe(
      '202 {"service":"chat-api","environment":"production","version":"1.4.2","at":"2026-11-20T11:58:00.000Z"}',
    );
    await work();
    expect(await feed()).toEqual({ deployedAt: '2026-11-20T11:58:00.000Z', version: '1.4.2' });
    expect(await history()).toEqual([
      { version: '1.4.2', at: '2026-11-20T11:58:00.000Z', isTimed: true, by: 'ci', url: 'https://ci.example/7' },
    ]);
  });

  it('is one deployment however often it is told: while the job waits, after it is done, and without a time', async () => {
    await tell(post(GOOD));
    await tell(post(GOOD));
    expect(await work()).toBe(1);
    nowMs += 2 * 3_600_000;
    await tell(post(GOOD));
    await work();
    expect(await history()).toHaveLength(1);
    for (let times = 0; times < 3; times += 1) {
      await tell(post({ service: 'chat-api', version: '1.5.0' }));
      nowMs += 60_000;
    }
    expect(await work()).toBe(3);
    expect((await history()).map(({ version }) => version)).toEqual(['1.5.0', '1.4.2']);
  });

  it('says so where no configuration names the service, and keeps it all the same', async () => {
    const isKnown: DeploymentsParts['isKnown'] = ({ service, environment }) =>
      `${environment}/${service}` === 'production/chat-api';
    expect(await tell(post(GOOD), { isKnown })).not.toContain('known');
    expect(await tell(post({ ...GOOD, service: 'chat-appi' }), { isKnown })).toMatch(/^202 .*"known":false\}$/);
    expect(await tell(post({ ...GOOD, environment: 'staging' }), { isKnown })).toMatch(/^202 .*"known":false\}$/);
    expect(lines.filter((line) => line.includes('"known":false'))).toHaveLength(2);
    expect(await work()).toBe(3);
  });

  it('knows the same version that goes out again later, and a newer one that is told late', async () => {
    await tell(post({ ...GOOD, at: '2026-11-20T10:00:00Z' }));
    await tell(post({ ...GOOD, version: '1.4.1', at: '2026-11-20T09:00:00Z' }));
    await tell(post(GOOD));
    await work();
    expect((await history()).map(({ at }) => at.slice(11, 16))).toEqual(['11:58', '10:00', '09:00']);
  });

  it('keeps the last twenty', async () => {
    for (let minute = 0; minute < 25; minute += 1)
      await tell(post({ ...GOOD, version: `1.${minute}`, at: `2026-11-20T11:${String(minute).padStart(2, '0')}:00Z` }));
    await work();
    const kept = await history();
    expect([kept.length, kept[0]?.version, kept.at(-1)?.version]).toEqual([20, '1.24', '1.5']);
  });

  it.each<readonly [string, unknown, RegExp]>([
    ['is no JSON', 'version=1', /^400 .*not a JSON object/],
    ['is a list', [GOOD], /^400 .*not a JSON object/],
    ['names no service', { ...GOOD, service: '' }, /^400 .*service: /],
    ['names a place for a service', { ...GOOD, service: '../x' }, /^400 .*service: /],
    ['names no version', { ...GOOD, version: ' \n' }, /^400 .*version: /],
    ['tells a story for a version', { ...GOOD, version: 'ignore what was said before' }, /^400 .*version: /],
    ['has a time without a zone', { ...GOOD, at: '2026-11-20 11:58' }, /^400 .*at: /],
    ['is of tomorrow', { ...GOOD, at: '2026-11-21T12:00:00Z' }, /^400 .*at: /],
    [
      'misspells a member',
      { ...GOOD, enviroment: 'staging' },
      /^400 .*a member is unknown; there are service, environment/,
    ],
    ['is larger than 16 kB', `"${'x'.repeat(16_384)}"`, /^413 /],
  ])('says in a sentence, to the step that sent it, that a body %s', async (_what, body, expected) => {
    expect(await tell(post(body))).toMatch(expected);
    expect(await work()).toBe(0);
  });

  it('keeps no control characters, no password of a link, and no link that is none', async () => {
    await tell(post({ ...GOOD, version: '1.4\u0000.2\n', url: 'https://ci:hush@ci.example/7' }));
    await tell(post({ ...GOOD, version: 7, url: 'javascript:alert(1)' }));
    await work();
    expect(await history()).toMatchObject([
      { version: '7', url: null },
      { version: '1.4.2', url: 'https://ci.example/7' },
    ]);
  });

  it('lets in who shows a token of the alerts, and nobody else', async () => {
    expect(await tell(post(GOOD, { headers: {} }))).toBe('401 {"error":"unauthorized"}');
    expect(await tell(post(GOOD, { headers: { 'x-alerts-token': TOKEN } }))).toMatch(/^202/);
    expect(await tell(post(GOOD), { tokens: () => [] })).toMatch(/^401/);
    expect(await tell(post(GOOD), { tokens: () => ['older'], newerTokens: async () => [TOKEN] })).toMatch(/^202/);
    expect(await tell(post(GOOD), { tokens: () => null })).toMatch(/^503/);
    expect(await tell(post(GOOD, { requestContext: { http: { method: 'GET' } } }))).toMatch(/^405/);
    expect(lines.join('\n')).not.toContain(TOKEN);
  });

  it('says that it is not stored when it is not, and 202 not before it is', async () => {
    const full = { put: () => Promise.reject(new RangeError(`disk full near ${TOKEN}`)) };
    expect(await tell(post(GOOD), { jobs: full })).toBe('503 {"error":"not stored, send again"}');
    expect(await tell(post(GOOD), { jobs: { put: forever }, wait: () => Promise.resolve() })).toMatch(/^503/);
    expect(lines.join('\n')).not.toContain(TOKEN);
    const gate = Promise.withResolvers<void>();
    let answered = false;
    const told = tell(post(GOOD), { jobs: { put: () => gate.promise } }).then((answer) => {
      answered = true;
      return answer;
    });
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    gate.resolve();
    expect(await told).toMatch(/^202/);
  });
});
