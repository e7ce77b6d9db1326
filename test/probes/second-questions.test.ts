import { describe, expect, it } from 'vitest';
import type { CallFailure } from '../../lib/domain/diagnosis.ts';
import type { CallResult } from '../../lib/ports/probes.ts';
import { unlessNoChat } from '../../lib/probes/chat-answers.ts';
import { modelCard } from '../../lib/probes/model-card.ts';
import { modelsAnswer } from '../../lib/probes/models-answer.ts';
import { pathOpen } from '../../lib/probes/path-open.ts';
import type { Answered } from '../../lib/probes/probe-answer.ts';
import { regionAnswers } from '../../lib/probes/region-answers.ts';
import { standbyKey } from '../../lib/probes/standby-key.ts';
import { streamAnswers } from '../../lib/probes/stream-answers.ts';

const GOOD: CallResult = { ok: true, latencyMs: 5, evidence: { status: 200 } };
const refused = (status: number, body: CallFailure['body'] = 'json'): CallResult => ({
  ok: false,
  latencyMs: 5,
  evidence: { status },
  failure: { status, body, names: [], codes: [] },
});

describe('the path without a key', () => {
  const ask = (result: CallResult): Promise<Answered> =>
    pathOpen({ listWithoutKey: () => Promise.resolve(result) }).ask(1000);

  it('is open where a key is wanted', async () => {
    const answered = await ask(refused(401));
    expect(answered).toEqual({
      outcome: 'ok',
      latencyMs: 5,
      evidence: { status: 401 },
      note: 'it wants a key, so the path is open',
    });
  });

  it('is open where the list comes without one', async () => {
    expect(await ask(GOOD)).toMatchObject({ outcome: 'ok' });
  });

  it('is not known where a page wants a login', async () => {
    expect(await ask(refused(401, 'html'))).toMatchObject({ outcome: 'unknown' });
  });

  it('has failed where anything else answers, or nothing', async () => {
    const silent: CallResult = {
      ok: false,
      latencyMs: 5,
      evidence: {},
      failure: { names: ['ConnectionError'], codes: ['ECONNREFUSED'] },
    };
    for (const result of [refused(403, 'html'), refused(503), silent]) {
      expect(await ask(result)).toMatchObject({ outcome: 'failed', failure: result.ok ? null : result.failure });
    }
  });
});

it('a list that is too large to be read is not known, whoever asks for it, and an answer to a chat is none', async () => {
  const tooLarge: CallResult = {
    ok: false,
    latencyMs: 5,
    evidence: { status: 200 },
    failure: { names: ['TypeError'], codes: ['ANSWER_TOO_LARGE'] },
  };
  const calls = { listModels: () => Promise.resolve(tooLarge), listWithoutKey: () => Promise.resolve(tooLarge) };
  const lists = [
    modelsAnswer(calls, 'k'),
    regionAnswers({ name: 'eu', calls }, 'k'),
    standbyKey(calls, () => Promise.resolve('k')),
    pathOpen(calls),
  ];
  const why = 'the list is larger than 4 MB, and is not read';
  for (const { ask } of lists)
    expect(await ask(1_000)).toEqual({ outcome: 'unknown', latencyMs: 5, evidence: { status: 200 }, why });
  const chat = streamAnswers({ streamOnce: () => Promise.resolve(tooLarge) }, 'k', 'm');
  expect(await chat.ask(1_000)).toMatchObject({ outcome: 'failed' });
});

describe('the standby key', () => {
  const given: unknown[] = [];
  const listModels = (key: string, timeoutMs: number): Promise<CallResult> => {
    given.push([key, timeoutMs > 0 && timeoutMs <= 1000]);
    return Promise.resolve(GOOD);
  };
  const ask = (readStandby: () => Promise<string | null>): Promise<Answered> => {
    given.length = 0;
    return standbyKey({ listModels }, readStandby).ask(1000);
  };

  it('is asked with, trimmed, in what is left of the limit, and stands in no answer', async () => {
    const answered = await ask(() => Promise.resolve(' fake-standby \n'));
    expect(given).toEqual([['fake-standby', true]]);
    expect(answered).toMatchObject({ outcome: 'ok' });
    expect(JSON.stringify(answered)).not.toContain('fake-s');
  });

  it.each([
    ['there is none', () => Promise.resolve(null), 'no standby key is stored'],
    ['there is a blank one', () => Promise.resolve(' \n'), 'no standby key is stored'],
    ['it cannot be read', () => Promise.reject(new Error('fake-standby')), 'the standby key cannot be read'],
  ])('is not asked with where %s', async (_name, read, why) => {
    expect(await ask(read)).toMatchObject({ outcome: 'unknown', why });
    expect(given).toEqual([]);
  });
});

it('the standby key has what is left of the limit once it is read', async () => {
  let leftMs = 0;
  const listModels = (_key: string, timeoutMs: number): Promise<CallResult> => {
    leftMs = timeoutMs;
    return Promise.resolve(GOOD);
  };
  const readSlowly = (): Promise<string> => {
    const endMs = performance.now() + 3;
    while (performance.now() < endMs);
    return Promise.resolve('k');
  };
  await standbyKey({ listModels }, readSlowly).ask(1_000);
  expect(leftMs).toBeGreaterThan(0);
  expect(leftMs).toBeLessThan(1_000);
});

it('a card that says "no chats" and is itself refused does not speak for its model', async () => {
  const card = (outcome: 'ok' | 'failed') => (): Promise<Answered> => {
    const facts = { chats: false };
    const failed = { outcome: 'failed', branch: 'provider.5xx', why: 'no', latencyMs: 1, facts } as const;
    return Promise.resolve(outcome === 'ok' ? { outcome, latencyMs: 1, facts } : failed);
  };
  const chat = (): Promise<Answered> =>
    Promise.resolve({ outcome: 'unknown', why: 'the chat was asked', latencyMs: 1 });
  expect(await unlessNoChat(card('ok'), chat)(1_000)).toMatchObject({ outcome: 'ok' });
  expect(await unlessNoChat(card('failed'), chat)(1_000)).toMatchObject({ why: 'the chat was asked' });
});

describe('what is asked with our key', () => {
  it('is asked of the card, the stream and the region, each under its name', async () => {
    const asked: unknown[] = [];
    const note = (...args: readonly unknown[]): Promise<CallResult> => {
      asked.push(args);
      return Promise.resolve({ ...GOOD, facts: { aliasOf: 'm-1' } });
    };
    const probes = [
      modelCard({ retrieveModel: note }, 'k', 'm'),
      streamAnswers({ streamOnce: note }, 'k', 'm'),
      regionAnswers({ name: 'eu', calls: { listModels: note } }, 'k'),
    ];
    const answers = await Promise.all(probes.map((probe) => probe.ask(7)));
    expect(probes.map(({ name }) => name)).toEqual(['model:m', 'stream:m', 'region:eu']);
    expect(asked).toEqual([
      ['k', 'm', 7],
      ['k', 'm', 7],
      ['k', 7],
    ]);
    expect(answers[0]).toMatchObject({ outcome: 'ok', facts: { aliasOf: 'm-1' } });
  });
});
