import type { Owner } from './branch.ts';
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

export const OWNER_NAMES: Readonly<Record<Owner, string>> = {
  ours: 'Ours to fix',
  theirs: "Mistral's to fix",
  between: 'The network between us and Mistral',
  unknown: 'Not known whose it is to fix',
  none: 'Nothing to fix',
};

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
