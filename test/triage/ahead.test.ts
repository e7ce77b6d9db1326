import { describe, expect, it } from 'vitest';
import { type AheadRecord, type Drill, type Foresight, NOTHING_AHEAD } from '../../lib/domain/ahead.ts';
import type { Finding, ProbeFacts } from '../../lib/domain/diagnosis.ts';
import { type Ahead, lookAhead } from '../../lib/triage/ahead.ts';
import { toAlert } from '../../lib/triage/ahead-alert.ts';
import { isDrillDue, noteDrill } from '../../lib/triage/ahead-drill.ts';
import type { AheadInput } from '../../lib/triage/ahead-input.ts';

const NOW = Date.parse('2026-11-20T12:00:00.000Z');
const DAY_MS = 86_400_000;
const MODEL = 'mistral-small-latest';

const found = (name: string, facts: ProbeFacts, outcome: Finding['outcome'] = 'ok'): Finding => ({
  name,
  question: '',
  outcome,
  latencyMs: 1,
  facts,
});
const card = (facts: ProbeFacts, outcome: Finding['outcome'] = 'ok'): Finding =>
  found(`model:${MODEL}`, facts, outcome);

const look = (findings: readonly Finding[], change: Partial<AheadInput> = {}): Ahead =>
  lookAhead({
    models: [MODEL],
    findings,
    nowMs: NOW,
    atMs: change.nowMs ?? NOW,
    known: NOTHING_AHEAD,
    ends: {},
    fallback: null,
    ...change,
  });

const told = ({ begin, end }: Ahead): readonly string[] => [
  ...end.map(({ subject, step }) => `- ${subject} ${step}`),
  ...begin.map(({ subject, step, severity }) => `+ ${subject} ${step} ${severity}`),
];
const endsIn = (days: number): string => new Date(NOW + days * DAY_MS).toISOString();

describe('the end of a model', () => {
  it.each([
    [30.1, []],
    [30, [`+ model-end:${MODEL} 30d P4`]],
    [7.1, [`+ model-end:${MODEL} 30d P4`]],
    [7, [`+ model-end:${MODEL} 7d P3`]],
    [1, [`+ model-end:${MODEL} 1d P3`]],
    [0, [`+ model-end:${MODEL} over P3`]],
    [-400, [`+ model-end:${MODEL} over P3`]],
  ])('in %s days, as its card says, is told as %j', (days, expected) => {
    expect(told(look([card({ deprecatedAt: endsIn(days) })]))).toEqual(expected);
  });

  it('is told once per step, and the step before it is over', () => {
    const first = look([card({ deprecatedAt: endsIn(20) })]);
    const again = look([card({ deprecatedAt: endsIn(20) })], { known: first.known, nowMs: NOW + DAY_MS });
    expect(told(again)).toEqual([]);
    const nearer = look([card({ deprecatedAt: endsIn(20) })], { known: again.known, nowMs: NOW + 14 * DAY_MS });
    expect(told(nearer)).toEqual([`- model-end:${MODEL} 30d`, `+ model-end:${MODEL} 7d P3`]);
  });

  it('is taken back when the card does not say it any more, and when the model is not used any more', () => {
    const { known } = look([card({ deprecatedAt: endsIn(3) })]);
    expect(told(look([card({})], { known }))).toEqual([`- model-end:${MODEL} 7d`]);
    expect(told(look([card({ deprecatedAt: endsIn(3) })], { known, models: ['other'] }))).toEqual([
      `- model-end:${MODEL} 7d`,
    ]);
  });

  it('that a card told of stays while the card is not to be had', () => {
    const { known } = look([card({ deprecatedAt: endsIn(3) })]);
    for (const findings of [[], [card({}, 'unknown')]]) expect(told(look(findings, { known }))).toEqual([]);
  });

  it('stays, as all that facts told of, while an answer that was well comes without its facts', () => {
    const said = [
      card({ deprecatedAt: endsIn(3) }),
      found('keys', { expiresAt: endsIn(6) }),
      found('spend', { spentUsd: 66, limitUsd: 100 }),
    ];
    const { begin, known } = look(said);
    expect(begin).toHaveLength(3);
    const thinned = said.map(({ facts: _facts, ...finding }) => finding);
    expect(told(look(thinned, { known }))).toEqual([]);
  });

  const RETIRED = 'mistral-medium-2508';
  it.each([
    ['ten days before', '2026-08-21', ['30d']],
    ['on the day', '2026-08-31', ['over']],
    ['long after it, when it still answers', '2026-10-15', []],
  ])('that Mistral has published is told %s', (_when, day, steps) => {
    const ahead = look([], { models: [RETIRED], nowMs: Date.parse(day) });
    expect(ahead.begin.map(({ step }) => step)).toEqual(steps);
  });

  it('is believed of the configuration before all others', () => {
    const findings = [card({ deprecatedAt: endsIn(3) })];
    expect(told(look(findings, { ends: { [MODEL]: { retires: null, replacedBy: null } } }))).toEqual([]);
    const ends = { [MODEL]: { retires: '2026-12-10', replacedBy: 'mistral-small-2603' } };
    const [warning] = look(findings, { ends }).begin;
    expect(warning).toMatchObject({ step: '30d', title: `Within 30 days: Mistral ends ${MODEL} on 10 Dec 2026` });
    expect(warning?.summary).toContain('Configure mistral-small-2603 in');
  });

  it('of an alias is the end of what it means', () => {
    const models = ['devstral-latest'];
    const nowMs = Date.parse('2026-07-29');
    expect(look([], { models, nowMs }).begin).toHaveLength(1);
    const moved = found('model:devstral-latest', { aliasOf: 'devstral-2611' });
    expect(look([moved], { models, nowMs }).begin).toEqual([]);
  });
});

