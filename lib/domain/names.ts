import type { Branch, Owner } from './branch.ts';
import type { IncidentStatus } from './incident.ts';
import type { MitigationKind } from './lease.ts';
import type { Severity } from './severity.ts';

/** One name per thing, wherever people read it. */
export const MITIGATION_NAMES: Readonly<Record<MitigationKind, string>> = {
  'rotate-key': 'Rotate key',
  'enable-fallback': 'Enable fallback',
  'reduce-concurrency': 'Reduce concurrency',
  'raise-timeout': 'Raise timeout',
  'switch-model': 'Switch model',
  rollback: 'Roll back',
};

export const STATUS_NAMES: Readonly<Record<IncidentStatus, string>> = {
  investigating: 'Investigating',
  mitigating: 'Mitigating',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
};

export const IMPACT_NAMES: Readonly<Record<Severity, string>> = {
  P1: 'Complete outage',
  P2: 'Degraded service',
  P3: 'Minor impact',
  P4: 'No user impact',
};

const OWNER_NAMES: Readonly<Record<Owner, string>> = {
  ours: 'Ours to fix',
  theirs: "Mistral's to fix",
  between: 'Between us and Mistral: whose is not known',
  unknown: 'Not known whose it is to fix',
  none: 'Nothing is broken now',
};

/** Failures that the way itself makes. The others look alike whether the way makes them or Mistral does. */
const OF_THE_WAY = /^net\.(?!egress_blocked|refused|reset|connect_timeout|protocol|unknown)/;

/** Whose it is to fix, in words; `between` leaves it open unless the branch tells. */
export const nameOwner = ({ owner, branch }: { readonly owner: Owner; readonly branch: Branch }): string =>
  owner === 'between' && OF_THE_WAY.test(branch) ? 'The network between us and Mistral' : OWNER_NAMES[owner];

/** Texts of the buttons by action id, as people see them. */
export const BUTTON_NAMES: Readonly<Record<string, string>> = {
  'incident.acknowledge': 'Acknowledge',
  'incident.unacknowledge': 'Un-acknowledge',
  'incident.assign': 'Assign me',
  'incident.resolve': 'Resolve',
  'incident.reopen': 'Reopen',
  'incident.triage': 'Run triage',
  'mitigation.rotate-key': 'Rotate key',
  'mitigation.enable-fallback': 'Enable fallback',
  'mitigation.undo': 'Undo',
  'mitigation.approve': 'Approve',
  'mitigation.reject': 'Reject',
  'evidence.collect': 'Collect evidence',
  'postmortem.draft': 'Draft postmortem',
  'triage.ticket': 'Support ticket',
};
