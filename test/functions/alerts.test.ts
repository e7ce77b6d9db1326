import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAlertsHandler } from '../../functions/alerts.ts';
import { openDocuments } from '../../lib/adapters/embedded/documents.ts';
import { openJobs } from '../../lib/adapters/embedded/jobs.ts';
import { openStateFile } from '../../lib/adapters/embedded/state-file.ts';
import { STATE_SCHEMA } from '../../lib/adapters/embedded/tables.ts';
import type { JobBody } from '../../lib/domain/job.ts';
import type { HttpEvent } from '../../lib/intake/http-event.ts';
import type { Documents } from '../../lib/ports/documents.ts';
import type { Jobs } from '../../lib/ports/jobs.ts';

const NOW_MS = Date.parse('2026-11-20T09:30:00Z');
const TOKEN = 'test-token-current';
const clock = { nowMs: () => NOW_MS };
/** The limit of 800 ms, never reached. */
const forever = (): Promise<void> => new Promise(() => undefined);

let folder = '';
let file: Awaited<ReturnType<typeof openStateFile>>;
let jobs: Jobs;
let documents: Documents;
let lines: string[] = [];
let calls = 0;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'alerts-'));
  file = await openStateFile(join(folder, 'state.db'), STATE_SCHEMA);
  jobs = openJobs(file, clock);
  documents = openDocuments(folder);
  lines = [];
  calls = 0;
});

afterEach(async () => {
  await file.close();
  rmSync(folder, { recursive: true });
});

const open = (parts: Partial<Parameters<typeof createAlertsHandler>[0]> = {}) =>
  createAlertsHandler({
    jobs,
    documents,
    tokens: () => [TOKEN],
    clock,
    ids: { incident: () => 'INC', ordered: () => `id${++calls}` },
    log: (event, fields) => {
      lines.push(JSON.stringify({ event, ...fields }));
    },
    wait: forever,
    ...parts,
  });

const post = (
  body: string | Uint8Array,
  change: Partial<HttpEvent> & { readonly method?: string } = {},
): HttpEvent => ({
  rawPath: '/alerts/generic',
  rawQueryString: '',
  headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'text/plain' },
  body: Buffer.from(body).toString('base64'),
  isBase64Encoded: true,
  ...change,
  requestContext: { http: { method: change.method ?? 'POST' } },
});

const takeAll = async (): Promise<readonly JobBody[]> => (await jobs.take('jobs', 1000, 1000)).map(({ body }) => body);

const told = async (result: ReturnType<ReturnType<typeof open>>): Promise<string> => {
  const { statusCode, body } = await result;
  return `${statusCode} ${body}`;
};

