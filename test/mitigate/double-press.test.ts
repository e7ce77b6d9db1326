import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../lib/domain/diagnosis.ts';
import type { MitigationSummary } from '../../lib/domain/incident.ts';
import type { LeaseState, MitigationKind } from '../../lib/domain/lease.ts';
import { requestMitigation } from '../../lib/mitigate/request.ts';
import { at, makeDiagnosis, makeIncident, makeMoment } from '../make.ts';

const begun = (kind: MitigationKind, state: LeaseState): MitigationSummary => ({
  id: 'LSE-FIRST',
  kind,
  state,
  requestedBy: 'U0MAYA',
  approvedBy: null,
  expiresAt: null,
  outcome: 'the new key works.',
  since: at(10),
});

/** A diagnosis that offers (or not) to rotate the key, made so many seconds after noon. */
const diagnosed = (seconds: number, offers: boolean): Diagnosis => ({
  ...makeDiagnosis('problem', 'auth.invalid_key', { at: at(seconds) }),
  mitigations: offers ? [{ kind: 'rotate-key', why: 'test' }] : [],
});

const press = (state: LeaseState, diagnosis: Diagnosis | null, isButton: boolean): boolean => {
  const incident = makeIncident({ diagnosis, mitigations: [begun('rotate-key', state)] });
  const request = { kind: 'rotate-key', user: 'U0MAYA', leaseId: 'LSE-SECOND', isButton } as const;
  return 'lease' in requestMitigation(incident, request, makeMoment(20));
};

describe('a second press of a rotation', () => {
  it.each([
    ['runs by no button while the first is at work', 'applying', diagnosed(15, true), true, false],
    ['runs by no button that the first has answered, however late it comes', 'active', diagnosed(5, true), true, false],
    ['runs by no button that is not offered any more', 'active', diagnosed(15, false), true, false],
    ['runs by the button of a diagnosis that knows of the first', 'active', diagnosed(15, true), true, true],
    ['runs by the button again when the first has failed', 'failed', diagnosed(5, true), true, true],
    ['runs by no button before there is a diagnosis and while the first is at work', 'applying', null, true, false],
    ['runs by a command when the first is done', 'active', diagnosed(5, true), false, true],
    ['runs by no command while the first is at work', 'applying', diagnosed(15, true), false, false],
  ] as const)('%s', (_name, state, diagnosis, isButton, runs) => {
    expect(press(state, diagnosis, isButton)).toBe(runs);
  });
});
