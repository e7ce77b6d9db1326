import { describe, expect, it } from 'vitest';
import type { Drill } from '../../lib/domain/ahead.ts';
import type { PlanContext } from '../../lib/mitigate/plan.ts';
import { planMitigations } from '../../lib/mitigate/plan.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { context, readFindings } from '../triage/findings.ts';

const drill = (works: boolean | null, model = 'spare'): Drill => ({
  atMs: Date.parse('2026-11-20T03:00:00.000Z'),
  model,
  works,
  why: null,
  failures: works === false ? 1 : 0,
});

/** `+` and the reason where the fallback is offered, `-` and the reason where it is not, `0` where nothing is said of it. */
const judge = (found: string, more: Partial<PlanContext> = {}): string => {
  const told = diagnose(readFindings(found), context());
  const plan = planMitigations(told, { standby: 'present', secretId: 'mistral/checkout', ...more });
  const find = (advices: typeof plan.mitigations) => advices.find(({ kind }) => kind === 'enable-fallback')?.why;
  const [why, whyNot] = [find(plan.mitigations), find(plan.notOffered)];
  if (why !== undefined) return `+ ${why}`;
  return whyNot === undefined ? '0' : `- ${whyNot}`;
};

const named = { fallbackModels: ['spare'], drill: drill(true) };

describe('a fallback that is a model of Mistral', () => {
  it.each([
    ['all=auth.invalid_key standby=ok', 'is asked with the same key at the same address.'],
    ['models=ok chats=access.forbidden', 'is asked with the same key at the same address.'],
    ['all=config.api_key_malformed', 'is asked with the same damaged key; store the key again instead.'],
    ['all=config.base_url', 'is asked at the same address.'],
    ['models=ok chats=model_or_route.not_found model:small=ok model:large=ok', 'is asked at the same address.'],
    ['models=ok chats=billing.payment_required', 'is paid for by the same organisation.'],
    ['models=ok chats=quota.period_exhausted', 'is paid for by the same organisation.'],
    ['models=ok chats=quota.zero_for_model', 'belongs to the same organisation, of which no model in use has a quota.'],
    ['all=net.refused', 'is asked the same way, on which calls do not come through.'],
    ['models=ok chats=net.egress_blocked', 'is asked the same way, on which calls do not come through.'],
    ['all=provider.5xx', 'is asked at the same address, where everything in use fails.'],
    ['models=ok chats=provider.overloaded', 'is asked at the same address, where everything in use fails.'],
    ['all=timeout.headers path=ok', 'is asked at the same address, where everything in use fails.'],
    ['all=rate.minute', 'is asked at the same address, where everything in use fails.'],
    [
      'all=ok stream:small=stream.cut stream:large=stream.cut',
      'streams over the same way from the same address, where every stream breaks off.',
    ],
  ])('is out of reach of nothing in %s: it %s', (found, why) => {
    expect(judge(found, named)).toContain(`- Its fallback, spare, ${why}`);
  });

  it.each([
    'models=ok small=ok large=auth.invalid_key',
    'models=ok small=ok large=net.reset',
    'models=ok small=ok large=provider.5xx',
    'models=ok small=ok large=rate.minute',
    'models=ok chats=rate.minute',
    'models=ok chats=capacity.model',
    'models=ok chats=model.retired_or_unknown',
    'models=ok small=ok large=quota.zero_for_model',
  ])('serves users in %s, since it answered at its rehearsal', (found) => {
    expect(judge(found, named)).toBe(
      '+ Users are served by spare, which answered at its last rehearsal (20 Nov 03:00 UTC).',
    );
  });

  it.each([
    [drill(false), '- spare did not answer at its last rehearsal (20 Nov 03:00 UTC).'],
    [drill(null), '+ Users are served by spare, of which nobody knows whether it answers.'],
    [drill(false, 'another'), '+ Users are served by spare, of which nobody knows whether it answers.'],
    [drill(true, 'another'), '+ Users are served by spare, of which nobody knows whether it answers.'],
    [null, '+ Users are served by spare, of which nobody knows whether it answers.'],
  ] as const)('is judged by its own rehearsal: %j', (last, told) => {
    expect(judge('models=ok small=ok large=provider.5xx', { ...named, drill: last })).toBe(told);
  });

  it('that is asked in this round is judged by that and not by its rehearsal', () => {
    const at = (model: string, works: boolean) => ({ fallbackModels: [model], drill: drill(works, model) });
    const found = 'models=ok small=ok large=provider.5xx';
    expect(judge(found, at('large', true))).toBe('- large fails as well.');
    expect(judge(found, at('small', false))).toBe('+ Users are served by small, which answers now.');
    expect(judge(`${found} stream:small=stream.cut stream:large=unknown`, at('small', true))).toContain(
      '- Its fallback',
    );
    expect(judge('models=ok small=ok large=unknown stream:small=stream.cut stream:large=ok', at('small', true))).toBe(
      '- small fails as well.',
    );
  });

  it('is the next one where the first does not answer', () => {
    const two = { fallbackModels: ['large', 'spare'], drill: drill(true, 'large') };
    expect(judge('models=ok small=ok large=provider.5xx', two)).toContain('+ Users are served by spare, of which');
    const none = { fallbackModels: ['spare', 'large'], drill: drill(false) };
    expect(judge('models=ok small=ok large=provider.5xx', none)).toBe(
      '- spare did not answer at its last rehearsal (20 Nov 03:00 UTC). large fails as well.',
    );
  });

  it('that is slow is no quick one, and says so', () => {
    const at = (model: string) => ({ fallbackModels: [model] });
    const failing = 'models=ok small=ok{tookMs:12000} large=provider.overloaded';
    expect(judge(failing, at('small'))).toBe(
      '+ Users are served by small, which answers slowly, in about 12 s for one token.',
    );
    const slow = 'models=ok small=ok large=ok{tookMs:8000}';
    expect(judge(slow, at('large'))).toBe('- large is slow itself.');
    expect(judge(`${slow} stream:large=stream.cut`, at('large'))).toBe('- large fails as well.');
    expect(judge(slow, { fallbackModels: ['large', 'spare'] })).toContain('+ Users are served by spare');
  });

  it('has a quota of its own where only one of the models in use has none', () => {
    expect(judge('models=ok small=capacity.model large=quota.zero_for_model', named)).toContain(
      '+ Users are served by',
    );
  });

  it('goes the way on which every chat is refused, and not that of one model', () => {
    expect(judge('models=ok chats=request.invalid', named)).toContain('on which every chat is refused');
    expect(judge('models=ok small=ok large=request.invalid', named)).toBe('0');
  });

  it('serves users while calls fail and nobody knows why, unless it is seen to fail', () => {
    const traffic = 'health=ok traffic=ok{share:0.9,perMinute:100}';
    expect(judge(`models=ok chats=unknown ${traffic}`, named)).toContain('+ Users are served by spare');
    expect(judge(`all=ok ${traffic}`, { fallbackModels: ['small'] })).toContain('small, which answers now');
  });

  it('is not spoken of where only the list fails, nor where our own service does', () => {
    expect(judge('models=provider.5xx chats=ok', named)).toBe('0');
    expect(judge('all=ok health=app.errors', named)).toBe('0');
  });
});

