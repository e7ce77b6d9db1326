import { expect, it } from 'vitest';
import type { Diagnosis } from '../../lib/domain/diagnosis.ts';
import { summariseCheck } from '../../lib/triage/summarise-check.ts';
import { makeDiagnosis } from '../make.ts';

const probe = { name: 'models', question: '?', outcome: 'ok' } as const;
const probes: Diagnosis['probes'] = [
  { ...probe, latencyMs: 120 },
  { ...probe, name: 'chat:m', latencyMs: 480 },
];

it.each([
  ['healthy', 'healthy', 'healthy', undefined],
  ['problem', 'provider.5xx', 'unhealthy', 'provider.5xx'],
  // Who does not know must neither say that all is well nor wake anybody.
  ['unknown', 'unknown', 'degraded', 'unknown'],
] as const)('a routine check that finds %s (%s) is told as %s', (verdict, branch, status, error) => {
  const summary = summariseCheck(makeDiagnosis(verdict, branch, { probes }), ['m', 'other']);
  expect(summary).toEqual({ status, latencyMs: 480, model: 'm', ...(error === undefined ? {} : { error }) });
});
