import { describe, expect, it } from 'vitest';
import { BRANCHES, type Branch } from '../../lib/domain/branch.ts';
import { planMitigations } from '../../lib/mitigate/plan.ts';
import { BRANCH_FACTS } from '../../lib/triage/branches.ts';

const plan = (branch: Branch, standby: 'present' | 'absent' | 'unknown' = 'present') =>
  planMitigations({ branch, verdict: 'problem' }, { standby, secretId: 'mistral/checkout' });
const kinds = (items: readonly { readonly kind: string }[]): readonly string[] => items.map(({ kind }) => kind);

const failing = BRANCHES.filter((branch) => branch !== 'healthy' && branch !== 'unknown');

describe('what is offered', () => {
  it.each(failing)('%s: nothing useless, and every useless one that exists is explained', (branch) => {
    const { mitigations, notOffered } = plan(branch);
    const { useless } = BRANCH_FACTS[branch];
    expect(kinds(mitigations).filter((kind) => useless.some((one) => one === kind))).toEqual([]);
    expect(kinds(notOffered).filter((kind) => !useless.some((one) => one === kind))).toEqual([]);
    for (const kind of ['rotate-key', 'enable-fallback'] as const) {
      expect(kinds(notOffered).includes(kind)).toBe(useless.includes(kind));
    }
    expect(kinds(mitigations).filter((kind) => kind !== 'rotate-key' && kind !== 'enable-fallback')).toEqual([]);
  });

  it.each([
    ['auth.invalid_key', ['rotate-key', 'enable-fallback']],
    ['rate.minute', ['enable-fallback']],
    ['provider.5xx', ['enable-fallback']],
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

  it.each(['healthy', 'unknown'] as const)('is nothing for %s', (verdict) => {
    const context = { standby: 'present', secretId: 's' } as const;
    expect(planMitigations({ branch: verdict, verdict }, context)).toEqual({ mitigations: [], notOffered: [] });
  });
});
