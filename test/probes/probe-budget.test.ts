import { describe, expect, it } from 'vitest';
import type { Branch } from '../../lib/domain/branch.ts';
import type { Finding } from '../../lib/domain/diagnosis.ts';
import { EMPTY_BUDGET, type ProbeBudget } from '../../lib/domain/probe-budget.ts';
import { noteAnswers, reserveProbes, type Spending } from '../../lib/probes/probe-budget.ts';

const MINUTE_MS = 60_000;
const NOON_MS = Date.parse('2026-11-20T12:00:00Z');

const chat = (model: string, tokens = 6): Spending => ({ name: `chat:${model}`, model, tokens });
const said = (model: string, branch?: Branch): Finding => ({
  name: `chat:${model}`,
  question: '?',
  latencyMs: 1,
  ...(branch ? { outcome: 'failed', branch } : { outcome: 'ok' }),
});
const unanswered = (model: string): Finding => ({ ...said(model), outcome: 'unknown', why: 'not asked' });

const reserve = (budget: ProbeBudget, wanted: readonly Spending[], seconds: number, tokensPerHour = 1_000) =>
  reserveProbes(budget, wanted, {
    tokensPerHour,
    setAside: 0,
    limitedGapMs: MINUTE_MS,
    toldGapMs: MINUTE_MS + 1_000,
    nowMs: NOON_MS + seconds * 1_000,
  });

/** One round: what was asked, after the answers. */
const ask = (budget: ProbeBudget, seconds: number, answers: readonly Finding[], tokensPerHour?: number) => {
  const wanted = answers.map(({ name }) => chat(name.slice('chat:'.length)));
  const reserved = reserve(budget, wanted, seconds, tokensPerHour);
  return {
    ...reserved,
    budget: noteAnswers(reserved.budget, wanted, { askedMs: NOON_MS + seconds * 1_000, findings: answers }),
  };
};

const withheldOf = ({ withheld }: ReturnType<typeof reserve>): readonly string[] => [...withheld.keys()];

describe('a model that is limited', () => {
  it.each(['rate.minute', 'quota.zero_for_model', 'capacity.model'] as const)(
    '(%s) is asked once a minute, and what it said last is named',
    (branch) => {
      const { budget } = ask(EMPTY_BUDGET, 0, [said('a', branch), said('b')]);
      const soon = reserve(budget, [chat('a'), chat('b')], 59);
      expect(withheldOf(soon)).toEqual(['chat:a']);
      expect(soon.withheld.get('chat:a')?.why).toBe(
        `not asked: a is limited, and asked no more than every 61 s while it is; its last answer, 59 s ago, was ${branch}`,
      );
      expect(withheldOf(reserve(soon.budget, [chat('a')], 60))).toEqual([]);
    },
  );

  it.each(['provider.5xx', 'auth.invalid_key', undefined] as const)('is not what %s says', (branch) => {
    const { budget } = ask(EMPTY_BUDGET, 0, [said('a', branch)]);
    expect(withheldOf(reserve(budget, [chat('a')], 1))).toEqual([]);
  });

  it('stays so while it is not asked, and until it answers otherwise', () => {
    const limited = ask(EMPTY_BUDGET, 0, [said('a', 'rate.minute')]).budget;
    const between = ask(limited, 30, [unanswered('a')]).budget;
    const late = ask(between, 60, [unanswered('a')]).budget;
    expect(withheldOf(reserve(late, [chat('a')], 61))).toEqual(['chat:a']);
    expect(withheldOf(reserve(ask(late, 120, [said('a')]).budget, [chat('a')], 121))).toEqual([]);
  });

  it('is asked one question a minute, not one of each kind', () => {
    const { budget } = ask(EMPTY_BUDGET, 0, [said('a', 'rate.minute')]);
    const next = reserve(budget, [chat('a'), { ...chat('a'), name: 'stream:a' }], 60);
    expect(withheldOf(next)).toEqual(['stream:a']);
  });
});

