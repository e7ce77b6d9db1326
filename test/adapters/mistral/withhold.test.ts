import { expect, it } from 'vitest';
import { withholdSecrets } from '../../../lib/adapters/mistral/withhold.ts';
import type { CallResult, MistralCalls } from '../../../lib/ports/probes.ts';

/** In two pieces, so that nobody takes it for a real one. */
const ADMIN = ['Uq7Rz2Vb', '9Mx4Ke8Tc1Wn6Ph3'].join('');

const callsThat = (answer: CallResult): MistralCalls => {
  const give = (): Promise<CallResult> => Promise.resolve(answer);
  return { listModels: give, listWithoutKey: give, chatOnce: give, streamOnce: give, retrieveModel: give };
};

const askAll = async (answer: CallResult): Promise<readonly CallResult[]> => {
  const calls = withholdSecrets(callsThat(answer), () => Promise.resolve([ADMIN]));
  return Promise.all([
    calls.listModels('k', 1),
    calls.listWithoutKey(1),
    calls.chatOnce('k', 'm', 1),
    calls.streamOnce('k', 'm', 1),
    calls.retrieveModel('k', 'm', 1),
  ]);
};

const failing = (word: string): CallResult => ({
  ok: false,
  latencyMs: 3,
  facts: { aliasOf: word, maxContextTokens: 7 },
  evidence: {
    status: 401,
    model: 'm',
    correlationId: word,
    requestId: word,
    rateLimits: { [`x-ratelimit-${word}`]: '1' },
  },
  failure: { status: 401, names: ['SDKError'], codes: [], code: word, type: word },
});

it('leaves out each word of an answer that holds another secret than the key it was asked with', async () => {
  const bare = {
    ok: false,
    latencyMs: 3,
    facts: { maxContextTokens: 7 },
    evidence: { status: 401, model: 'm' },
    failure: { status: 401, names: ['SDKError'], codes: [] },
  };
  for (const word of [ADMIN, ADMIN.slice(5, 11), ADMIN.toLowerCase(), Buffer.from(ADMIN).toString('base64url')])
    expect(await askAll(failing(word))).toEqual(Array.from({ length: 5 }, () => bare));
  const limits: CallResult = {
    ok: true,
    latencyMs: 1,
    evidence: { rateLimits: { ratelimit: ADMIN, 'x-ratelimit-a': '60' } },
  };
  expect((await askAll(limits))[0]).toEqual({ ...limits, evidence: { rateLimits: { 'x-ratelimit-a': '60' } } });
});

it('leaves every other answer as it is', async () => {
  const fine = failing('7f3c9a1e-44d0');
  expect(await askAll(fine)).toEqual(Array.from({ length: 5 }, () => fine));
  const well: CallResult = { ok: true, latencyMs: 1, evidence: { status: 200 }, note: '3 models' };
  expect(await askAll(well)).toEqual(Array.from({ length: 5 }, () => well));
});