describe('an alias', () => {
  const means = (target: string): readonly Finding[] => [card({ aliasOf: target })];

  /** One look after the other, each a minute later. */
  const watch = (targets: readonly (string | null)[], known: AheadRecord = NOTHING_AHEAD): Ahead => {
    let ahead: Ahead = { begin: [], end: [], known };
    for (const [index, target] of targets.entries()) {
      const findings = target === null ? [card({}, 'unknown')] : means(target);
      const next = look(findings, { known: ahead.known, nowMs: NOW + index * 60_000 });
      ahead = { begin: [...ahead.begin, ...next.begin], end: [...ahead.end, ...next.end], known: next.known };
    }
    return ahead;
  };
  const [OLD, NEW] = ['small-2503', 'small-2603'];

  it('that moved is told for a day, with what it meant before', () => {
    const moved = watch([OLD, NEW, NEW, NEW]);
    expect(told(moved)).toEqual([`+ alias:${MODEL} ${NEW} P4`]);
    expect(moved.begin[0]?.summary).toContain(`it meant ${OLD}`);
    const movedMs = NOW + 3 * 60_000;
    const later = look(means(NEW), { known: moved.known, nowMs: movedMs + DAY_MS - 1 });
    expect(told(later)).toEqual([]);
    expect(told(look(means(NEW), { known: later.known, nowMs: movedMs + DAY_MS }))).toEqual([
      `- alias:${MODEL} ${NEW}`,
    ]);
  });

  it.each<readonly [string, readonly (string | null)[]]>([
    ['was seen to mean another thing twice', [OLD, NEW, NEW]],
    ['answers by turns', [OLD, NEW, OLD, NEW, OLD, NEW, NEW, OLD, NEW, NEW]],
    ['means a third thing in between', [OLD, NEW, NEW, 'small-9', NEW, NEW]],
    ['is not heard of for a while', [OLD, null, null, null, OLD]],
  ])('that %s has not moved', (_what, targets) => {
    expect(told(watch(targets))).toEqual([]);
  });

  it('that moved while nobody could look is told', () => {
    expect(told(watch([OLD, NEW, null, NEW, NEW]))).toEqual([`+ alias:${MODEL} ${NEW} P4`]);
  });

  it('that answers by turns tells of no end of what it does not mean yet', () => {
    const alias = (aliasOf: string): readonly Finding[] => [found('model:some-latest', { aliasOf })];
    const models = ['some-latest'];
    const nowMs = Date.parse('2026-08-21');
    const { known } = look(alias('some-2611'), { models, nowMs });
    expect(look(alias('mistral-medium-2508'), { models, nowMs, known }).begin).toEqual([]);
  });
});

