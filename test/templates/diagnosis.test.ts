import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../lib/domain/diagnosis.ts';
import {
  HEALTHY_DIAGNOSIS,
  ON_CALL,
  SAMPLE_DIAGNOSIS,
  SAMPLE_INCIDENT,
  UNKNOWN_DIAGNOSIS,
} from '../../lib/local/preview-samples.ts';
import { renderDiagnosis } from '../../templates/diagnosis.ts';
import { renderVerdict } from '../../templates/verdict.ts';

const [models] = SAMPLE_DIAGNOSIS.probes;

describe('a diagnosis in the thread', () => {
  it.each<readonly [string, Diagnosis]>([
    ['a refused key', SAMPLE_DIAGNOSIS],
    ['no answer', UNKNOWN_DIAGNOSIS],
    ['health', HEALTHY_DIAGNOSIS],
  ])('says cause and reasons of %s once', (_name, diagnosis) => {
    const shown = JSON.stringify(renderDiagnosis(SAMPLE_INCIDENT, diagnosis).blocks).replaceAll('\u00A0', ' ');
    const reasons = diagnosis.probes.flatMap(({ why }) => (why === undefined ? [] : [why.replace(/ \(.*$/, '')]));
    for (const said of [diagnosis.cause, ...reasons])
      expect(shown.toLowerCase().split(said.toLowerCase().replace(/\.$/, ''))).toHaveLength(2);
  });

  it('tells each probe in a few words that no line breaks apart', () => {
    const shown = JSON.stringify(renderVerdict(SAMPLE_DIAGNOSIS, 'checkout', ON_CALL).blocks);
    expect(shown).toContain(
      '✗ models 401 in 84\u00A0ms · ✗ chat:mistral-small-latest 401 in 91\u00A0ms · ✓ health well in 12\u00A0ms',
    );
  });

  it('says of a probe why it failed where nothing else does', () => {
    const probes = models === undefined ? [] : [{ ...models, why: 'something else (418)' }];
    expect(JSON.stringify(renderDiagnosis(SAMPLE_INCIDENT, { ...SAMPLE_DIAGNOSIS, probes }))).toContain(
      '✗ models failed in 84\u00A0ms: something else (418)',
    );
  });
});
