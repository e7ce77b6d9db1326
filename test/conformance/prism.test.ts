import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Branch } from '../../lib/domain/branch.ts';
import type { CallResult } from '../../lib/ports/probes.ts';
import { pathOpen } from '../../lib/probes/path-open.ts';
import { classify } from '../../lib/triage/classify.ts';
import { KEY, partsOfKey } from '../adapters/mistral/serve.ts';
import { callsTo } from '../adapters/mistral/table/case.ts';
import { findFreePort } from '../free-port.ts';
import { DESCRIPTION, describeWithErrors, readDescription } from './prism-description.ts';
import { type Asked, openRelay, type Relay } from './prism-relay.ts';
import { type Running, startProcess, untilReady } from './processes.ts';

/** @stoplight/prism-cli 5.16, which `.ci/run` fetches. Where CI is true and the description is there, its absence is a failure. */
const PRISM = process.env['PRISM_BIN'] ?? '';
const isSkipped = !existsSync(DESCRIPTION) || (PRISM === '' && process.env['CI'] !== 'true');

const MODEL = 'mistral-small-latest';
const LIMIT_MS = 10_000;

type Started = { readonly prism: Running; readonly relay: Relay };

const startPrism = async (folder: string, name: string, description: unknown): Promise<Started> => {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(description));
  const port = await findFreePort();
  const prism = startProcess(process.execPath, [
    PRISM,
    'mock',
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '-v',
    'warn',
    file,
  ]);
  const url = `http://127.0.0.1:${port}`;
  await untilReady('Prism', prism, async () => ((await fetch(`${url}/v1/models`)).status > 0 ? true : null));
  return { prism, relay: await openRelay(url) };
};

const ask = (relay: Relay, asked: Asked): Promise<CallResult> => {
  const calls = callsTo(relay.url);
  return {
    models: () => calls.listModels(KEY, LIMIT_MS),
    chat: () => calls.chatOnce(KEY, MODEL, LIMIT_MS),
    card: () => calls.retrieveModel(KEY, MODEL, LIMIT_MS),
    stream: () => calls.streamOnce(KEY, MODEL, LIMIT_MS),
  }[asked]();
};

const verdictOf = (result: CallResult): string => {
  expect(partsOfKey(result)).toEqual([]);
  return result.ok ? 'ok' : classify(result.failure, result.evidence);
};

const EVERYWHERE: readonly Asked[] = ['models', 'card', 'chat'];

/** Status and name of the example in the overlay, and what it means. */
const ERRORS: readonly [number, string, Branch][] = [
  [400, 'model', 'model.retired_or_unknown'],
  [400, 'context', 'request.context_too_long'],
  [401, 'key', 'auth.invalid_key'],
  [401, 'kong', 'auth.invalid_key'],
  [401, 'spent', 'billing.inactive_or_limit'],
  [402, 'payment', 'billing.payment_required'],
  [403, 'forbidden', 'access.forbidden'],
  [403, 'tier', 'access.model_not_entitled'],
  [403, 'labs', 'access.model_not_entitled'],
  [404, 'deprecated', 'model.retired_or_unknown'],
  [404, 'unknown', 'model.retired_or_unknown'],
  [404, 'route', 'config.wrong_route'],
  [429, 'minute', 'rate.minute'],
  [429, 'kong', 'rate.minute'],
  [429, 'month', 'quota.period_exhausted'],
  [429, 'capacity', 'capacity.model'],
  [429, 'engine', 'capacity.model'],
  [500, 'internal', 'provider.5xx'],
  [503, 'backend', 'provider.5xx'],
  [503, 'kong', 'provider.overloaded'],
  [503, 'capacity', 'capacity.model'],
];

