import { isOpen } from '../domain/incident.ts';
import type { Lease } from '../domain/lease.ts';
import { MITIGATION_NAMES } from '../domain/names.ts';
import type { AuditEntry } from '../domain/timeline.ts';
import { cite } from './markdown.ts';
import type { Writing } from './writing.ts';

/** What a mitigation was when the incident ended; of an open incident, what it is now. */
type LeaseEnd = 'in effect' | 'perhaps in effect' | 'undone' | 'its time was over' | 'failed' | 'not run';

type Ending = { readonly audit: readonly AuditEntry[]; readonly endedAt: string | null };

const endOf = (lease: Lease, ending: Ending): LeaseEnd => {
  switch (lease.state) {
    case 'active':
    case 'reverting':
      return 'in effect';
    case 'unknown':
    case 'applying':
      return 'perhaps in effect';
    case 'reverted':
      return wasTakenBackLater(lease, ending) ? 'in effect' : 'undone';
    case 'expired':
      if (wasNeverApplied(lease)) return 'not run';
      return wasTakenBackLater(lease, ending) ? 'in effect' : 'its time was over';
    case 'failed':
      return 'failed';
    case 'proposed':
    case 'awaiting-approval':
    case 'rejected':
      return 'not run';
  }
};

/** Its end is set when it is applied: without one, what expired was its approval. */
const wasNeverApplied = (lease: Lease): boolean => lease.state === 'expired' && lease.expiresAt === null;

/** Taken back after the incident had ended: until then it was in effect. */
const wasTakenBackLater = (lease: Lease, { audit, endedAt }: Ending): boolean => {
  const outcome = audit.findLast((entry) => entry.leaseId === lease.id && entry.step === 'undo-outcome');
  return outcome !== undefined && endedAt !== null && Date.parse(outcome.at) > Date.parse(endedAt);
};

/** What mitigated, and what was only tried. A mitigation in effect has mitigated when the model answered well after it. */
export const describeMitigated = ({ incident, leases, audit }: Writing): string => {
  if (leases.length === 0) return `No mitigation took effect ${cite('lease', 'none')}.`;
  const ending = { audit, endedAt: isOpen(incident) ? null : (incident.milestones.resolved ?? null) };
  const ended = leases.map((lease) => ({ lease, end: endOf(lease, ending) }));
  const list = (end: LeaseEnd): string =>
    ended
      .filter((one) => one.end === end)
      .map(({ lease }) => `${MITIGATION_NAMES[lease.kind]} ${cite('lease', lease.id)}`)
      .join(', ');
  const tried = ended
    .filter(({ end }) => end !== 'in effect' && end !== 'perhaps in effect')
    .map(({ lease, end }) => `${MITIGATION_NAMES[lease.kind]} (${end}) ${cite('lease', lease.id)}`);
  const inEffect = list('in effect');
  const perhaps = list('perhaps in effect');
  const sentences = [
    inEffect === '' ? '' : `${tellEffect(incident.milestones.mitigated !== undefined, isOpen(incident))} ${inEffect}.`,
    perhaps === '' ? '' : `Perhaps in effect, nobody knows: ${perhaps}.`,
    inEffect + perhaps === '' ? `No mitigation was in effect ${when(isOpen(incident))} ${cite('lease', 'none')}.` : '',
    tried.length === 0 ? '' : `Tried: ${tried.join(', ')}.`,
  ];
  return sentences.filter((sentence) => sentence !== '').join('\n');
};

const when = (open: boolean): string => (open ? 'when this was written' : 'at the end');

const tellEffect = (isMitigated: boolean, open: boolean): string =>
  isMitigated ? 'Mitigated by' : `In effect ${when(open)}, with no good check of the model after it:`;

const WAITED: readonly Lease['state'][] = ['awaiting-approval', 'rejected'];

/** Nobody is missing where no second person was needed. */
export const describeApprover = (lease: Lease, person: Writing['person']): string => {
  if (lease.approvedBy !== null) return person(lease.approvedBy);
  if (lease.rejectedBy) return `nobody, rejected by ${person(lease.rejectedBy)}`;
  return WAITED.includes(lease.state) || wasNeverApplied(lease) ? 'nobody' : 'not needed';
};
