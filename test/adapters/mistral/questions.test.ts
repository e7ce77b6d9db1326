import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { CallResult, MistralCalls } from '../../../lib/ports/probes.ts';
import { classify } from '../../../lib/triage/classify.ts';
import { KEY, partsOfKey, serve } from './serve.ts';
import { callsTo } from './table/case.ts';
import { card, chat, event, MODELS } from './table/well.ts';

type Handle = Parameters<typeof serve>[0];

const ask = async (handle: Handle, question: (calls: MistralCalls) => Promise<CallResult>): Promise<CallResult> => {
  const server = await serve(handle);
  onTestFinished(server.close);
  const result = await question(callsTo(server.url));
  expect(partsOfKey(result)).toEqual([]);
  return result;
};

const sending =
  (body: unknown, type = 'application/json', status = 200): Handle =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': type }).end(typeof body === 'string' ? body : JSON.stringify(body));

const verdictOf = (result: CallResult): string => (result.ok ? 'ok' : classify(result.failure, result.evidence));

describe('the card of a model', () => {
  const askCard = (body: unknown): Promise<CallResult> =>
    ask(sending(body), (calls) => calls.retrieveModel(KEY, 'small-latest', 5000));

  it.each([
    ['of one that stays', card('small-latest'), { maxContextTokens: 131_072 }],
    [
      'of one that ends',
      { ...card('small-latest'), deprecation: '2026-12-01T00:00:00Z', deprecation_replacement_model: 'small-2' },
      { maxContextTokens: 131_072, deprecatedAt: '2026-12-01T00:00:00.000Z', replacedBy: 'small-2' },
    ],
    [
      'of an alias, under its own name',
      { ...card('small-latest'), name: 'small-2506' },
      { maxContextTokens: 131_072, aliasOf: 'small-2506' },
    ],
    ['of what an alias stands for', card('small-2506'), { maxContextTokens: 131_072, aliasOf: 'small-2506' }],
    [
      "of a fine-tuned one, whose name is anybody's",
      { ...card('small-latest'), type: 'fine-tuned', name: 'ours', job: 'j', root: 'r', archived: false },
      { maxContextTokens: 131_072 },
    ],
    [
      'in a shape that the SDK does not know, read all the same',
      { id: 'small-latest', deprecation: '2026-12-01T00:00:00Z', max_context_length: 9 },
      { maxContextTokens: 9, deprecatedAt: '2026-12-01T00:00:00.000Z' },
    ],
    [
      'of one that is none for chats',
      { ...card('small-latest'), capabilities: { completion_chat: false, vision: true } },
      { maxContextTokens: 131_072, chats: false },
    ],
    [
      'of one for embeddings, which can nothing else',
      { ...card('mistral-embed'), capabilities: { completion_chat: false }, name: 'small-latest' },
      { maxContextTokens: 131_072, aliasOf: 'mistral-embed', chats: false },
    ],
    [
      'of one that does not say what it can',
      { ...card('small-latest'), capabilities: {} },
      { maxContextTokens: 131_072 },
    ],
    ['with an end that is no date', { id: 'small-latest', deprecation: 'soon' }, {}],
    [
      'with sentences and the key in the place of names',
      { ...card('small-latest'), name: `use ${KEY}`, deprecation_replacement_model: KEY },
      { maxContextTokens: 131_072 },
    ],
  ])('%s', async (_name, body, facts) => {
    const result = await askCard(body);
    expect([verdictOf(result), result.facts]).toEqual(['ok', facts]);
  });

  it('that is no card says so', async () => {
    expect(verdictOf(await askCard({ object: 'error', message: 'overloaded' }))).toBe('content.schema_mismatch');
  });

  it('is asked for under the name alone, whatever the name holds', async () => {
    const asked: unknown[] = [];
    await ask(
      (request, response) => {
        asked.push(request.url);
        sending(card('x'))(request, response);
      },
      (calls) => calls.retrieveModel(KEY, 'ft:small/../files?a=1', 5000),
    );
    expect(asked).toEqual(['/v1/models/ft%3Asmall%2F..%2Ffiles%3Fa%3D1']);
  });
});

describe('a stream of one token', () => {
  const askStream = (handle: Handle): Promise<CallResult> =>
    ask(handle, (calls) => calls.streamOnce(KEY, 'small-latest', 5000));
  const SSE = 'text/event-stream';

  it('is asked for as an application does, and read to the reason of its end, not to the end of the connection', async () => {
    let sent = '';
    const result = await askStream((request, response) => {
      request.on('data', (chunk) => {
        sent += String(chunk);
      });
      request.on('end', () => {
        response.writeHead(200, { 'content-type': SSE, 'x-request-id': 'abc' });
        response.write(event('a') + event('b', 'length'));
      });
    });
    expect(result).toMatchObject({ ok: true, evidence: { status: 200, requestId: 'abc', model: 'small-latest' } });
    expect(JSON.parse(sent)).toMatchObject({ model: 'small-latest', max_tokens: 1, stream: true });
  });

  it.each([
    ['that says nothing at all', '', 'stream.cut'],
    ['that ends before it says why', `${event('a')}data: [DONE]\n\n`, 'stream.cut'],
    ['whose reason is an error', event('', 'error'), 'stream.bad_event_or_error_event'],
    ['that is larger than a token is', `data: ${'x'.repeat(40_000)}`, 'content.unexpected_type'],
  ])('%s', async (_name, body, branch) => {
    expect(verdictOf(await askStream(sending(body, SSE)))).toBe(branch);
  });
});

describe('the list without a key', () => {
  it('is asked for without any, also where the environment has one', async () => {
    vi.stubEnv('MISTRAL_API_KEY', KEY);
    onTestFinished(() => void vi.unstubAllEnvs());
    const sent: unknown[] = [];
    const result = await ask(
      (request, response) => {
        sent.push(request.headers.authorization ?? null);
        sending(MODELS)(request, response);
      },
      (calls) => calls.listWithoutKey(5000),
    );
    expect([result.ok, sent]).toEqual([true, [null]]);
  });
});

describe('where the time of a chat went', () => {
  const KONG = { 'x-kong-upstream-latency': '271', 'x-kong-proxy-latency': '3' };
  const askChat = (headers: Record<string, string>, status = 200): Promise<CallResult> =>
    ask(
      (_request, response) =>
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(chat({})),
      (calls) => calls.chatOnce(KEY, 'small-latest', 5000),
    );

  it.each([
    ['by Kong', { ...KONG, 'x-envoy-upstream-service-time': '260' }, { upstreamMs: 271, edgeMs: 3 }],
    ['by Envoy alone', { 'x-envoy-upstream-service-time': '260.4' }, { upstreamMs: 260 }],
    ['in what is no number of ours', { 'x-kong-upstream-latency': '-1', 'x-kong-proxy-latency': KEY }, undefined],
    ['by nobody', {}, undefined],
  ])('is read as told %s', async (_who, headers, facts) => {
    expect((await askChat(headers)).facts).toEqual(facts);
  });

  it('is read of a failure, too, and not of lists', async () => {
    expect(await askChat(KONG, 503)).toMatchObject({ ok: false, facts: { upstreamMs: 271, edgeMs: 3 } });
    const handle: Handle = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json', ...KONG }).end(MODELS);
    expect((await ask(handle, (calls) => calls.listModels(KEY, 5000))).facts).toBeUndefined();
  });
});