describe('the end of the key', () => {
  const key = (facts: ProbeFacts, outcome: Finding['outcome'] = 'ok') => [found('keys', facts, outcome)];

  it('is told by steps, stays while nobody can look, and goes with another key', () => {
    const first = look(key({ expiresAt: endsIn(6), keyName: 'checkout' }));
    expect(told(first)).toEqual(['+ key-end 7d P3']);
    expect(first.begin[0]?.summary).toContain('named checkout');
    for (const findings of [[], key({}, 'unknown')]) expect(told(look(findings, first))).toEqual([]);
    expect(told(look(key({ expiresAt: endsIn(300) }), first))).toEqual(['- key-end 7d']);
  });
});

describe('spending', () => {
  const spend = (spentUsd: number, limitUsd = 100): readonly Finding[] => [found('spend', { spentUsd, limitUsd })];

  // Noon of the 20th: 65 % of November have passed.
  it.each([
    [64, []],
    [66, ['+ spend month P4']],
    [95, ['+ spend soon P3']],
    [100, ['+ spend soon P3']],
    [0, []],
  ])('%s of 100 USD by the 20th is told as %j', (spent, expected) => {
    expect(told(look(spend(spent)))).toEqual(expected);
  });

  it('is not forecast from the first days of a month, unless most is gone', () => {
    const nowMs = Date.parse('2026-11-02T00:00:00.000Z');
    expect(told(look(spend(50), { nowMs }))).toEqual([]);
    expect(told(look(spend(80), { nowMs }))).toEqual(['+ spend soon P3']);
  });

  it('is neither told nor taken back in the first hours of a month, in which the count may be that of the last one', () => {
    const turn = Date.parse('2026-12-01T00:00:00.000Z');
    const { known } = look(spend(66));
    for (const hours of [0, 1, 11]) {
      const nowMs = turn + hours * 3_600_000;
      for (const spent of [0, 66, 95, 100]) expect(told(look(spend(spent), { nowMs, known }))).toEqual([]);
      expect(told(look(spend(100), { nowMs }))).toEqual([]);
    }
    const nowMs = turn + 12 * 3_600_000;
    expect(told(look(spend(2), { nowMs, known }))).toEqual(['- spend month']);
    expect(told(look(spend(95), { nowMs }))).toEqual(['+ spend soon P3']);
  });

  it('is taken back when there is no limit any more, and stays while nobody can look', () => {
    const { known } = look(spend(66));
    expect(told(look([found('spend', { spentUsd: 66, monthlyLimitReached: false })], { known }))).toEqual([
      '- spend month',
    ]);
    for (const findings of [[], [found('spend', {}, 'unknown')]]) expect(told(look(findings, { known }))).toEqual([]);
  });

  it('that has reached its limit is told as used up, whatever was counted', () => {
    const reached = look([found('spend', { spentUsd: 20, limitUsd: 100, monthlyLimitReached: true })]);
    expect(reached.begin[0]?.title).toBe('The spending limit of 100 USD a month is used up');
  });

  it('does not come and go at the edge', () => {
    const { known } = look(spend(66));
    expect(told(look(spend(63), { known }))).toEqual([]);
    expect(told(look(spend(61), { known }))).toEqual(['- spend month']);
    expect(told(look(spend(63)))).toEqual([]);
  });

  it('that will just last is not told as nearer on the last days', () => {
    const { known } = look(spend(66));
    const nowMs = Date.parse('2026-11-30T06:00:00.000Z');
    expect(told(look(spend(96), { known, nowMs }))).toEqual([]);
  });

  it('that was told as near is told so through a quiet night', () => {
    const { known } = look(spend(88));
    expect(known.firing).toMatchObject([{ step: 'soon' }]);
    const nowMs = NOW + DAY_MS;
    expect(told(look(spend(86), { known, nowMs }))).toEqual([]);
    expect(look(spend(86), { nowMs }).begin).toMatchObject([{ step: 'month' }]);
    expect(told(look(spend(76), { known, nowMs }))).toEqual(['- spend soon', '+ spend month P4']);
  });

  it('in another currency is forecast by its part, without an amount', () => {
    const part = (spentShare: number, monthlyLimitReached = false) =>
      look([found('spend', { spentShare, monthlyLimitReached })]).begin;
    expect(part(0.64)).toEqual([]);
    expect(part(0.66)).toMatchObject([
      { step: 'month', title: 'The spending limit of the month will not last the month' },
    ]);
    expect(part(0.66)[0]?.summary).toContain('would be 102 % at the end of the month');
    expect(part(0.2, true)).toMatchObject([{ title: 'The spending limit of the month is used up' }]);
  });

  it('is not taken back by an answer that has the limit and not what is spent', () => {
    const { known } = look(spend(66));
    expect(told(look([found('spend', { limitUsd: 100 })], { known }))).toEqual([]);
  });
});

