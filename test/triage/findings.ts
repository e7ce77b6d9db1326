import type { Branch } from '../../lib/domain/branch.ts';
import type { Finding } from '../../lib/domain/diagnosis.ts';
import type { DiagnoseContext } from '../../lib/triage/tree.ts';

export type Word = 'ok' | 'unknown' | Branch;

export const context = (models: readonly string[] = ['small', 'large']): DiagnoseContext => ({
  at: '2026-11-20T10:00:00.000Z',
  service: 'checkout',
  models,
  standby: 'present',
});

/** A finding in one word: ok, unknown, or the branch it failed with. */
export const finding = (name: string, word: Word, status?: number): Finding => {
  const base = { name, question: `${name}?`, latencyMs: 10, ...(status === undefined ? {} : { evidence: { status } }) };
  if (word === 'ok') return { ...base, outcome: 'ok' };
  if (word === 'unknown') return { ...base, outcome: 'unknown', why: 'no answer by the deadline' };
  return { ...base, outcome: 'failed', branch: word, why: `because of ${word}` };
};

/** Models list, the models small and large, and the health of the service; null leaves one out. */
export const findings = (models: Word | null, small: Word | null, large: Word | null, health: Word | null): Finding[] =>
  [
    models === null ? null : finding('models', models),
    small === null ? null : finding('chat:small', small),
    large === null ? null : finding('chat:large', large),
    health === null ? null : finding('health', health),
  ].filter((one) => one !== null);
