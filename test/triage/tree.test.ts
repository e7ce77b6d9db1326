import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BRANCHES, type Branch } from '../../lib/domain/branch.ts';
import { planMitigations } from '../../lib/mitigate/plan.ts';
import { BRANCH_FACTS } from '../../lib/triage/branches.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { context, finding, findings, type Word } from './findings.ts';

const K: Branch = 'auth.invalid_key';
const R: Branch = 'rate.minute';
const T: Branch = 'timeout.headers';
const APP: Branch = 'app.errors';

/** models, small, large, health | verdict, branch, owner, severity, confidence */
const TABLE: readonly (readonly [string, Word | null, Word | null, Word | null, Word | null, string])[] = [
  ['everything well', 'ok', 'ok', 'ok', 'ok', 'healthy healthy none null high'],
  ['no health address', 'ok', 'ok', 'ok', null, 'healthy healthy none null medium'],
  ['the key refused everywhere', K, K, K, 'ok', 'problem auth.invalid_key ours P1 high'],
  ['the key refused and the service down with it', K, K, K, APP, 'problem auth.invalid_key ours P1 high'],
  ['the key refused and one question open', K, K, 'unknown', 'ok', 'problem auth.invalid_key ours P1 medium'],
  ['the key refused for chats alone', 'ok', K, K, 'ok', 'problem auth.invalid_key ours P1 medium'],
  [
    'a spent plan beside a refused key',
    K,
    'billing.inactive_or_limit',
    K,
    'ok',
    'problem billing.inactive_or_limit ours P1 medium',
  ],
  ['one model at its limit', 'ok', R, 'ok', 'ok', 'problem rate.minute ours P2 high'],
  [
    'a limit of zero',
    'ok',
    'quota.zero_for_model',
    'quota.zero_for_model',
    'ok',
    'problem quota.zero_for_model ours P1 high',
  ],
  ['the month spent', 'ok', 'quota.period_exhausted', 'ok', 'ok', 'problem quota.period_exhausted ours P1 high'],
  ['no capacity', 'ok', 'capacity.model', 'capacity.model', 'ok', 'problem capacity.model theirs P2 high'],
  ['capacity beside a limit', 'ok', R, 'capacity.model', 'ok', 'problem capacity.model theirs P2 medium'],
  ['an outage', 'provider.5xx', 'provider.5xx', 'provider.5xx', 'ok', 'problem provider.5xx theirs P1 high'],
  ['an outage beside a limit keeps its severity', 'ok', R, 'provider.5xx', 'ok', 'problem rate.minute ours P1 medium'],
  ['nothing answers in time', T, T, T, 'ok', 'problem timeout.headers between P1 medium'],
  ['one model answers too late', 'ok', 'ok', T, 'ok', 'problem timeout.headers theirs P2 high'],
  ['a refused key beside a reset', 'net.reset', K, K, 'ok', 'problem auth.invalid_key ours P1 medium'],
  ['no name', 'net.dns', 'net.dns', 'net.dns', 'ok', 'problem net.dns between P1 high'],
  ['no name, and one question open', 'net.dns', 'net.dns', 'unknown', 'ok', 'problem net.dns between P1 medium'],
  ['no name for a while', 'ok', 'net.dns', 'net.dns', 'ok', 'problem net.dns between P2 medium'],
  ['cut off in several ways', 'net.reset', T, T, 'ok', 'problem timeout.headers between P1 low'],
  ['everything reset', 'net.reset', 'net.reset', 'net.reset', 'ok', 'problem net.reset between P1 medium'],
  ['one model reset', 'ok', 'ok', 'net.reset', 'ok', 'problem net.reset between P2 medium'],
  ['refused', 'net.refused', 'net.refused', 'net.refused', 'ok', 'problem net.refused between P1 medium'],
  [
    'an unnamed network failure',
    'net.unknown',
    'net.unknown',
    'net.unknown',
    'ok',
    'problem net.unknown between P1 medium',
  ],
  [
    'a page on the way',
    'net.intercepted_200_html',
    'net.intercepted_200_html',
    'net.intercepted_200_html',
    'ok',
    'problem net.intercepted_200_html between P1 high',
  ],
  ['one model retired', 'ok', 'ok', 'model.retired_or_unknown', 'ok', 'problem model.retired_or_unknown ours P1 high'],
  [
    'the list fails and every model answers',
    'content.schema_mismatch',
    'ok',
    'ok',
    'ok',
    'problem content.schema_mismatch theirs P3 medium',
  ],
  ['our service alone', 'ok', 'ok', 'ok', APP, 'problem app.errors ours P2 high'],
  ['our service, and Mistral not asked', 'unknown', 'unknown', 'unknown', APP, 'problem unknown unknown P2 low'],
  ['our service, and one model not asked', 'ok', 'ok', 'unknown', APP, 'problem unknown unknown P2 low'],
  ['nothing asked', null, null, null, null, 'unknown unknown unknown P3 low'],
  ['nothing answered', 'unknown', 'unknown', 'unknown', 'unknown', 'unknown unknown unknown P3 low'],
  ['one model not answered', 'ok', 'ok', 'unknown', 'ok', 'unknown unknown unknown P3 low'],
  ['one model not asked', 'ok', 'ok', null, 'ok', 'unknown unknown unknown P3 low'],
  ['the list not answered', 'unknown', 'ok', 'ok', 'ok', 'unknown unknown unknown P3 low'],
  ['the service not answered', 'ok', 'ok', 'ok', 'unknown', 'unknown unknown unknown P3 low'],
];