describe('what stands for a question that is withheld', () => {
  const limited = ask(EMPTY_BUDGET, 0, [said('a', 'rate.minute')]).budget;
  const lastOf = ({ withheld }: ReturnType<typeof reserve>, name = 'chat:a') => withheld.get(name)?.last;

  it('is what its model said when it was asked last, with its ids and the limits it told of', () => {
    const rateLimits = { 'x-ratelimit-limit-req-minute': '30' };
    const told = {
      ...said('a', 'rate.minute'),
      evidence: { rateLimits, correlationId: 'x', serverDate: '2026-11-20T12:00:00Z' },
    };
    expect(lastOf(reserve(ask(EMPTY_BUDGET, 0, [told]).budget, [chat('a')], 59))).toEqual({
      askedMs: NOON_MS,
      saidMs: NOON_MS,
      outcome: 'failed',
      branch: 'rate.minute',
      evidence: { rateLimits, correlationId: 'x' },
    });
  });

  it('is not what it said to an earlier question, while the last one has no answer', () => {
    const { askedMs = 0, saidMs = 0 } =
      lastOf(reserve(reserve(limited, [chat('a')], 60).budget, [chat('a')], 70)) ?? {};
    expect([askedMs - NOON_MS, saidMs - NOON_MS]).toEqual([60_000, 0]);
  });

  it('is nothing where the tokens are spent', () => {
    expect(lastOf(reserve(limited, [chat('b')], 0, 5), 'chat:b')).toBeNull();
  });

  it('is what another question of the same round will hear, and no other', () => {
    const both = [chat('a'), { ...chat('a'), name: 'stream:a' }];
    expect(reserve(limited, both, 60).withheld.get('stream:a')?.beside).toBe('chat:a');
    expect([...reserve(limited, both, 59).withheld.values()].map(({ beside }) => beside)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('may be the question after all where it is paid for, and else it says that the tokens are spent', () => {
    const both = [chat('a'), { ...chat('a'), name: 'stream:a' }];
    const paid = reserve(limited, both, 60, 18);
    expect(paid.withheld.get('stream:a')).toMatchObject({ isPaid: true, why: expect.stringContaining('is limited') });
    // Six of the first round, twelve of this one.
    expect(paid.budget.spent.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(18);
    expect(reserve(limited, both, 60, 17).withheld.get('stream:a')).toMatchObject({
      isPaid: false,
      why: expect.stringContaining('the 17 tokens an hour for probes are spent'),
    });
  });

  it('tells of the last answer when it came, and of a question that has none yet', () => {
    const asked = reserve(limited, [chat('a')], 60).budget;
    expect(reserve(asked, [chat('a')], 70).withheld.get('chat:a')?.why).toMatch(
      /its last answer, 70 s ago, was rate\.minute, and it was asked again 10 s ago$/,
    );
    const never = reserve(EMPTY_BUDGET, [chat('a')], 0, 6).budget;
    expect(reserve(never, [chat('a')], 10, 6).withheld.get('chat:a')?.why).toMatch(
      /it was asked 10 s ago and has not answered yet$/,
    );
  });

  it('is no new look: its time and what else is known stay', () => {
    const again = noteAnswers(limited, [chat('a')], {
      askedMs: NOON_MS + 30_000,
      findings: [{ ...said('a', 'rate.minute'), facts: { askedSecondsAgo: 30 } }],
    });
    expect(again).toEqual(limited);
  });
});

describe('the budget of tokens', () => {
  it('is spent by questions that are asked, in their order, and those beyond it are withheld', () => {
    const first = reserve(EMPTY_BUDGET, [chat('a', 6), chat('b', 7), chat('c', 4)], 0, 10);
    expect(withheldOf(first)).toEqual(['chat:b']);
    expect(withheldOf(reserve(first.budget, [chat('a', 1)], 1, 10))).toEqual(['chat:a']);
  });

  it('names what the model said last', () => {
    const { budget } = ask(EMPTY_BUDGET, 0, [said('a', 'provider.5xx')], 6);
    expect(reserve(budget, [chat('a')], 90, 6).withheld.get('chat:a')?.why).toBe(
      'not asked: the 6 tokens an hour for probes are spent; its last answer, 90 s ago, was provider.5xx',
    );
    expect(reserve(EMPTY_BUDGET, [chat('a')], 0, 5).withheld.get('chat:a')?.why).toMatch(/it was not asked before$/);
  });

  it('that is short goes to who waited longest, whatever the order', () => {
    const wanted = ['a', 'b', 'c'].map((model) => chat(model));
    let budget = EMPTY_BUDGET;
    const asked = [0, 3_600, 7_200, 10_800].map((seconds) => {
      const round = reserve(budget, wanted, seconds, 6);
      budget = round.budget;
      return wanted.filter(({ name }) => !round.withheld.has(name)).map(({ model }) => model);
    });
    expect(asked).toEqual([['a'], ['b'], ['c'], ['a']]);
  });

  it('holds nothing of what is set aside', () => {
    const rules = { tokensPerHour: 12, limitedGapMs: MINUTE_MS, toldGapMs: MINUTE_MS, nowMs: NOON_MS };
    expect(withheldOf(reserveProbes(EMPTY_BUDGET, [chat('a')], { ...rules, setAside: 6 }))).toEqual([]);
    expect(withheldOf(reserveProbes(EMPTY_BUDGET, [chat('a')], { ...rules, setAside: 7 }))).toEqual(['chat:a']);
  });

  it('comes back an hour later', () => {
    const { budget } = reserve(EMPTY_BUDGET, [chat('a')], 0, 6);
    expect(withheldOf(reserve(budget, [chat('a')], 3_599, 6))).toEqual(['chat:a']);
    expect(withheldOf(reserve(budget, [chat('a')], 3_600, 6))).toEqual([]);
  });

  it('survives a clock that is set back by minutes, and does not hang on one that was years ahead', () => {
    const { budget } = ask(EMPTY_BUDGET, 0, [said('a', 'rate.minute')], 6);
    expect(withheldOf(reserve(budget, [chat('b')], -600, 6))).toEqual(['chat:b']);
    expect(withheldOf(reserve(budget, [chat('a')], -7_200, 6))).toEqual([]);
  });

  it('is bounded however often and for whatever is asked', () => {
    let budget = EMPTY_BUDGET;
    for (let minute = 0; minute < 600; minute += 1)
      budget = reserve(budget, [chat(`model-${minute}`)], (minute * MINUTE_MS) / 1_000).budget;
    expect(budget.spent.length).toBeLessThanOrEqual(13);
    expect(Object.keys(budget.models)).toEqual(['model-599']);
  });
});