describe('the door for alerts', () => {
  it('answers 202 when the alerts are in the queue, with what the monitor said', async () => {
    const event = post('{"title":"API down","severity":"P1"}', { rawPath: '/alerts/generic/eu-1', method: 'PUT' });
    expect(await told(open()(event))).toBe('202 {"accepted":1,"quarantined":0,"ignored":0}');
    expect(await takeAll()).toMatchObject([
      {
        kind: 'alerts',
        acceptedAt: '2026-11-20T09:30:00.000Z',
        truncated: null,
        alerts: [{ title: 'API down', severity: 'P1', source: 'generic', integration: 'eu-1' }],
      },
    ]);
  });

  it('makes a job of each request, also of equal ones: a repeat counts', async () => {
    const handler = open();
    await Promise.all(Array.from({ length: 50 }, () => handler(post('{"title":"same"}'))));
    expect(await takeAll()).toHaveLength(50);
  });

  it('reads PUT, any content type and text that is not base64 alike', async () => {
    const event = post('', { body: '{"title":"ä"}', isBase64Encoded: false, headers: { 'X-Alerts-Token': TOKEN } });
    expect((await open()(event)).statusCode).toBe(202);
    expect(await takeAll()).toMatchObject([{ alerts: [{ title: 'ä', integration: 'default' }] }]);
  });

  const empty = ['', '[]', '{"alerts":[]}'];
  for (const body of empty) {
    it(`answers 200 and stores nothing for ${JSON.stringify(body)}`, async () => {
      expect(await told(open()(post(body)))).toBe('200 {"accepted":0,"quarantined":0,"ignored":0}');
      expect(await takeAll()).toEqual([]);
    });
  }

  const refused: readonly (readonly [string, HttpEvent, string])[] = [
    ['without a token', post('{}', { headers: {} }), '401 {"error":"unauthorized"}'],
    [
      'without a token at an unknown source',
      post('{}', { headers: {}, rawPath: '/alerts/nagios' }),
      '401 {"error":"unauthorized"}',
    ],
    ['without a token and too large', post('x'.repeat(4_194_305), { headers: {} }), '401 {"error":"unauthorized"}'],
    ['for an unknown source', post('{}', { rawPath: '/alerts/nagios' }), '404 {"error":"unknown source"}'],
    ['for a name from an object', post('{}', { rawPath: '/alerts/constructor' }), '404 {"error":"unknown source"}'],
    ['for a longer path', post('{}', { rawPath: '/alerts/generic/a/b' }), '404 {"error":"unknown source"}'],
    [
      'for a hostile integration',
      post('{}', { rawPath: '/alerts/generic/%2e%2e%2f' }),
      '404 {"error":"unknown source"}',
    ],
    ['for GET', post('', { method: 'GET' }), '405 {"error":"method not allowed"}'],
    ['over 4 MiB', post(`"${'x'.repeat(4_194_303)}"`), '413 {"error":"body over 4 MiB"}'],
  ];
  for (const [what, event, expected] of refused) {
    it(`refuses ${what}`, async () => {
      expect(await told(open()(event))).toBe(expected);
      expect(await takeAll()).toEqual([]);
    });
  }

  it('takes a body of exactly 4 MiB', async () => {
    expect((await open()(post(`"${'x'.repeat(4_194_302)}"`))).statusCode).toBe(202);
  });

  it('lets nobody in while no token is configured', async () => {
    expect((await open({ tokens: () => [] })(post('{"title":"x"}', { headers: {} }))).statusCode).toBe(401);
  });
});

describe('a body that is not understood', () => {
  it('is kept as it came, then told', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x00, 0xfe]);
    expect(await told(open()(post(bytes)))).toBe('202 {"accepted":0,"quarantined":1,"ignored":0}');
    const [job] = await takeAll();
    expect(job).toMatchObject({
      kind: 'quarantined',
      quarantine: { source: 'generic', contentType: 'text/plain', bytes: 4, why: 'the body is not JSON' },
    });
    const id = job?.kind === 'quarantined' ? job.quarantine.id : '';
    expect(await documents.get(`quarantine/${id}.body`).then((kept) => [...(kept ?? [])])).toEqual([...bytes]);
  });

  it('in part is kept beside the alerts that are in it', async () => {
    expect(await told(open()(post('[{"title":"a"},null,7]')))).toBe('202 {"accepted":1,"quarantined":2,"ignored":0}');
    const taken = await takeAll();
    expect(taken.map(({ kind }) => kind).toSorted()).toEqual(['alerts', 'quarantined']);
    const [id] = taken.flatMap((job) => (job.kind === 'quarantined' ? [job.quarantine.id] : []));
    expect(await documents.get(`quarantine/${id}.body`)).not.toBe(null);
  });

  it('is told once when its sender comes again within the hour, and apart from other bodies and other senders', async () => {
    for (const body of ['nonsense', 'nonsense', 'other nonsense'])
      expect(await told(open()(post(body)))).toBe('202 {"accepted":0,"quarantined":1,"ignored":0}');
    await open()(post('nonsense', { rawPath: '/alerts/generic/another' }));
    await open({ clock: { nowMs: () => NOW_MS + 3_600_000 } })(post('nonsense'));
    const ids = (await takeAll()).map((job) => (job.kind === 'quarantined' ? job.quarantine.id : ''));
    expect(new Set(ids).size).toBe(4);
    expect(ids).toHaveLength(4);
  });
});

describe('a large body', () => {
  it('is split into jobs that the queue takes, with every alert in exactly one', async () => {
    const entry = (index: number) => ({ title: `t${index}`, message: 'ä'.repeat(900), labels: { i: `${index}` } });
    const body = JSON.stringify(Array.from({ length: 1500 }, (_, index) => entry(index)));
    expect((await open()(post(body))).statusCode).toBe(202);
    const bodies = await takeAll();
    expect(bodies.length).toBeGreaterThan(10);
    for (const job of bodies) expect(Buffer.byteLength(JSON.stringify(job))).toBeLessThan(200_000);
    const titles = bodies.flatMap((job) => (job.kind === 'alerts' ? job.alerts.map(({ title }) => title) : []));
    expect(titles.toSorted()).toEqual(Array.from({ length: 1500 }, (_, index) => `t${index}`).toSorted());
  });

  it('says in each of its jobs what was cut', async () => {
    await open()(post(JSON.stringify({ title: 'x'.repeat(300) })));
    expect(await takeAll()).toMatchObject([{ truncated: 'shortened title: 1' }]);
  });
});