describe('a window of limits', () => {
  const answer = (used: number, date: string, limit = 100): Finding => ({
    ...found(`chat:${MODEL}`, {}),
    evidence: {
      serverDate: date,
      rateLimits: {
        'x-ratelimit-limit-req-minute': String(limit),
        // The probe's own call is one of them.
        'x-ratelimit-remaining-req-minute': String(limit - used - 1),
      },
    },
  });
  const REQUESTS = `limit:${MODEL} requests per minute`;

  /** One check a minute, each at the half of its minute: what was used until then. */
  const watch = (uses: readonly number[], known: AheadRecord = NOTHING_AHEAD): Ahead => {
    let ahead: Ahead = { begin: [], end: [], known };
    const startMs = NOW + (known.windows[`${MODEL} requests per minute`]?.length ?? 0) * 60_000;
    for (const [index, used] of uses.entries()) {
      const nowMs = startMs + index * 60_000;
      const date = new Date(nowMs + 30_000).toISOString();
      const next = look([answer(used, date)], { known: ahead.known, nowMs });
      ahead = { begin: [...ahead.begin, ...next.begin], end: [...ahead.end, ...next.end], known: next.known };
    }
    return ahead;
  };

  it.each<readonly [string, readonly number[], readonly string[]]>([
    ['that is half used and stays so', [25, 25, 25, 25, 25, 25], []],
    ['of which little was seen', [49, 49, 49], []],
    ['that is nearly full', [46, 46, 46, 46], [`+ ${REQUESTS} near P3`]],
    ['that grows and will be full soon', [24, 27, 30, 33], [`+ ${REQUESTS} near P3`]],
    ['that grows from little', [2, 4, 6, 8], []],
    [
      'that was full and calmed down',
      [46, 46, 46, 46, 10, 10, 10, 10, 10, 10],
      [`- ${REQUESTS} near`, `+ ${REQUESTS} near P3`],
    ],
  ])('%s', (_what, uses, expected) => {
    expect(told(watch(uses))).toEqual(expected);
  });

  it('says how many minutes are left', () => {
    const [warning] = watch([24, 27, 30, 33]).begin;
    expect(warning?.summary).toMatch(
      /^About 63 % of 100 requests per minute are in use; at this growth they are used up in about 6 minutes\./,
    );
  });

  it('is looked at once however often its answer is shown', () => {
    const { known } = watch([46]);
    const shown = look([answer(46, '2026-11-20T12:00:30.000Z')], { known });
    expect(shown.known.windows).toEqual(known.windows);
  });

  it('stays told while the answer does not bring it, and remembers a bounded while', () => {
    const { known } = watch([46, 46, 46, 46]);
    expect(told(look([found(`chat:${MODEL}`, {}, 'failed')], { known }))).toEqual([]);
    const long = watch(Array.from({ length: 40 }, () => 10));
    expect(long.known.windows[`${MODEL} requests per minute`]).toHaveLength(10);
  });

  it('of the month is forecast, in the headers of both families', () => {
    const rateLimits = { 'x-ratelimitbysize-limit-month': '1000', 'x-ratelimitbysize-remaining-month': '300' };
    const ahead = look([{ ...found(`chat:${MODEL}`, {}), evidence: { rateLimits } }]);
    expect(told(ahead)).toEqual([`+ limit:${MODEL} tokens per month month P4`]);
    expect(ahead.begin[0]?.summary).toContain(
      '70 % are used; at this pace it is used up on 28 Nov 2026, and would be 108 % at the end of the month.',
    );
  });

  it.each([
    [
      'zero, which is another trouble',
      { 'x-ratelimit-limit-req-minute': '0', 'x-ratelimit-remaining-req-minute': '0' },
    ],
    ['no number', { 'x-ratelimit-limit-req-minute': 'many', 'x-ratelimit-remaining-req-minute': '3' }],
    ['without what remains', { 'x-ratelimit-limit-req-minute': '10' }],
  ])('with a limit that is %s tells nothing', (_what, rateLimits) => {
    const ahead = look([{ ...found(`chat:${MODEL}`, {}), evidence: { rateLimits } }]);
    expect([ahead.begin, ahead.known.windows]).toEqual([[], {}]);
  });
});

