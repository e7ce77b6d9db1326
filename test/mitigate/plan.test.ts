import { describe, expect, it } from 'vitest';
import { BRANCHES, type Branch } from '../../lib/domain/branch.ts';
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

  it('is no rotation where the key lives at another endpoint', () => {
    const { mitigations, notOffered } = planWith('auth.invalid_key', { probes: [finding('region:eu', 'ok')] });
    expect(kinds(mitigations)).toEqual(['enable-fallback']);
    expect(notOffered[0]?.why).toBe('The key lives: the endpoint eu accepts it.');
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

  it('is a rollback only where it began with a deploy, and says why not where one was recent', () => {
    const deploy = { ...finding('deployments', 'ok'), facts: { minutesAgo: 10 } };
    const began = planWith('app.errors', { sinceDeploy: { at: '2026-11-20T09:50:00.000Z', version: '4.2.0' } });
    expect(began.mitigations[0]).toEqual({ kind: 'rollback', why: 'It began with our deploy of 4.2.0.' });
    const apart = planWith('provider.5xx', { probes: [deploy] });
    expect(kinds(apart.mitigations)).not.toContain('rollback');
    expect(kinds(apart.notOffered)).toContain('rollback');
    expect(kinds(planWith('provider.5xx', {}).notOffered)).not.toContain('rollback');
  });

  it.each(['timeout.headers', 'timeout.body_or_stream'] as const)(
    'is a longer limit for %s only where list and small chats are fast',
    (branch) => {
      const [list, fast, late] = [finding('models', 'ok'), finding('chat:small', 'ok'), finding('chat:large', branch)];
      const slow = { ...fast, latencyMs: 5_000 };
      const offered = (...probes: readonly (typeof list)[]) => kinds(planWith(branch, { probes }).mitigations);
      expect(offered(list, fast, finding('stream:small', branch))).toContain('raise-timeout');
      for (const probes of [[list, fast, late], [list, slow], [finding('models', branch), fast], [list]])
        expect(offered(...probes)).not.toContain('raise-timeout');
      const told = planWith(branch, { probes: [list, fast, late] }).notOffered;
      expect(told.find(({ kind }) => kind === 'raise-timeout')?.why).toContain('one token came too late');
    },
  );

  it('is another way of another organisation where no model has any quota', () => {
    const none = { outcome: 'failed', branch: 'quota.zero_for_model' } as const;
    const why = (...models: readonly string[]) =>
      planWith('quota.zero_for_model', { matrix: models.map((model) => ({ model, ...none })) }).mitigations[0]?.why;
    expect(why('small', 'large')).toContain('does not use the same organisation');
    expect(why('small')).toContain('Another model has a limit');
  });

  it.each(['healthy', 'unknown'] as const)('is nothing for %s', (verdict) => {
    const context = { standby: 'present', secretId: 's' } as const;
    expect(planMitigations({ branch: verdict, verdict }, context)).toEqual({ mitigations: [], notOffered: [] });
  });
});
