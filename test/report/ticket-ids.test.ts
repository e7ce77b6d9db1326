import { expect, it } from 'vitest';
import { SAMPLE_DIAGNOSIS, SAMPLE_INCIDENT } from '../../lib/local/preview-samples.ts';
import { renderTicket } from '../../lib/report/support-ticket.ts';

const idsOf = (evidence: { readonly correlationId?: string; readonly requestId?: string }): readonly string[] => {
  const probes = SAMPLE_DIAGNOSIS.probes
    .filter(({ name }) => name === 'models')
    .map((probe) => ({ ...probe, evidence }));
  const ticket = renderTicket({
    incident: SAMPLE_INCIDENT,
    diagnoses: [{ ...SAMPLE_DIAGNOSIS, probes }],
    tellCause: ({ cause }) => cause,
    writtenAt: '2026-11-20T03:20:00.000Z',
    secrets: [],
  });
  return ticket.match(/^ {4}\w+ id \S+$/gm)?.map((line) => line.trim()) ?? [];
};

it.each([
  [{ correlationId: 'c-1', requestId: 'r-1' }, ['correlation id c-1', 'request id r-1']],
  [{ correlationId: 'c-1', requestId: 'c-1' }, ['correlation id c-1']],
  [{ requestId: 'r-1' }, ['request id r-1']],
])('A ticket names each id once: %j', (evidence, ids) => {
  expect(idsOf(evidence)).toEqual(ids);
});