describe('the fallback', () => {
  const drill = (works: boolean, why: string | null = null): Drill => ({
    atMs: NOW,
    model: 'fall',
    works,
    why,
    failures: works ? 0 : 3,
  });
  const known = (works: boolean): AheadRecord => ({ ...NOTHING_AHEAD, drill: drill(works, 'no such model (400)') });

  it('that did not work in its rehearsal is told until it does, or is not configured', () => {
    const failed = look([], { known: known(false), fallback: 'fall' });
    expect(told(failed)).toEqual(['+ fallback fall P3']);
    expect(failed.begin[0]?.summary).toContain('no such model (400)');
    expect(told(look([], { known: { ...failed.known, drill: drill(true) }, fallback: 'fall' }))).toEqual([
      '- fallback fall',
    ]);
    expect(told(look([], { known: failed.known, fallback: null }))).toEqual(['- fallback fall']);
    expect(told(look([], { known: known(true), fallback: 'fall' }))).toEqual([]);
  });

  it.each<readonly [string, Partial<Drill>]>([
    ['failed twice', { works: false, failures: 2 }],
    ['could not be rehearsed', { works: null, failures: 7 }],
  ])('that %s is not told, and takes nothing back', (_what, change) => {
    const unsure = (before: AheadRecord): AheadRecord => ({ ...before, drill: { ...drill(false), ...change } });
    expect(told(look([], { known: unsure(NOTHING_AHEAD), fallback: 'fall' }))).toEqual([]);
    const failed = look([], { known: known(false), fallback: 'fall' });
    expect(told(look([], { known: unsure(failed.known), fallback: 'fall' }))).toEqual([]);
  });

  it.each<readonly [string, Finding['outcome'], Finding['branch'], Pick<Drill, 'works' | 'failures'>]>([
    ['works', 'ok', undefined, { works: true, failures: 0 }],
    ['fails', 'failed', 'model.retired_or_unknown', { works: false, failures: 3 }],
    ['has no quota', 'failed', 'quota.zero_for_model', { works: false, failures: 3 }],
    ['is limited for the minute', 'failed', 'rate.minute', { works: null, failures: 2 }],
    ['has no room now', 'failed', 'capacity.model', { works: null, failures: 2 }],
    ['is overloaded', 'failed', 'provider.overloaded', { works: null, failures: 2 }],
  ])('that %s after two failures is remembered so', (_what, outcome, branch, expected) => {
    const before = { ...drill(false), failures: 2 };
    const finding = { outcome, ...(branch === undefined ? {} : { branch }) };
    expect(noteDrill({ before, model: 'fall', finding, atMs: NOW })).toMatchObject(expected);
  });

  it('that is another one begins with no failures', () => {
    const finding = { outcome: 'failed', branch: 'net.reset' } as const;
    expect(noteDrill({ before: drill(false), model: 'other', finding, atMs: NOW }).failures).toBe(1);
  });

  it.each([
    ['worked', { works: true, failures: 0 }, 1_440],
    ['failed once', { works: false, failures: 1 }, 5],
    ['failed twice', { works: false, failures: 2 }, 15],
    ['failed three times', { works: false, failures: 3 }, 60],
    ['was not known', { works: null, failures: 0 }, 60],
  ])('that %s is rehearsed again when its time has passed, and not before', (_what, change, minutes) => {
    const last = { ...drill(true), ...change };
    const isDueAt = (ms: number): boolean => isDrillDue(last, 'fall', NOW + ms);
    expect([isDueAt(minutes * 60_000 - 1), isDueAt(minutes * 60_000)]).toEqual([false, true]);
  });

  it.each([
    ['never', null, true],
    ['a moment less than a day ago', { ...drill(true), atMs: NOW - DAY_MS + 1 }, false],
    ['a day ago', { ...drill(true), atMs: NOW - DAY_MS }, true],
    ['now, but another one', { ...drill(true), model: 'other' }, true],
  ] as const)('that was tried %s', (_when, last, due) => {
    expect(isDrillDue(last, 'fall', NOW)).toBe(due);
  });
});

