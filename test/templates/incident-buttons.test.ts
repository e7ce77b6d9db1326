import { describe, expect, it } from 'vitest';
import type { CallEvidence, Diagnosis, Finding } from '../../lib/domain/diagnosis.ts';
import type { Incident, MitigationSummary } from '../../lib/domain/incident.ts';
import { ROTATION, SAMPLE_DIAGNOSIS, SAMPLE_INCIDENT } from '../../lib/local/preview-samples.ts';
import { laterButtons, offeredKinds } from '../../templates/incident-buttons.ts';

const DIAGNOSED = '2026-11-20T03:20:00.000Z';
const EARLIER = '2026-11-20T03:19:59.000Z';

const withRotation = (change: Partial<MitigationSummary>): Incident => ({
  ...SAMPLE_INCIDENT,
  diagnosis: { ...SAMPLE_DIAGNOSIS, at: DIAGNOSED },
  mitigations: [{ ...ROTATION, ...change }],
});

describe('a rotation', () => {
  it.each([
    ['that the diagnosis knows of is offered again', { state: 'active', since: EARLIER }, true],
    ['of which nobody knows is offered again by a newer diagnosis', { state: 'unknown', since: EARLIER }, true],
    ['that answered the diagnosis is not offered again by it', { state: 'active', since: DIAGNOSED }, false],
    ['that does not say since when is not', { state: 'active' }, false],
    ['under way is not, whatever the diagnosis knows', { state: 'applying', since: EARLIER }, false],
    ['that failed is', { state: 'failed' }, true],
  ] as const)('%s', (_what, change, offered) => {
    expect(offeredKinds(withRotation(change)).includes('rotate-key')).toBe(offered);
  });

  it('does not offer a fallback again while one is on', () => {
    const on = withRotation({ kind: 'enable-fallback', state: 'active', since: EARLIER });
    expect(offeredKinds(on)).not.toContain('enable-fallback');
  });
});

describe('a support ticket', () => {
  const failed = (evidence: CallEvidence): readonly Finding[] => [
    { name: 'models', question: '', outcome: 'failed', latencyMs: 1, evidence },
  ];
  const ids: CallEvidence = { requestId: 'req-1' };

  it.each<readonly [string, Partial<Diagnosis>, boolean]>([
    ['what is theirs', { owner: 'theirs', probes: [] }, true],
    ['what may be theirs and has ids', { owner: 'between', probes: failed(ids) }, true],
    ['what is nobody knows whose and has ids', { owner: 'unknown', probes: failed({ correlationId: 'c' }) }, true],
    ['what may be theirs and has none', { owner: 'between', probes: failed({ status: 500 }) }, false],
    ['what is ours', { owner: 'ours', probes: failed(ids) }, false],
    ['nothing', { verdict: 'healthy', owner: 'none', probes: failed(ids) }, false],
  ])('is offered for %s: as told, while it is open and after', (_what, change, offered) => {
    for (const status of ['investigating', 'monitoring', 'resolved'] as const) {
      const incident = { ...SAMPLE_INCIDENT, status, diagnosis: { ...SAMPLE_DIAGNOSIS, ...change } };
      expect(laterButtons(incident).some(({ actionId }) => actionId === 'triage.ticket')).toBe(offered);
    }
  });

  it('is not offered before anything is known', () => {
    expect(laterButtons({ ...SAMPLE_INCIDENT, diagnosis: null }).map(({ actionId }) => actionId)).not.toContain(
      'triage.ticket',
    );
  });
});
