import { describe, expect, it } from 'vitest';
import { detailsOf } from '../../lib/domain/diagnosis-words.ts';
import { nameOwner } from '../../lib/domain/names.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { context, readFindings } from '../triage/findings.ts';

const impactOf = (traffic: string): string | undefined =>
  detailsOf(diagnose(readFindings(`all=ok traffic=ok{${traffic},windowMinutes:60}`), context())).find(
    ({ title }) => title === 'Impact',
  )?.text;

describe('how much fails', () => {
  it.each([
    ['share:0.4,perMinute:120', '40 % of about 120 calls a minute fail'],
    ['share:0,perMinute:1.2', 'none of about 1 call a minute fails'],
    ['share:0.5,perMinute:0.3', 'less than a call a minute'],
  ])('of %s is %s', (traffic, text) => {
    expect(impactOf(traffic)).toBe(text);
  });
});

describe('what was asked before', () => {
  const beforeIn = (found: string): string | undefined =>
    detailsOf(diagnose(readFindings(found), context())).find(({ title }) => title === 'Asked before')?.text;

  it('is told of models that were not asked again, so that nobody takes a limit of then for one of now', () => {
    expect(beforeIn('models=ok small=ok large=capacity.model{askedSecondsAgo:20} health=ok')).toBe(
      'large, a moment ago and not again within the minute',
    );
    expect(beforeIn('models=ok small=ok large=capacity.model health=ok')).toBeUndefined();
  });
});

describe('whose it is', () => {
  it.each([
    ['net.proxy_auth', 'The network between us and Mistral'],
    ['net.tls_hostname', 'The network between us and Mistral'],
    ['net.refused', 'Between us and Mistral: whose is not known'],
    ['net.connect_timeout', 'Between us and Mistral: whose is not known'],
    ['timeout.headers', 'Between us and Mistral: whose is not known'],
    ['access.forbidden', 'Between us and Mistral: whose is not known'],
  ] as const)('is left open between us unless the way itself says so: %s', (branch, name) => {
    expect(nameOwner({ owner: 'between', branch })).toBe(name);
  });

  it('is nothing that is broken now where all is well, though there may be things to do', () => {
    expect(nameOwner({ owner: 'none', branch: 'healthy' })).toBe('Nothing is broken now');
  });
});
