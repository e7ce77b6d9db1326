import { describe, expect, it } from 'vitest';
import type { Incident, MitigationSummary } from '../../lib/domain/incident.ts';
import { ROTATION, SAMPLE_DIAGNOSIS, SAMPLE_INCIDENT } from '../../lib/local/preview-samples.ts';
import { offeredKinds } from '../../templates/incident-buttons.ts';

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