describe('the tree', () => {
  it.each(TABLE)('%s', (_name, models, small, large, health, expected) => {
    const told = diagnose(findings(models, small, large, health), context());
    expect([told.verdict, told.branch, told.owner, told.severity, told.confidence].join(' ')).toBe(
      expected.replace('null', ''),
    );
  });

  it('does not call a service healthy that names no model', () => {
    expect(diagnose([finding('models', 'ok'), finding('health', 'ok')], context([])).verdict).toBe('unknown');
  });

  it('blames Mistral for lateness where anything of it has answered', () => {
    const late = [finding('models', T), finding('chat:small', 'stream.cut', 200)];
    expect(diagnose(late, context(['small']))).toMatchObject({ branch: 'timeout.headers', owner: 'theirs' });
  });

  it('says the cause in one sentence: what, where, what else, what is not known', () => {
    expect(diagnose(findings('ok', R, 'ok', 'unknown'), context()).cause).toBe(
      'Our limit of requests or tokens per minute is used up (small; large answers); not known: our own service.',
    );
    expect(diagnose(findings('ok', R, 'provider.5xx', APP), context()).cause).toBe(
      'Our limit of requests or tokens per minute is used up; besides, Mistral fails on its side; our own service fails, too.',
    );
  });

  it.each([
    ['quota.zero_for_model', 'Our limit for these models is zero, so waiting never helps (small, large).'],
    ['model.retired_or_unknown', 'The models are retired or were never there (small, large).'],
    ['rate.minute', 'Our limit of requests or tokens per minute is used up.'],
  ] as const)('names the models that %s is about', (branch, cause) => {
    expect(diagnose(findings('ok', branch, branch, 'ok'), context()).cause).toBe(cause);
  });

  it('ends the path where the verdict is clear', () => {
    const questions = (...words: Parameters<typeof findings>): readonly string[] =>
      diagnose(findings(...words), context()).path.map(({ question, answer }) => `${question} ${answer.split(':')[0]}`);
    expect(questions(K, K, K, APP)).toEqual(['models? no']);
    expect(questions('ok', 'ok', R, APP)).toEqual([
      'models? yes, in 10 ms',
      'chat:small? yes, in 10 ms',
      'chat:large? no',
    ]);
    expect(questions('ok', 'ok', 'ok', APP).at(-1)).toBe('health? no');
    expect(questions('ok', 'ok', 'ok', 'unknown').at(-1)).toBe('health? unknown');
  });

  it('says how to make a key by hand where no standby is kept', () => {
    const steps = diagnose(findings(K, K, K, 'ok'), { ...context(), standby: 'absent' }).nextSteps;
    expect(steps[0]).toContain('Create a key in the Mistral console');
    expect(steps.join()).not.toContain('Rotate the key to the standby');
  });
});

const word = fc.oneof(fc.constantFrom<Word | null>('ok', 'ok', 'unknown', null), fc.constantFrom<Word>(...BRANCHES));
const combination = fc.tuple(word, word, word, word);

describe('any combination of findings', () => {
  it('is called healthy only when everything that matters was answered well', () => {
    fc.assert(
      fc.property(combination, ([models, small, large, health]) => {
        const told = diagnose(findings(models, small, large, health), context());
        const isWell = models === 'ok' && small === 'ok' && large === 'ok' && (health === 'ok' || health === null);
        expect(told.verdict === 'healthy').toBe(isWell);
      }),
      { numRuns: 600 },
    );
  });

  it('has a sentence, a path and words without holes, and offers nothing that is useless', () => {
    fc.assert(
      fc.property(
        combination,
        fc.constantFrom('present', 'absent', 'unknown'),
        ([models, small, large, health], standby) => {
          const told = diagnose(findings(models, small, large, health), { ...context(), standby });
          const plan = planMitigations(told, { standby, secretId: 'mistral/checkout' });
          expect(told.cause).toMatch(/^[A-Z].*[^.]\.$/);
          expect(JSON.stringify([told, plan])).not.toMatch(/undefined|NaN|\[object/);
          expect(told.path.length).toBeGreaterThan(0);
          const offered = plan.mitigations.map(({ kind }) => kind);
          expect(offered.filter((kind) => BRANCH_FACTS[told.branch].useless.includes(kind))).toEqual([]);
          expect(plan.notOffered.filter(({ kind }) => offered.includes(kind))).toEqual([]);
          if (told.verdict !== 'problem') expect([...offered, ...plan.notOffered]).toEqual([]);
        },
      ),
      { numRuns: 600 },
    );
  });
});
