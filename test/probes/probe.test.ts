import { describe, expect, it } from 'vitest';
import type { ProbeAnswer, ProbeFacts } from '../../lib/domain/diagnosis.ts';
import { NO_SOURCES, type ProbeSources } from '../../lib/ports/probe-sources.ts';
import type { CallResult, HealthCalls, MistralCalls, ServiceTarget } from '../../lib/ports/probes.ts';
import { spendingOf } from '../../lib/probes/plan-probes.ts';
import { type ProbeInput, runProbes } from '../../lib/probes/probe.ts';

const target: ServiceTarget = {
  name: 'checkout',
  environment: 'production',
  models: ['a', 'b', 'a'],
  secretId: 'mistral/checkout',
  healthUrl: 'http://127.0.0.1/health',
};
const good: CallResult = { ok: true, latencyMs: 5, evidence: { status: 200 }, note: 'fine' };
const answer = (): Promise<CallResult> => Promise.resolve(good);
const mistral: MistralCalls = {
  listModels: answer,
  listWithoutKey: answer,
  chatOnce: answer,
  streamOnce: answer,
  retrieveModel: answer,
};
const health: HealthCalls = { get: () => Promise.resolve({ status: 200, latencyMs: 3 }) };
const never = new Promise<never>(() => undefined);

const run = (with_: Partial<ProbeInput>): Promise<readonly ProbeAnswer[]> =>
  runProbes({
    target,
    key: 'k',
    mistral,
    health,
    clock: { nowMs: () => 0 },
    wait: () => never,
    deadlineMs: 8000,
    ...with_,
  });

const outcomes = (answers: readonly ProbeAnswer[]): readonly string[] =>
  answers.map((answer) => `${answer.name} ${answer.outcome}`);