describe.skipIf(isSkipped)("Mistral's published description, served by Prism, which nobody here wrote", () => {
  let folder = '';
  let started: Started | undefined;
  const relay = (): Relay => {
    if (started === undefined) throw new Error('Prism is not there');
    return started.relay;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'prism-'));
    started = await startPrism(folder, 'with-errors', describeWithErrors());
  });
  afterAll(async () => {
    await started?.relay.close();
    await started?.prism.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers our questions well, and finds no fault in how they are asked', async () => {
    relay().prefer('');
    const results = await Promise.all(EVERYWHERE.map((asked) => ask(relay(), asked)));
    expect(results.map(verdictOf)).toEqual(['ok', 'ok', 'ok']);
    expect(results[1]?.facts).toEqual({ maxContextTokens: 131_072, aliasOf: 'mistral-small-2506' });
    expect(relay().takeFaults()).toEqual([]);
  });

  it('finds fault with a question that is none, so that its silence means something', async () => {
    relay().prefer('');
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
    const { status } = await fetch(`${relay().url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: '{"model":5}',
    });
    expect(status).toBe(422);
    expect(relay().takeFaults()).not.toEqual([]);
  });

  it.each(
    ERRORS.flatMap(([status, example, branch]) => EVERYWHERE.map((asked) => ({ status, example, branch, asked }))),
  )('$status $example for $asked is $branch', async ({ status, example, branch, asked }) => {
    relay().prefer(`code=${status}, example=${example}`);
    const result = await ask(relay(), asked);
    expect([verdictOf(result), result.evidence?.status]).toEqual([branch, status]);
  });

  it('503 in plain text is overload', async () => {
    relay().prefer('code=503, example=envoy', 'text/plain');
    expect(verdictOf(await ask(relay(), 'chat'))).toBe('provider.overloaded');
  });

  it('422, of which the description has a schema and no example, is our own request', async () => {
    relay().prefer('code=422');
    const results = await Promise.all(EVERYWHERE.map((asked) => ask(relay(), asked)));
    expect(results.map(verdictOf)).toEqual(['request.invalid', 'request.invalid', 'request.invalid']);
  });

  it('a 429 brings its limits and ids of a 401 are kept', async () => {
    relay().prefer('code=429, example=minute');
    const limits = { 'x-ratelimit-limit-req-minute': '60', 'x-ratelimit-remaining-req-minute': '0' };
    expect((await ask(relay(), 'chat')).evidence).toMatchObject({ model: MODEL, rateLimits: limits });
    relay().prefer('code=401, example=key');
    const ids = { correlationId: '0198c0de-aaaa-7bbb-8ccc-123456789abc', requestId: '0198c0deaaaa7bbb8ccc' };
    expect((await ask(relay(), 'models')).evidence).toMatchObject(ids);
  });

  it('an empty list and an empty answer, which the client takes for well, are seen', async () => {
    relay().prefer('code=200, example=nothing');
    expect(verdictOf(await ask(relay(), 'models'))).toBe('content.empty');
    relay().prefer('code=200, example=empty');
    expect(verdictOf(await ask(relay(), 'chat'))).toBe('content.empty');
  });

  it('the card of a model that ends says when, and what comes after it', async () => {
    relay().prefer('code=200, example=ends');
    const facts = {
      deprecatedAt: '2026-12-31T12:00:00.000Z',
      replacedBy: 'mistral-small-2603',
      aliasOf: 'mistral-small-2506',
    };
    expect((await ask(relay(), 'card')).facts).toMatchObject(facts);
  });

  it('without a key it answers 401 by itself, which proves the path open', async () => {
    relay().prefer('');
    const calls = callsTo(relay().url);
    const result = await calls.listWithoutKey(LIMIT_MS);
    expect([verdictOf(result), result.evidence?.status]).toEqual(['auth.invalid_key', 401]);
    expect(await pathOpen(calls).ask(LIMIT_MS)).toMatchObject({ outcome: 'ok' });
  });

  // A difference: Prism makes answers out of schemas and cannot make events. Mistral streams; aimock.test.ts does so in its place.
  it('has no stream, and says so with 406', async () => {
    relay().prefer('');
    const result = await ask(relay(), 'stream');
    expect([verdictOf(result), result.evidence?.status]).toEqual(['request.invalid', 406]);
  });
});

describe.skipIf(isSkipped)('the description as it is published, which is why the overlay is there', () => {
  let folder = '';
  let started: Started | undefined;
  const verdicts = async (...asked: readonly Asked[]): Promise<readonly string[]> => {
    const relay = started?.relay;
    if (relay === undefined) throw new Error('Prism is not there');
    return (await Promise.all(asked.map((one) => ask(relay, one)))).map(verdictOf);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'prism-'));
    started = await startPrism(folder, 'as-published', readDescription());
  });
  afterAll(async () => {
    await started?.relay.close();
    await started?.prism.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  // Its example of a list is an array without an envelope; that of a card spells its type in capitals, and its facts are read all the same.
  it('a list of another shape than its own schema says is seen as such; the card is read', async () => {
    expect(await verdicts('models', 'card')).toEqual(['content.schema_mismatch', 'ok']);
  });

  // It promises an event stream of which Prism can make none.
  it('a stream is answered with 500', async () => {
    expect(await verdicts('stream')).toEqual(['provider.5xx']);
  });
});
