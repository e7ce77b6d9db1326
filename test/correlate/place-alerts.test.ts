import { describe, expect, it } from 'vitest';
import { type Candidate, chooseHome } from '../../lib/correlate/place-alerts.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import { makeIncident } from '../make.ts';

const candidate = (id: string, status: Incident['status'], group = 'group-1'): Candidate => ({
  id,
  incident: makeIncident({ id, status, group }),
});
const claimed: Candidate = { id: 'claimed', incident: null };
const recent = candidate('recent', 'resolved');
const ownRecent = candidate('own-recent', 'resolved');
const joins = (incident: Incident | null): boolean =>
  incident === null || incident.status !== 'resolved' || incident.id.endsWith('recent');

describe('a firing alert', () => {
  it.each([
    ['goes to the open incident of its group', candidate('open', 'investigating'), null, 'open', false],
    [
      'goes there also from its own open one',
      candidate('open', 'investigating'),
      candidate('own', 'monitoring'),
      'open',
      false,
    ],
    ['goes there also from its own recent one', candidate('open', 'monitoring'), ownRecent, 'open', false],
    ['goes to what its group is about to create', claimed, ownRecent, 'claimed', false],
    ['goes back to its own open one, and the group follows', recent, candidate('own', 'mitigating'), 'own', true],
    ['goes back to its own recent one before the group’s', recent, ownRecent, 'own-recent', true],
    [
      'goes back to its own one of another group, which does not follow',
      null,
      candidate('own', 'mitigating', 'group-2'),
      'own',
      false,
    ],
    ['goes to the recent one of its group', recent, candidate('own-old', 'resolved'), 'recent', false],
    ['opens a new one when all are over', candidate('old', 'resolved'), candidate('own-old', 'resolved'), null, true],
    ['opens a new one when there is none', null, null, null, true],
  ] as const)('%s', (_name, ofGroup, own, incidentId, pointsGroup) => {
    const choice = chooseHome('group-1', { ofGroup, own }, joins);
    expect(choice).toMatchObject({ incidentId, pointsGroup });
    expect(choice.reason).not.toBe('');
  });
});
