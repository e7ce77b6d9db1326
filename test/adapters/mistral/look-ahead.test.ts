import { describe, expect, it, onTestFinished } from 'vitest';
import { createMistralCalls } from '../../../lib/adapters/mistral/calls.ts';
import type { WaySettings } from '../../../lib/adapters/mistral/look-ahead.ts';
import { createPlainCalls } from '../../../lib/adapters/mistral/plain-calls.ts';
import { modelsAnswer } from '../../../lib/probes/models-answer.ts';
import { pathOpen } from '../../../lib/probes/path-open.ts';
import { classify } from '../../../lib/triage/classify.ts';
import { KEY, serve } from './serve.ts';

/** Resolves to this machine for fetch, and to what a test says for who looks first. */
const NAME = 'localhost';

const serveAll = async () => {
  let askedCount = 0;
  const server = await serve((_request, response) => {
    askedCount += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[{"id":"m"}]}');
  });
  onTestFinished(server.close);
  return { url: `http://${NAME}:${server.port}`, askedCount: () => askedCount };
};

const leadsTo = (address: string): WaySettings => ({ resolveName: () => Promise.resolve([{ address, family: 4 }]) });
const clock = { nowMs: Date.now };

describe('before its key is sent to an address of the API', () => {
  it('the address is looked at, and nothing is sent to one of metadata, by whichever client and question', async () => {
    const { url: serverUrl, askedCount } = await serveAll();
    const settings = { serverUrl, clock, ...leadsTo('169.254.169.254'), allowPrivate: true };
    const [calls, plain] = [createMistralCalls(settings), createPlainCalls(settings)];
    const answers = await Promise.all([
      calls.listModels(KEY, 5_000),
      calls.listWithoutKey(5_000),
      calls.retrieveModel(KEY, 'm', 5_000),
      calls.chatOnce(KEY, 'm', 5_000),
      calls.streamOnce(KEY, 'm', 5_000),
      plain.listModels(KEY, 5_000),
      plain.chatOnce(KEY, 'm', 5_000),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, failure: { codes: ['ADDRESS_REFUSED'] } });
    expect(askedCount()).toBe(0);
    const why = 'it leads to a private or metadata address, which is not asked unless that is configured';
    for (const probe of [modelsAnswer(calls, KEY), pathOpen(calls)])
      expect(await probe.ask(5_000)).toMatchObject({ outcome: 'unknown', why });
  });

  it.each([
    [false, 'config.base_url'],
    // The question goes on to fetch, for which there is no such name.
    [true, 'net.dns'],
  ])('a name may lead to a private one only where that is configured (%s: %s)', async (allowPrivate, branch) => {
    const settings = { serverUrl: 'http://gateway.invalid', clock, ...leadsTo('10.0.0.1'), allowPrivate };
    const called = await createPlainCalls(settings).listModels(KEY, 5_000);
    expect(called.ok ? 'ok' : classify(called.failure)).toBe(branch);
  });

  it.each(['localhost', '127.0.0.1'])('%s is meant as it is written', async (host) => {
    const { url, askedCount } = await serveAll();
    const calls = createPlainCalls({ serverUrl: url.replace(NAME, host), clock });
    expect(await calls.listModels(KEY, 5_000)).toMatchObject({ ok: true });
    expect(askedCount()).toBe(1);
  });

  it('a name that we cannot resolve is left to fetch, which may', async () => {
    const { url: serverUrl } = await serveAll();
    const resolveName = () => Promise.reject(new Error('no'));
    expect(await createPlainCalls({ serverUrl, clock, resolveName }).listModels(KEY, 5_000)).toMatchObject({
      ok: true,
    });
  });

  it('a name that nobody answers for is told as that, and not sent to unseen', async () => {
    const { url: serverUrl, askedCount } = await serveAll();
    const resolveName = () => new Promise<never>(() => undefined);
    const called = await createPlainCalls({ serverUrl, clock, resolveName }).listModels(KEY, 100);
    expect(called.ok ? 'ok' : classify(called.failure)).toBe('net.dns');
    expect(askedCount()).toBe(0);
  });
});
