import { describe, expect, it } from 'vitest';
import { BRANCHES, type Branch } from '../../lib/domain/branch.ts';
import type { Finding } from '../../lib/domain/diagnosis.ts';
import { planMitigations } from '../../lib/mitigate/plan.ts';
import { BRANCH_FACTS } from '../../lib/triage/branches.ts';
import { finding } from '../triage/findings.ts';

const plan = (branch: Branch, standby: 'present' | 'absent' | 'unknown' = 'present') =>
  planMitigations({ branch, verdict: 'problem' }, { standby, secretId: 'mistral/checkout' });
const kinds = (items: readonly { readonly kind: string }[]): readonly string[] => items.map(({ kind }) => kind);

const failing = BRANCHES.filter((branch) => branch !== 'healthy' && branch !== 'unknown');

describe('what is offered', () => {
  it.each(failing)('%s: nothing useless, and every useless one that exists is explained', (branch) => {
    const { mitigations, notOffered } = plan(branch);
    const { useless } = BRANCH_FACTS[branch];
    expect(kinds(mitigations).filter((kind) => useless.some((one) => one === kind))).toEqual([]);
    expect(kinds(notOffered).filter((kind) => kinds(mitigations).includes(kind))).toEqual([]);
    for (const kind of ['rotate-key', 'enable-fallback'] as const) {
      expect(kinds(notOffered).includes(kind)).toBe(useless.includes(kind));
    }
  });

  it.each([
    ['auth.invalid_key', ['rotate-key', 'enable-fallback']],
    ['rate.minute', ['enable-fallback', 'reduce-concurrency']],
    ['provider.5xx', ['enable-fallback']],
    ['provider.overloaded', ['enable-fallback', 'reduce-concurrency']],
    ['timeout.headers', ['enable-fallback']],
    ['timeout.body_or_stream', ['enable-fallback']],
    ['model.retired_or_unknown', ['enable-fallback', 'switch-model']],
    ['app.retry_storm', ['reduce-concurrency']],
    ['net.refused', ['enable-fallback']],
    ['config.api_key_malformed', []],
    ['request.invalid', []],
    ['app.errors', []],
    ['client.unexpected', []],
  ] as const)('%s: %j', (branch, offered) => {
    expect(kinds(plan(branch).mitigations)).toEqual(offered);
  });

  it.each([
    ['rate.minute', 'rotate-key', 'a new key shares it'],
    ['net.refused', 'raise-timeout', 'fails at once'],
    ['quota.zero_for_model', 'reduce-concurrency', 'waiting never helps'],
    ['quota.zero_for_model', 'rotate-key', 'a new key shares it'],
    ['quota.period_exhausted', 'switch-model', 'whole organisation'],
    ['timeout.gateway', 'raise-timeout', "Mistral's own limit"],
    ['app.retry_storm', 'raise-timeout', 'pile up'],
  ] as const)('%s says why not %s', (branch, kind, why) => {
    expect(plan(branch).notOffered.find((advice) => advice.kind === kind)?.why).toContain(why);
  });

  it('does not promise that another model helps where the organisation has used up its limit', () => {
    expect(plan('quota.zero_for_model').mitigations[0]?.why).toContain('Another model has a limit');
    expect(plan('quota.period_exhausted').mitigations[0]?.why).toContain('does not use the same organisation');
  });

  it('is no rotation without a standby, but what to do by hand and where', () => {
    const { mitigations, notOffered } = plan('auth.invalid_key', 'absent');
    expect(kinds(mitigations)).toEqual(['enable-fallback']);
    expect(kinds(notOffered)).toEqual(['rotate-key']);
    expect(notOffered[0]?.why).toContain('mistral/checkout');
  });

  it('is a rotation where the standby cannot be seen: it is tried before it takes over', () => {
    expect(kinds(plan('auth.invalid_key', 'unknown').mitigations)).toContain('rotate-key');
  });

  const planWith = (branch: Branch, more: Partial<Parameters<typeof planMitigations>[0]>) =>
    planMitigations({ branch, verdict: 'problem', ...more }, { standby: 'present', secretId: 'mistral/checkout' });

  it.each(['auth.invalid_key', 'access.forbidden'] as const)(
    'is no rotation for %s to a standby that is dead',
    (branch) => {
      for (const dead of ['auth.invalid_key', 'billing.inactive_or_limit', 'access.forbidden'] as const)
        expect(kinds(planWith(branch, { probes: [finding('standby', dead)] }).mitigations)).not.toContain('rotate-key');
      for (const open of ['ok', 'unknown', 'rate.minute', 'timeout.headers'] as const)
        expect(kinds(planWith(branch, { probes: [finding('standby', open)] }).mitigations)).toContain('rotate-key');
    },
  );

  it.each([
    ['present', [], true],
    ['present', [finding('standby', 'ok')], true],
    ['absent', [], false],
  ] as const)('asks for a standby that is %s only where it is missing', (standby, probes, isHelp) => {
    const context = { standby, secretId: 'mistral/checkout' };
    const { mitigations, notOffered } = planMitigations(
      { branch: 'auth.invalid_key', verdict: 'problem', probes },
      context,
    );
    expect(kinds(mitigations).includes('rotate-key')).toBe(isHelp);
    expect(notOffered.map(({ lacks }) => lacks)).toEqual(isHelp ? [] : ['standby']);
  });

  it.each([
    ['ok', undefined],
    ['rate.minute', undefined],
    ['unknown', 'The key lives, since the endpoint eu accepts it.'],
    ['auth.invalid_key', 'The key lives, since the endpoint eu accepts it, and the standby is refused here as well.'],
  ] as const)('is a rotation from a key of another endpoint to a standby that is %s: %s', (standby, why) => {
    const probes = [finding('standby', standby), finding('region:eu', 'ok')];
    const { notOffered } = planWith('auth.invalid_key', { probes });
    expect(notOffered.find(({ kind }) => kind === 'rotate-key')?.why).toBe(why);
  });

  it.each([
    ['access.forbidden', 'access.forbidden', 'Whoever has no key is refused alike'],
    ['content.unexpected_type', 'content.unexpected_type', 'Something in front of Mistral answers, also without'],
    ['content.unexpected_type', 'ok', 'The key was accepted'],
    ['content.unexpected_type', 'unknown', 'It is the answer that is wrong'],
  ] as const)('is no rotation for %s while the question without a key is %s: %s', (branch, path, why) => {
    const probes = [finding('models', branch), finding('path', path), finding('standby', 'ok')];
    const { mitigations, notOffered } = planWith(branch, { probes });
    expect(kinds(mitigations)).not.toContain('rotate-key');
    expect(notOffered.find(({ kind }) => kind === 'rotate-key')?.why).toContain(why);
  });

  it.each([
    ['provider.5xx', /meets every key\. The standby key is refused, too: replace it/],
    ['unknown', /^The standby key is refused, too/],
    ['auth.invalid_key', /^The standby key is refused as well; look at the organisation first[^.]*\.$/],
  ] as const)('says of a standby that is refused, beside %s, that it is', (branch, why) => {
    const planned = planWith(branch, { probes: [finding('standby', 'auth.invalid_key')] });
    expect(planned.notOffered.find(({ kind }) => kind === 'rotate-key')?.why).toMatch(why);
    const living = planWith(branch, { probes: [finding('standby', 'rate.minute')] });
    expect(JSON.stringify(living)).not.toContain('refused, too');
  });

  it.each([
    ['request.invalid', 'request.invalid', 'failed', 'Something in front of Mistral answers, also without a key.'],
    ['request.invalid', 'request.invalid', 'ok', 'The key was not refused; our own request is at fault.'],
    ['request.invalid', 'auth.invalid_key', 'failed', 'The key was not refused; our own request is at fault.'],
  ] as const)('is no other key for %s where without one it is %s and the list %s', (branch, without, list, why) => {
    const models = finding('models', list === 'ok' ? 'ok' : branch);
    const planned = planWith(branch, { probes: [models, finding('path', without)] });
    expect(planned.notOffered.find(({ kind }) => kind === 'rotate-key')?.why).toBe(why);
  });

  it('names the model that answers, or the one that Mistral names, and none where none answers', () => {
    const dead = { model: 'large', outcome: 'failed', branch: 'capacity.model' } as const;
    const why = (branch: Branch, more: Parameters<typeof planWith>[1]): string | undefined =>
      planWith(branch, more).mitigations.find(({ kind }) => kind === 'switch-model')?.why;
    expect(why('capacity.model', { matrix: [dead, { model: 'small', outcome: 'ok' }] })).toContain('small answers now');
    expect(why('capacity.model', { matrix: [dead, { ...dead, model: 'small' }] })).toBeUndefined();
    const card = { ...finding('model:large', 'ok'), facts: { replacedBy: 'large-2' } };
    const gone = { model: 'large', outcome: 'failed', branch: 'model.retired_or_unknown' } as const;
    expect(why('model.retired_or_unknown', { probes: [card], matrix: [gone] })).toContain('names large-2 in place of');
    const other = { ...finding('model:small', 'ok'), facts: { replacedBy: 'small-2' } };
    const rows = [{ model: 'small', outcome: 'ok' }, gone] as const;
    expect(why('model.retired_or_unknown', { probes: [other, card], matrix: rows })).toContain('names large-2 in');
    expect(why('model.retired_or_unknown', { probes: [other], matrix: rows })).toContain('small answers now');
    expect(why('model.retired_or_unknown', {})).toContain('in the model list');
  });

  it('names as the model to switch to one that the API knows, and none where several are gone', () => {
    const gone = (model: string) => ({ model, outcome: 'failed', branch: 'model.retired_or_unknown' }) as const;
    const card = (model: string) => ({ ...finding(`model:${model}`, 'ok'), facts: { replacedBy: `${model}-2` } });
    const to = (more: Parameters<typeof planWith>[1], replacements: Readonly<Record<string, string>> = {}) => {
      const context = { standby: 'present', secretId: 's', replacements } as const;
      const told = planMitigations({ branch: 'model.retired_or_unknown', verdict: 'problem', ...more }, context);
      const advice = told.mitigations.find(({ kind }) => kind === 'switch-model');
      return [advice?.model, advice?.why];
    };
    const published = 'This model does not come back: Mistral names Mistral Small 4 in place of large.';
    expect(to({ matrix: [gone('large')], probes: [card('large')] })[0]).toBe('large-2');
    expect(to({ matrix: [gone('large')] }, { large: 'Mistral Small 4' })).toEqual([undefined, published]);
    expect(to({ matrix: [gone('large'), gone('small')], probes: [card('large'), card('small')] })[0]).toBeUndefined();
    expect(to({ matrix: [gone('large'), { model: 'small', outcome: 'ok' }] })[0]).toBe('small');
  });

  it('is a rollback only where it began with a deploy, and says why not where one was recent', () => {
    const deploy = { ...finding('deployments', 'ok'), facts: { minutesAgo: 10 } };
    const began = planWith('app.errors', { sinceDeploy: { at: '2026-11-20T09:50:00.000Z', version: '4.2.0' } });
    expect(began.mitigations[0]).toEqual({ kind: 'rollback', why: 'It began with our deploy of 4.2.0.' });
    const near = planWith('request.invalid', { sinceDeploy: { at: '2026-11-20T09:50:00.000Z' } });
    expect(near.mitigations[0]).toEqual({ kind: 'rollback', why: 'Our deploy went out right before.' });
    const apart = planWith('provider.5xx', { probes: [deploy] });
    expect(kinds(apart.mitigations)).not.toContain('rollback');
    expect(kinds(apart.notOffered)).toContain('rollback');
    expect(kinds(planWith('provider.5xx', {}).notOffered)).not.toContain('rollback');
  });

  it.each([
    [0, true],
    [60, true],
    [61, false],
    [180, false],
    [-1, false],
  ])('says why not to take back a deploy of %i minutes ago: %s', (minutesAgo, isTold) => {
    const deploy = { ...finding('deployments', 'ok'), facts: { minutesAgo } };
    expect(kinds(planWith('provider.5xx', { probes: [deploy] }).notOffered).includes('rollback')).toBe(isTold);
  });

  it.each(['unknown', 'healthy'] as const)('is nothing where the verdict is %s, whatever the branch', (verdict) => {
    for (const branch of failing) {
      const nothing = { mitigations: [], notOffered: [], nextSteps: ['Look.'] };
      expect(planWith(branch, { verdict, nextSteps: ['Look.'] })).toEqual(nothing);
    }
  });

  it.each(['timeout.headers', 'timeout.body_or_stream'] as const)(
    'is no longer limit for %s: our questions are of one token, whole and streamed',
    (branch) => {
      for (const late of ['chat:large', 'stream:large']) {
        const { mitigations, notOffered } = planWith(branch, {
          probes: [finding('models', 'ok'), finding('chat:small', 'ok'), finding(late, branch)],
        });
        expect(kinds(mitigations)).not.toContain('raise-timeout');
        expect(notOffered.find(({ kind }) => kind === 'raise-timeout')?.why).toContain('one token came too late');
      }
    },
  );

  it.each([
    [{ failingShare: 0.02, failingShareBefore: 0.001 }, 'ok', 10, 'offered'],
    [{ failingShare: 0.02 }, 'ok', 10, 'offered'],
    [{ failingShare: 0, failingShareBefore: 0 }, 'ok', 10, 'useless'],
    [{ failingShare: 0.001, failingShareBefore: 0.001 }, 'ok', 10, 'useless'],
    [{}, 'ok', 10, 'not told'],
    [{ failingShare: 0.02 }, 'ok', 5_000, 'not told'],
    [{ failingShare: 0.02 }, 'app.errors', 10, 'not told'],
  ] as const)(
    'is a longer limit for slow calls with %j, health %s and a chat of %i ms: %s',
    (facts, health, ms, told) => {
      const traffic = { ...finding('traffic', 'ok'), facts: { ...facts, p95Ms: 45_000, p95MsBefore: 900 } };
      const chat = { ...finding('chat:small', 'ok'), latencyMs: ms };
      const probes = [finding('models', 'ok'), chat, traffic, finding('health', health)];
      const { mitigations, notOffered } = planWith('app.errors', { probes });
      expect(kinds(mitigations).includes('raise-timeout')).toBe(told === 'offered');
      expect(kinds(notOffered).includes('raise-timeout')).toBe(told === 'useless');
    },
  );

  it('are fewer calls that stay below a limit only where the headers do not show room', () => {
    const why = (left: string, ...more: readonly Finding[]): string | undefined => {
      const rateLimits = { 'x-ratelimit-remaining-req-minute': left };
      const refused = { ...finding('chat:small', 'rate.minute'), evidence: { rateLimits } };
      const { mitigations } = planWith('rate.minute', { probes: [refused, ...more] });
      return mitigations.find(({ kind }) => kind === 'reduce-concurrency')?.why;
    };
    expect(why('0')).toBe('Fewer calls at once stay below the limit of the minute.');
    expect(why('40', finding('retries', 'app.retry_storm'))).toBe(why('40'));
    expect(why('40')).toContain('its headers show some left: fewer calls at once, each retry later than the last');
  });

  it('is a quick model, and no slow one', () => {
    const rows = (small: 'ok' | 'failed', large: 'ok' | 'failed') =>
      [
        { model: 'small', outcome: small },
        { model: 'large', outcome: large, branch: 'provider.overloaded' },
      ] as const;
    const slow = { ...finding('chat:small', 'ok'), latencyMs: 12_000 };
    const failing = planWith('provider.overloaded', { probes: [slow], matrix: rows('ok', 'failed') });
    expect(kinds(failing.mitigations)).not.toContain('switch-model');
    expect(failing.notOffered.find(({ kind }) => kind === 'switch-model')?.why).toBe(
      'No model in use is well: small answers slowly, in about 12 s for one token.',
    );
    const late = planWith('timeout.headers', {
      probes: [{ ...slow, name: 'chat:large' }, finding('chat:small', 'ok')],
      matrix: rows('ok', 'failed'),
    });
    expect(late.mitigations.find(({ kind }) => kind === 'switch-model')).toEqual({
      kind: 'switch-model',
      why: 'Not every model is slow: small answers now.',
      model: 'small',
    });
  });

  it.each([
    ['ok', 'The standby is tried by the model list, which has not answered'],
    ['unknown', undefined],
  ] as const)('says why a standby that is %s is not taken while the list says nothing: %s', (standby, why) => {
    const probes = [finding('models', 'unknown'), finding('standby', standby)];
    const { mitigations, notOffered } = planWith('access.forbidden', { probes });
    expect(kinds(mitigations)).not.toContain('rotate-key');
    const told = notOffered.find(({ kind }) => kind === 'rotate-key')?.why;
    expect(told?.slice(0, why?.length)).toBe(why);
  });

  it.each([
    [{ failingShare: 0.2, failingShareBefore: 0 }, [], 'offered'],
    [{ failingShare: 0, failingShareBefore: 0 }, [], 'No more calls fail'],
    [{ failingShare: 0.2, failingShareBefore: 0 }, [finding('retries', 'app.retry_storm')], 'pile up'],
    [{}, [], 'offered'],
  ] as const)('is more time for slow answers with %j and %j: %s', (facts, more, told) => {
    const chat = { ...finding('chat:small', 'ok'), latencyMs: 8_000 };
    const probes = [chat, { ...finding('traffic', 'ok'), facts }, ...more];
    const { mitigations, notOffered } = planWith('timeout.headers', { probes });
    expect(kinds(mitigations).includes('raise-timeout')).toBe(told === 'offered');
    const whyNot = notOffered.find(({ kind }) => kind === 'raise-timeout')?.why;
    expect(whyNot ?? 'offered').toContain(told);
  });

  it('are fewer calls in a storm, by the factor that was measured', () => {
    const grown = { ...finding('traffic', 'ok'), facts: { requestsPerMinute: 470, requestsPerMinuteBefore: 100 } };
    const why = (...probes: readonly (typeof grown)[]) =>
      planWith('provider.5xx', { probes: [finding('retries', 'app.retry_storm'), ...probes] }).mitigations[0]?.why;
    expect(why(grown)).toBe(
      'Our calls are at least 4 times those of an hour ago while fewer succeed: fewer at once give room.',
    );
    expect(why()).toBe('Our calls have risen while fewer succeed: fewer at once give room.');
  });

  it.each([
    ['Rotate the key to the standby.', 'auth.invalid_key', false],
    ['Find out who revoked it.', 'auth.invalid_key', true],
    ['Enable the fallback if users are hurt.', 'provider.5xx', false],
    ['Enable the fallback if users are hurt.', 'app.errors', true],
    ['Look up its replacement in the model list and configure it.', 'model.retired_or_unknown', false],
    ['Configure large-2 in place of large.', 'model.retired_or_unknown', true],
  ] as const)('leaves of the steps what it does not say itself: %s', (step, branch, isLeft) => {
    expect(planWith(branch, { nextSteps: [step] }).nextSteps).toEqual(isLeft ? [step] : []);
  });

  it('leaves of two ways the one that is no other model, where it speaks of other models', () => {
    const nextSteps = ['Use another model, or have the limit raised in the Mistral console.'];
    const none = { model: 'large', outcome: 'failed' } as const;
    const left = (...others: readonly { readonly model: string; readonly outcome: 'ok' | 'failed' }[]) =>
      planWith('quota.zero_for_model', { nextSteps, matrix: [none, ...others] }).nextSteps;
    const besides = ['Have the limit raised in the Mistral console.'];
    expect(left({ model: 'small', outcome: 'ok' })).toEqual(besides);
    expect(left({ model: 'small', outcome: 'failed' })).toEqual(besides);
    expect(left()).toEqual(nextSteps);
  });

  it('is another way of another organisation where no model has any quota', () => {
    const none = { outcome: 'failed', branch: 'quota.zero_for_model' } as const;
    const why = (...models: readonly string[]) =>
      planWith('quota.zero_for_model', { matrix: models.map((model) => ({ model, ...none })) }).mitigations[0]?.why;
    expect(why('small', 'large')).toContain('does not use the same organisation');
    expect(why('small')).toContain('Another model has a limit');
  });

  it.each(['healthy', 'unknown'] as const)('is nothing for %s', (verdict) => {
    const context = { standby: 'present', secretId: 's' } as const;
    const nextSteps = ['Replace the standby key.'];
    expect(planMitigations({ branch: verdict, verdict, nextSteps }, context)).toEqual({
      mitigations: [],
      notOffered: [],
      nextSteps,
    });
  });
});