describe('when it cannot be stored', () => {
  const fail = (): Promise<never> => Promise.reject(new RangeError(`disk full near ${TOKEN}`));
  const failing: readonly (readonly [string, Parameters<typeof open>[0], string])[] = [
    ['the queue refuses', { jobs: { put: fail } }, '{"title":"x"}'],
    ['the quarantine refuses', { documents: { put: fail } }, 'nonsense'],
    [
      'the tokens cannot be read',
      {
        tokens: () => {
          throw new Error(TOKEN);
        },
      },
      '{"title":"x"}',
    ],
    ['the queue takes too long', { jobs: { put: forever }, wait: () => Promise.resolve() }, '{"title":"x"}'],
  ];
  for (const [what, parts, body] of failing) {
    it(`asks the monitor to come again because ${what}`, async () => {
      const result = await open(parts)(post(body));
      expect([result.statusCode, result.headers['retry-after']]).toEqual([503, '5']);
      expect(await takeAll()).toEqual([]);
      expect(lines.some((line) => line.includes('alerts.not-stored'))).toBe(true);
      expect(lines.join() + JSON.stringify(result)).not.toContain(TOKEN);
    });
  }

  it('stores what took too long all the same: sent again it counts once more, and what is not understood is told once', async () => {
    const gate = Promise.withResolvers<void>();
    const late: Promise<void>[] = [];
    const slow: Jobs = {
      ...jobs,
      put: (some) => {
        const stored = gate.promise.then(() => jobs.put(some));
        late.push(stored);
        return stored;
      },
    };
    for (const body of ['[{"title":"x"},null]', 'nonsense']) {
      const first = await open({
        jobs: slow,
        wait: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
      })(post(body));
      expect(first.statusCode).toBe(503);
    }
    await expect.poll(() => late.length).toBe(2);
    gate.resolve();
    await Promise.all(late);
    for (const body of ['[{"title":"x"},null]', 'nonsense']) expect((await open()(post(body))).statusCode).toBe(202);
    const taken = await takeAll();
    expect(taken.map(({ kind }) => kind).toSorted()).toEqual(['alerts', 'alerts', 'quarantined', 'quarantined']);
    const keys = taken.flatMap((job) => (job.kind === 'alerts' ? job.alerts.map(({ key }) => key) : []));
    expect(new Set(keys).size).toBe(1);
  });

  it('does not answer 2xx before the queue has it, and says nothing of lateness once it has', async () => {
    const gate = Promise.withResolvers<void>();
    const limit = Promise.withResolvers<void>();
    let answered = false;
    const slow = { ...jobs, put: () => gate.promise };
    const result = open({ jobs: slow, wait: () => limit.promise })(post('{"title":"x"}')).then((answer) => {
      answered = true;
      return answer;
    });
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    gate.resolve();
    expect((await result).statusCode).toBe(202);
    limit.resolve();
    await new Promise(setImmediate);
    expect(lines.join()).not.toContain('not-stored');
  });
});

it('shows the token in no line and no answer, wherever it was presented', async () => {
  const handler = open();
  const events = [
    post('{"title":"x"}', { rawQueryString: `token=${TOKEN}` }),
    post('nonsense', { rawQueryString: `token=${TOKEN}` }),
    post('{}', { rawPath: '/alerts/nagios', rawQueryString: `token=${TOKEN}` }),
    post('{}', { headers: {}, rawQueryString: `token=${TOKEN}x` }),
  ];
  const answers = await Promise.all(events.map(async (event) => JSON.stringify(await handler(event))));
  expect(answers.map((answer) => answer.slice(14, 17))).toEqual(['202', '202', '404', '401']);
  expect([...answers, ...lines].join('\n')).not.toContain(TOKEN);
  expect(lines).toHaveLength(4);
});
