import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallResult, MistralCalls } from '../../lib/ports/probes.ts';
import { classify } from '../../lib/triage/classify.ts';
import { KEY, partsOfKey } from '../adapters/mistral/serve.ts';
import { callsTo } from '../adapters/mistral/table/case.ts';
import { findFreePort } from '../free-port.ts';
import { type Running, startProcess, untilReady } from './processes.ts';

/** The server of @copilotkit/aimock 1.43, which `.ci/run` fetches. Where CI is true, its absence is a failure. */
const AIMOCK = process.env['AIMOCK_BIN'] ?? '';
const isSkipped = AIMOCK === '' && process.env['CI'] !== 'true';

const PONG = 'pong pong pong pong pong pong';
const FIXTURES = {
  fixtures: [
    { match: { model: 'well' }, response: { content: 'pong' } },
    { match: { model: 'cut' }, response: { content: PONG }, truncateAfterChunks: 2, chunkSize: 4 },
    { match: { model: 'hung-up' }, response: { content: PONG }, disconnectAfterMs: 1_000, latency: 200, chunkSize: 4 },
    { match: { model: 'slow' }, response: { content: PONG }, latency: 300, chunkSize: 1 },
    {
      match: { model: 'limited' },
      response: { error: { message: 'Rate limit exceeded', type: 'rate_limited', code: '1300' }, status: 429 },
    },
    {
      match: { model: 'full' },
      response: { error: { message: 'Service tier capacity exceeded', type: 'x', code: '3505' }, status: 429 },
    },
  ],
};
const LIMIT_MS = 5_000;

describe.skipIf(isSkipped)('aimock, which nobody here wrote: streams and chaos', () => {
  let folder = '';
  let url = '';
  let aimock: Running | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aimock-'));
    const file = join(folder, 'fixtures.json');
    writeFileSync(file, JSON.stringify(FIXTURES));
    const port = await findFreePort();
    url = `http://127.0.0.1:${port}`;
    const args = [AIMOCK, '--host', '127.0.0.1', '--port', String(port), '--fixtures', file];
    aimock = startProcess(process.execPath, args, { AIMOCK_API_KEYS: KEY });
    await untilReady('aimock', aimock, async () => ((await fetch(`${url}/v1/models`)).status > 0 ? true : null));
  });
  afterAll(async () => {
    await aimock?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const verdictOf = (result: CallResult): string => {
    expect(partsOfKey(result)).toEqual([]);
    return result.ok ? 'ok' : classify(result.failure, result.evidence);
  };
  const ask = async (question: (calls: MistralCalls) => Promise<CallResult>): Promise<string> =>
    verdictOf(await question(callsTo(url)));
  const chat = (model: string, limitMs = LIMIT_MS) => ask((calls) => calls.chatOnce(KEY, model, limitMs));
  const stream = (model: string, limitMs = LIMIT_MS) => ask((calls) => calls.streamOnce(KEY, model, limitMs));

  const chaos = async (wanted: Readonly<Record<string, number>>): Promise<void> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${KEY}` };
    const answer = await fetch(`${url}/__aimock/chaos`, { method: 'POST', headers, body: JSON.stringify(wanted) });
    expect(answer.status).toBe(200);
  };

  it('answers a chat and a stream as the client reads them', async () => {
    expect([await chat('well'), await stream('well')]).toEqual(['ok', 'ok']);
  });

  it.each([
    // The connection is destroyed where a fixture says that it ends: before the headers are out, or after.
    ['cut after two pieces', 'cut', ['net.reset', 'stream.cut']],
    ['hung up in the middle', 'hung-up', ['stream.cut']],
    ['of a model that is limited', 'limited', ['rate.minute']],
    ['of a model without capacity', 'full', ['capacity.model']],
  ])('a stream %s', async (_name, model, branches) => {
    expect(branches).toContain(await stream(model));
  });

  it('a stream that is slower than our limit is told apart from one that never begins', async () => {
    expect(await stream('slow', 700)).toBe('timeout.body_or_stream');
  });

  it.each([
    ['dropped', { dropRate: 1 }, 'provider.5xx'],
    ['malformed', { malformedRate: 1 }, 'content.malformed_json'],
    ['disconnected', { disconnectRate: 1 }, 'net.reset'],
    ['limited', { rateLimitRate: 1 }, 'rate.minute'],
  ])('%s by chaos, a chat is told', async (_name, wanted, branch) => {
    await chaos(wanted);
    const verdict = await chat('well');
    await chaos({});
    expect(verdict).toBe(branch);
  });

  it('held up by chaos, a chat meets our limit', async () => {
    await chaos({ latencyMs: 2_000 });
    const verdicts = [await chat('well', 500), await stream('well', 500)];
    await chaos({});
    expect(verdicts).toEqual(['timeout.headers', 'timeout.headers']);
  });

  it('refuses another key and none', async () => {
    const other = await ask((calls) => calls.chatOnce('fake-other-0', 'well', LIMIT_MS));
    expect([other, await ask((calls) => calls.listWithoutKey(LIMIT_MS))]).toEqual([
      'auth.invalid_key',
      'auth.invalid_key',
    ]);
  });

  it('is heard out where it speaks as OpenAI and not as Mistral', async () => {
    // Cards without capabilities, which Mistral's client does not know the shape of.
    expect(await ask((calls) => calls.listModels(KEY, LIMIT_MS))).toBe('content.schema_mismatch');
    // Its rate headers have names of their own: the limit is told, its windows are not.
    const limited = await callsTo(url).chatOnce(KEY, 'limited', LIMIT_MS);
    expect(limited.evidence?.rateLimits).toMatchObject({ 'x-ratelimit-limit-requests': '60' });
    expect(limited.evidence?.retryAfterSeconds).toBe(1);
    // It answers 404 for a model that it has no fixture for, in an envelope that names no model; Mistral answers 400 with code 1500.
    expect(await chat('no-such-model')).toBe('model_or_route.not_found');
    // It has no cards of single models.
    expect(await ask((calls) => calls.retrieveModel(KEY, 'well', LIMIT_MS))).toBe('model_or_route.not_found');
  });
});
