import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../lib/domain/diagnosis.ts';
import { planMitigations } from '../../lib/mitigate/plan.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { context, readFindings } from '../triage/findings.ts';

const fallbackFor = (found: string): string | undefined => {
  const told: Diagnosis = diagnose(readFindings(found), context());
  const { mitigations } = planMitigations(told, { standby: 'present', secretId: 'mistral/checkout' });
  return mitigations.find(({ kind }) => kind === 'enable-fallback')?.why;
};

describe('a fallback', () => {
  it('is worth it while calls to Mistral fail and nobody knows why, and not while they are only slow, unless Mistral was not heard, or ours', () => {
    expect(fallbackFor('all=ok health=ok traffic=ok{share:0.05,perMinute:100}')).toContain('until it is known why');
    const slow = 'all=ok health=ok traffic=ok{share:0.04,shareBefore:0,perMinute:100,p95Ms:45000,p95MsBefore:900}';
    expect(fallbackFor(slow)).toBeUndefined();
    expect(fallbackFor(slow.replace('all=ok', 'all=unknown'))).toContain(
      'until it is known why the calls to Mistral are slow',
    );
    const isDown = slow.replace('all=ok health=ok', 'all=unknown health=app.errors');
    expect(fallbackFor(isDown)).toBeUndefined();
    expect(fallbackFor('all=ok health=app.errors traffic=ok{share:0.4,perMinute:100}')).toBeUndefined();
  });

  it('is worth it until the deploy is taken back, and where it was, until it is known why', () => {
    const found = 'all=ok health=ok traffic=ok{share:0.9,shareBefore:0,perMinute:100}';
    const went = (facts: string) => fallbackFor(`${found} deploy=ok{${facts}}`);
    expect(went('deployedAt:2026-11-20T09:55:00Z,version:4.2.0')).toContain('until the deploy is taken back');
    const told = diagnose(readFindings(found), context());
    const at = '2026-11-20T09:50:00.000Z';
    const later = { at, version: '4.1.0', isBack: true };
    const back = { ...told, sinceDeploy: { at, version: '4.2.0', later } };
    const { mitigations } = planMitigations(back, { standby: 'present', secretId: 'mistral/checkout' });
    expect(mitigations.find(({ kind }) => kind === 'enable-fallback')?.why).toContain('until it is known why');
  });

  it.each([
    ['all=content.empty@204 path=content.empty@204', 'do not come through, if that way does not use Mistral'],
    ['all=access.forbidden@403 path=access.forbidden@403', 'do not come through, if that way does not use Mistral'],
    ['all=model_or_route.not_found@404', 'until the address is corrected, if that way does not use the same address'],
    ['all=rate.minute@429', 'until there is room'],
    ['all=provider.5xx@500', 'until Mistral has recovered'],
  ])('where nothing works (%s) says what it must not need', (found, why) => {
    expect(fallbackFor(found)).toContain(why);
  });
});