describe('a fallback that nobody has named', () => {
  it.each([
    ['all=auth.invalid_key', 'if that way does not use the same key.'],
    ['models=ok chats=access.forbidden', 'if that way does not use the same key.'],
    ['all=billing.inactive_or_limit', 'if that way does not use the same organisation.'],
    ['models=ok chats=quota.zero_for_model', 'if that way does not use the same organisation.'],
    ['all=config.base_url', 'if that way does not use the same address.'],
    ['all=net.dns', 'if that way does not use Mistral.'],
    ['all=provider.5xx', 'if that way does not use Mistral.'],
    ['models=ok chats=timeout.headers', 'if that way does not use Mistral.'],
    ['models=ok chats=rate.minute', 'if that way uses none of them.'],
    ['all=quota.zero_for_model', 'if that way does not use the same organisation.'],
    ['models=quota.zero_for_model small=unknown large=quota.zero_for_model', 'does not use the same organisation.'],
    ['models=ok chats=request.context_too_long', 'if that way goes around the gateway.'],
    ['models=ok chats=request.invalid', 'if that way goes around the gateway.'],
    ['all=client.unexpected traffic=ok{share:0.9,perMinute:100}', 'until it is known why the calls to Mistral fail.'],
    ['all=ok health=ok traffic=ok{share:0.9,perMinute:100} deploy=ok{minutesAgo:5}', 'until the deploy is taken back.'],
    ['models=ok chats=capacity.model', 'if that way uses none of them.'],
    ['models=ok small=ok large=provider.5xx', 'until Mistral has recovered.'],
    ['models=ok small=ok large=rate.minute', 'Another model has a limit and a capacity of its own.'],
    ['models=ok small=ok large=net.reset', 'while calls to Mistral do not come through.'],
  ])('is offered in %s, %s', (found, why) => {
    const told = judge(found);
    expect(told).toMatch(/^\+ /);
    expect(told.endsWith(why)).toBe(true);
  });
});

describe('what no model in use gives', () => {
  const full = 'No model in use has room';
  const none = 'No model in use answers now';
  it.each([
    ['models=ok chats=rate.minute@429{limit:60,left:0}', full],
    ['models=ok chats=capacity.model', full],
    ['models=ok chats=rate.minute@429{limit:60,left:40}', none],
    ['models=ok small=rate.minute@429{limit:60,left:0} large=rate.minute@429{oldLimit:60,oldLeft:40}', none],
    ['models=ok chats=rate.minute@429{limit:60,left:40,tokens:9000,tokensLeft:0}', full],
    ['models=ok small=provider.overloaded large=rate.minute', none],
  ])('in %s is told: %s', (found, why) => {
    expect(judge(found)).toContain(`+ ${why}`);
  });
});