describe('a warning as an alert', () => {
  const place = { service: 'checkout', environment: 'production' };
  const at = '2026-11-20T12:00:00.000Z';
  const warning: Foresight = {
    subject: 'key-end',
    step: '30d',
    severity: 'P4',
    title: 'title',
    summary: 'summary',
    model: null,
  };
  const alert = (change: Partial<Foresight> = {}, where = place) =>
    toAlert({ ...warning, ...change }, where, { state: 'firing', at });

  it('has one key for its whole life, and each step its own in one group', () => {
    const gone = toAlert({ ...warning, title: 'in other words' }, place, { state: 'resolved', at });
    expect([gone.key, gone.startedAt, gone.endedAt]).toEqual([alert().key, null, at]);
    expect(alert({ step: '7d' }).key).not.toBe(alert().key);
    expect(alert({ step: '7d' }).group).toBe(alert().group);
    expect(alert({ subject: 'spend' }).group).not.toBe(alert().group);
    expect(alert({}, { ...place, environment: 'staging' }).group).not.toBe(alert().group);
  });
});

describe('whatever is answered', () => {
  const JUNK: readonly ProbeFacts[string][] = [
    '',
    'x'.repeat(5_000),
    '2026-13-45',
    '9'.repeat(30),
    -1,
    0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.MAX_VALUE,
    true,
    '<!channel> *now* @here',
  ];
  const NAMES =
    'deprecatedAt replacedBy aliasOf expiresAt keyName spentUsd limitUsd spentShare monthlyLimitReached'.split(' ');

  it.each(JUNK)('%s breaks nothing, and no warning holds a number that is none', (junk) => {
    const facts = Object.fromEntries(NAMES.map((name) => [name, junk]));
    const text = String(junk);
    const rateLimits = {
      'x-ratelimit-limit-req-minute': text,
      'x-ratelimit-remaining-req-minute': text,
      'x-ratelimitbysize-limit-month': '10',
      'x-ratelimitbysize-remaining-month': text,
    };
    const said = ['keys', 'spend', `model:${MODEL}`].flatMap((name) => [
      found(name, facts),
      found(name, { ...facts, limitUsd: 10 }),
      found(name, { ...facts, expiresAt: endsIn(2), deprecatedAt: endsIn(2) }),
    ]);
    for (const finding of said) {
      const chat = { ...found(`chat:${MODEL}`, {}), evidence: { rateLimits, serverDate: text } };
      const ahead = look([finding, chat], {
        known: { ...NOTHING_AHEAD, aliases: { [MODEL]: { target: 'old', from: null, movedAtMs: null } } },
      });
      for (const { title, summary, step } of ahead.begin) {
        expect(`${title} ${summary}`).not.toMatch(/NaN|Infinity|undefined|Invalid/);
        expect([title.length <= 300, summary.length <= 400, step.length <= 100]).toEqual([true, true, true]);
      }
    }
  });
});