describe('the probes', () => {
  it('ask the list, each model once, the path and the health address, in their order', async () => {
    expect(outcomes(await run({}))).toEqual([
      'models ok',
      'chat:a ok',
      'chat:b ok',
      'model:a ok',
      'model:b ok',
      'path ok',
      'health ok',
    ]);
  });

  it('leave the health question out where no address is configured', async () => {
    expect(outcomes(await run({ target: { ...target, healthUrl: null } }))).not.toContain('health ok');
  });

  it.each([null, '', ' \n'])('without a key (%j) call nobody and say which secret is empty', async (key) => {
    const refuse = (): Promise<never> => Promise.reject(new Error('called'));
    const answers = await run({
      key,
      mistral: { ...mistral, listModels: refuse, chatOnce: refuse, retrieveModel: refuse },
    });
    expect(outcomes(answers)).toEqual([
      'models unknown',
      'chat:a unknown',
      'chat:b unknown',
      'model:a unknown',
      'model:b unknown',
      'path ok',
      'health ok',
    ]);
    expect(JSON.stringify(answers[0])).toContain('no key is stored under mistral/checkout');
    expect(answers[0]?.facts).toEqual({ missingSecret: 'mistral/checkout' });
  });

  it.each(['k\n', ' k', '\tk '])(
    'a key stored as %j is asked with trimmed, and that it had to be is a finding',
    async (key) => {
      const given = new Set<string>();
      const listModels = (used: string): Promise<CallResult> => {
        given.add(used);
        return Promise.resolve(good);
      };
      const answers = await run({ key, mistral: { ...mistral, listModels } });
      expect([...given]).toEqual(['k']);
      expect(answers.filter(({ outcome }) => outcome === 'failed')).toMatchObject([
        { name: 'stored-key', branch: 'config.api_key_malformed' },
      ]);
      expect(outcomes(await run({ key: 'k' })).join()).not.toContain('stored-key');
    },
  );

  it('are all asked before any has answered', async () => {
    let asked = 0;
    const all = Promise.withResolvers<CallResult>();
    const ask = (): Promise<CallResult> => {
      asked += 1;
      if (asked === 3) all.resolve(good);
      return all.promise;
    };
    await run({ mistral: { ...mistral, listModels: ask, chatOnce: ask } });
    expect(asked).toBe(3);
  });

  const realSlice = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  const immediately = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const hangingB: MistralCalls = {
    ...mistral,
    chatOnce: (_key, model) => (model === 'b' ? never : Promise.resolve(good)),
  };

  it.each([
    [{ deadlineMs: 8_000 }, 'no answer within its limit of 7.2 s'],
    [{ deadlineMs: 8_000, limitsMs: { chat: 1_000 } }, 'no answer within its limit of 1 s'],
    [{ deadlineMs: 1_000 }, 'no answer by the deadline of 1 s'],
    [{ deadlineMs: 1_000, wholeMs: 15_000 }, 'no answer by the deadline of 15 s'],
    [{ deadlineMs: 8_000, wholeMs: 15_000 }, 'no answer by the deadline of 15 s'],
    [{ deadlineMs: 8_000, wholeMs: 15_000, limitsMs: { chat: 1_000 } }, 'no answer within its limit of 1 s'],
  ] as const)('that hang (%j) are unknown, and the others keep theirs', async (limits, why) => {
    const answers = await run({ mistral: hangingB, wait: immediately, ...limits });
    expect(outcomes(answers).filter((one) => !one.endsWith(' ok'))).toEqual(['chat:b unknown']);
    expect(answers[2]).toMatchObject({ why });
  });

  it('are held to the deadline by the clock where waiting takes longer than it should', async () => {
    let nowMs = 0;
    let waits = 0;
    const wait = (): Promise<void> => {
      waits += 1;
      nowMs += 3_000;
      return immediately();
    };
    await run({ mistral: hangingB, wait, clock: { nowMs: () => nowMs } });
    expect(waits).toBe(3);
  });

  it('are answered for at once where nobody can wait', async () => {
    const answers = await run({ mistral: hangingB, wait: () => Promise.reject(new Error('no timers')) });
    expect(outcomes(answers)).toContain('chat:b unknown');
  });

  it('ask for streams where the service reads them, and for the standby key where somebody can read it', async () => {
    const asked = await run({ target: { ...target, streams: true }, readStandby: () => Promise.resolve('standby') });
    expect(outcomes(asked)).toEqual(expect.arrayContaining(['stream:a ok', 'stream:b ok', 'standby ok']));
    expect(spendingOf({ ...target, streams: true }).map(({ name }) => name)).toEqual([
      'chat:a',
      'chat:b',
      'stream:a',
      'stream:b',
    ]);
  });

  const hangingPage: ProbeSources = { ...NO_SOURCES, statusPage: { name: 'page', read: () => never } };

  it('that do not matter never hold the answer up, and are unknown when they are late', async () => {
    const answers = await run({ sources: hangingPage, wait: immediately });
    expect(answers.at(-1)).toMatchObject({
      name: 'status-page',
      outcome: 'unknown',
      why: 'no answer while all that matters had answered',
    });
  });

  /** Answers after two seconds of the slices. */
  const slowly = () => {
    let waits = 0;
    const late = Promise.withResolvers<ProbeFacts>();
    const wait = (): Promise<void> => {
      waits += 1;
      if (waits === 20) late.resolve({ monthlyLimitReached: true });
      return immediately();
    };
    const spend = { name: 'the account', read: () => late.promise };
    return { wait, sources: { ...NO_SOURCES, admin: { spend, keys: { ...spend, isFor: () => false } } } };
  };
  const refused: CallResult = {
    ok: false,
    latencyMs: 5,
    evidence: { status: 429 },
    failure: { status: 429, names: [], codes: [] },
  };

  it('that could say why are waited for once something is wrong, and only then', async () => {
    expect(outcomes(await run(slowly()))).toContain('spend unknown');
    const failing = { ...mistral, chatOnce: () => Promise.resolve(refused) };
    expect(outcomes(await run({ ...slowly(), mistral: failing }))).toContain('spend ok');
    const page = { ...slowly(), mistral: failing };
    const answers = await run({ ...page, sources: { ...page.sources, statusPage: hangingPage.statusPage } });
    expect(answers.find(({ name }) => name === 'status-page')).toMatchObject({
      why: 'no answer while all that matters had answered',
    });
  });

  it.each<[ProbeFacts, string]>([
    [{ failingShare: 0.04 }, 'spend unknown'],
    [{ failingShare: 0.05 }, 'spend ok'],
    [{ failingShare: 0, p95Ms: 60_000, p95MsBefore: 1_000 }, 'spend ok'],
  ])('that could say why are waited for where the metrics alone tell of trouble (%j): %s', async (facts, told) => {
    const { wait, sources } = slowly();
    const traffic = [{ name: 'metrics', read: () => Promise.resolve(facts) }];
    expect(outcomes(await run({ wait, sources: { ...sources, traffic } }))).toContain(told);
  });

  it('are all waited for where somebody wants everything', async () => {
    const answers = await run({ sources: hangingPage, wait: immediately, waitFor: 'everything' });
    expect(answers.at(-1)).toMatchObject({ name: 'status-page', why: 'no answer within its limit of 5 s' });
  });

  it('ask a model that is none for chats for its card alone, once, and take that for its answer', async () => {
    const asked: string[] = [];
    const note =
      (kind: string) =>
      (_key: string, model: string): Promise<CallResult> => {
        asked.push(`${kind}:${model}`);
        return Promise.resolve(kind === 'card' ? { ...good, facts: { chats: model !== 'b' } } : good);
      };
    const noting = { ...mistral, retrieveModel: note('card'), chatOnce: note('chat'), streamOnce: note('stream') };
    const answers = await run({ target: { ...target, streams: true }, mistral: noting });
    expect(asked.toSorted()).toEqual(['card:a', 'card:b', 'chat:a', 'stream:a']);
    expect(answers.find(({ name }) => name === 'chat:b')).toMatchObject({
      outcome: 'ok',
      facts: { chats: false },
      note: 'it is no chat model: its card alone is asked, and it is there',
    });
  });

  it('ask for a chat where the card is refused', async () => {
    const answers = await run({ mistral: { ...mistral, retrieveModel: () => Promise.resolve(refused) } });
    expect(outcomes(answers)).toEqual(expect.arrayContaining(['model:a failed', 'chat:a ok']));
  });

  it('ask for a chat without a card that hangs', async () => {
    const answers = await run({
      mistral: { ...mistral, retrieveModel: () => never },
      limitsMs: { chat: 20 },
      wait: realSlice,
    });
    expect(outcomes(answers)).toEqual(expect.arrayContaining(['model:a unknown', 'chat:a ok']));
  });

  it('that are withheld are not asked, and what stands for them answers', async () => {
    const asked: string[] = [];
    const noting: MistralCalls = {
      ...mistral,
      chatOnce: (_key, model) => {
        asked.push(model);
        return Promise.resolve(good);
      },
    };
    const spent = { outcome: 'unknown', why: 'not asked: spent', latencyMs: 0 } as const;
    const answers = await run({ mistral: noting, withheld: new Map([['chat:b', () => Promise.resolve(spent)]]) });
    expect(asked).toEqual(['a']);
    expect(answers[2]).toMatchObject({ name: 'chat:b', outcome: 'unknown', why: 'not asked: spent' });
  });

  it('leave no waiting behind when all have answered', async () => {
    let waits = 0;
    const slice = Promise.withResolvers<void>();
    const wait = (): Promise<void> => {
      waits += 1;
      return slice.promise;
    };
    await run({ wait });
    slice.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(waits).toBe(1);
  });

  it('that break are unknown, and what they threw is not shown', async () => {
    const broken = (): Promise<never> => Promise.reject(new Error('secret'));
    const thrown = (): never => {
      throw new Error('secret');
    };
    const answers = await run({
      mistral: {
        listModels: broken,
        listWithoutKey: broken,
        chatOnce: thrown,
        streamOnce: thrown,
        retrieveModel: thrown,
      },
      health: { get: broken },
    });
    expect(answers.every((answer) => answer.outcome === 'unknown')).toBe(true);
    expect(JSON.stringify(answers)).not.toContain('secret');
  });

  it('are given less than the deadline, and never more than their own limit', async () => {
    const given: Record<string, number> = {};
    const noting: MistralCalls = {
      ...mistral,
      listModels: (_key, timeoutMs) => {
        given['models'] = timeoutMs;
        return Promise.resolve(good);
      },
      chatOnce: (_key, _model, timeoutMs) => {
        given['chat'] = timeoutMs;
        return Promise.resolve(good);
      },
    };
    await run({ mistral: noting, limitsMs: { chat: 1000 } });
    expect(given).toEqual({ models: 7200, chat: expect.any(Number) });
    expect(given['chat']).toBeLessThanOrEqual(1000);
  });

  it('tell each answer as it comes', async () => {
    const told: string[] = [];
    const slow = Promise.withResolvers<CallResult>();
    await run({
      mistral: { ...mistral, listModels: () => slow.promise },
      onAnswer: (answer) => {
        told.push(answer.name);
        if (told.length === 6) slow.resolve(good);
      },
    });
    expect(told.at(-1)).toBe('models');
    expect(told).toHaveLength(7);
  });

  it.each([
    [{ status: 204, latencyMs: 1 }, 'ok'],
    [{ status: 503, latencyMs: 1 }, 'failed'],
    [{ status: 404, latencyMs: 1 }, 'unknown'],
    [{ status: 302, latencyMs: 1 }, 'unknown'],
    [{ why: 'the connection is refused', latencyMs: 1 }, 'failed'],
    [{ why: 'the name does not resolve', latencyMs: 1, isBlind: true }, 'unknown'],
  ])('read the health answer %j as %s', async (answer, outcome) => {
    const answers = await run({ health: { get: () => Promise.resolve(answer) } });
    expect(answers.at(-1)?.outcome).toBe(outcome);
  });
});
