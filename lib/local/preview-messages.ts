import { renderApproval } from '../../templates/approval.ts';
import { renderBuried } from '../../templates/buried.ts';
import { renderDiagnosis } from '../../templates/diagnosis.ts';
import { renderHelp } from '../../templates/help.ts';
import { renderIncident } from '../../templates/incident.ts';
import { renderQuarantine } from '../../templates/quarantine.ts';
import { renderResolution } from '../../templates/resolution.ts';
import { renderStatus } from '../../templates/status.ts';
import { renderUpdate } from '../../templates/update.ts';
import { renderVerdict } from '../../templates/verdict.ts';
import {
  renderWhisper,
  whisperAlreadyDone,
  whisperGone,
  whisperNotAllowed,
  whisperResolveAnyway,
} from '../../templates/whisper.ts';
import type { Incident } from '../domain/incident.ts';
import type { Lease } from '../domain/lease.ts';
import type { ChatMessage } from '../domain/message.ts';
import {
  FALLBACK,
  HEALTHY_DIAGNOSIS,
  LEAD,
  LIMIT_DIAGNOSIS,
  ON_CALL,
  ROTATION,
  ROTATION_LEASE,
  SAMPLE_DIAGNOSIS,
  SAMPLE_INCIDENT,
  SAMPLE_NOTE,
  UNKNOWN_DIAGNOSIS,
} from './preview-samples.ts';
import { triageMessages } from './preview-triage.ts';

const diagnosed: Incident = { ...SAMPLE_INCIDENT, diagnosis: SAMPLE_DIAGNOSIS, revision: 2 };
const taken: Incident = { ...diagnosed, acknowledgedBy: ON_CALL, commander: ON_CALL };
const second = { ...(SAMPLE_INCIDENT.alerts[0] ?? []), key: 'c'.repeat(64), title: 'MistralCircuitOpen' };
const twoAlerts: Incident = {
  ...taken,
  alerts: [...SAMPLE_INCIDENT.alerts, ...('state' in second ? [{ ...second, state: 'resolved' as const }] : [])],
  totals: { firing: 1, resolved: 1, nodata: 0, received: 4 },
};
const rotated: Incident = { ...twoAlerts, status: 'mitigating', mitigations: [ROTATION] };
const monitoring: Incident = {
  ...rotated,
  status: 'monitoring',
  goodChecks: 3,
  wellSince: '2026-11-20T03:14:40.000Z',
  quietSince: '2026-11-20T03:16:00.000Z',
  alerts: rotated.alerts.map((alert) => ({ ...alert, state: 'resolved' })),
  totals: { firing: 0, resolved: 2, nodata: 0, received: 5 },
};
const resolved: Incident = {
  ...monitoring,
  status: 'resolved',
  updatedAt: '2026-11-20T03:44:10.000Z',
  milestones: {
    started: '2026-11-20T03:11:40.000Z',
    detected: '2026-11-20T03:12:07.000Z',
    acknowledged: '2026-11-20T03:13:30.000Z',
    commanderAssigned: '2026-11-20T03:13:41.000Z',
    causeIdentified: '2026-11-20T03:12:19.000Z',
    mitigated: '2026-11-20T03:14:06.000Z',
    resolved: '2026-11-20T03:44:10.000Z',
  },
};
const limited: Incident = {
  ...SAMPLE_INCIDENT,
  severity: 'P2',
  title: 'MistralRateLimited',
  summary: 'More than 5 % of the calls of checkout-assistant end with 429.',
  diagnosis: LIMIT_DIAGNOSIS,
};
const withLease = (state: Lease['state'], outcome: string): Incident => ({
  ...taken,
  mitigations: [{ ...ROTATION, state, outcome }],
});
const noStandbyWhy =
  'No standby key is kept in mistral/checkout-assistant: create a key in the Mistral console, store it there as the standby version, then run triage again to get the button.';
const noStandby: Incident = {
  ...diagnosed,
  diagnosis: {
    ...SAMPLE_DIAGNOSIS,
    mitigations: SAMPLE_DIAGNOSIS.mitigations.slice(1),
    notOffered: [{ kind: 'rotate-key', why: noStandbyWhy, lacks: 'standby' }],
    nextSteps: [
      'Create a key in the Mistral console, in the workspace that checkout-assistant uses.',
      'Store it as the standby version of the secret, then rotate the key.',
      ...SAMPLE_DIAGNOSIS.nextSteps,
    ],
  },
};
const waiting: Lease = {
  ...ROTATION_LEASE,
  state: 'awaiting-approval',
  outcome:
    'The standby key of checkout-assistant was tried and works. It becomes the current key; the previous key is kept for undo. No standby key will be left.',
};

const incidentMessages = (): Readonly<Record<string, ChatMessage>> => ({
  'incident-new': renderIncident(SAMPLE_INCIDENT),
  'incident-diagnosed': renderIncident(diagnosed),
  'incident-taken': renderIncident(taken),
  'incident-awaiting-approval': renderIncident(withLease('awaiting-approval', waiting.outcome)),
  'incident-applying': renderIncident(withLease('applying', 'it is being prepared.')),
  'incident-failed': renderIncident(
    withLease('failed', 'The standby key was tried first and was refused with 401. The current key was left in place.'),
  ),
  'incident-outcome-unknown': renderIncident(
    withLease('unknown', 'It is not known whether the new key works: it was tried and the API answered 503.'),
  ),
  'incident-mitigating': renderIncident(rotated),
  'incident-mitigating-twice': renderIncident({ ...rotated, mitigations: [FALLBACK, ROTATION] }),
  'incident-fallback-rotate-offered': renderIncident({ ...taken, status: 'mitigating', mitigations: [FALLBACK] }),
  'incident-monitoring': renderIncident(monitoring),
  'incident-monitoring-on-fallback': renderIncident({ ...monitoring, mitigations: [FALLBACK, ROTATION] }),
  'incident-resolved': renderIncident(resolved),
  'incident-resolved-while-wrong': renderIncident({
    ...twoAlerts,
    status: 'resolved',
    updatedAt: resolved.updatedAt,
    milestones: resolved.milestones,
  }),
  'incident-resolved-with-fallback': renderIncident({ ...resolved, mitigations: [FALLBACK] }),
  'incident-reopened': renderIncident({
    ...taken,
    updatedAt: '2026-11-21T00:01:00.000Z',
    doubtedAt: '2026-11-21T00:01:00.000Z',
  }),
  'incident-recovering': renderIncident({ ...rotated, goodChecks: 1, wellSince: '2026-11-20T03:14:40.000Z' }),
  'incident-done-already': renderIncident(
    withLease(
      'failed',
      'Nothing was done: the key was already rotated at 03:13 UTC (incident INC-261120-7Q2MTK3F), and Mistral accepts it.',
    ),
  ),
  'incident-rate-limited': renderIncident(limited),
  'incident-no-standby': renderIncident(noStandby),
  'incident-cause-unknown': renderIncident({
    ...taken,
    severity: 'P3',
    severitySetBy: 'person',
    diagnosis: UNKNOWN_DIAGNOSIS,
  }),
  'incident-drill': renderIncident({ ...diagnosed, drill: true, severity: 'P4', severitySetBy: 'diagnosis' }),
});

const threadMessages = (): Readonly<Record<string, ChatMessage>> => ({
  'diagnosis-key-refused': renderDiagnosis(diagnosed, SAMPLE_DIAGNOSIS),
  'diagnosis-rate-limited': renderDiagnosis(limited, LIMIT_DIAGNOSIS),
  'diagnosis-no-standby': renderDiagnosis(noStandby, noStandby.diagnosis ?? SAMPLE_DIAGNOSIS),
  update: renderUpdate(taken, SAMPLE_NOTE),
  'update-with-command': renderUpdate(taken, {
    ...SAMPLE_NOTE,
    text: 'Rotate key: The new key works. No standby key is left. To provide a standby key: create a key in the Mistral console, write it into a file that only you can read, and run `aws secretsmanager put-secret-value --secret-id mistral/checkout-assistant --version-stages STANDBY --secret-string file://FILE`, then delete the file.',
  }),
  'approval-waiting': renderApproval(taken, waiting),
  'approval-approved': renderApproval(taken, { ...ROTATION_LEASE, approvedBy: LEAD }),
  'approval-rejected': renderApproval(taken, { ...waiting, state: 'rejected', outcome: `rejected by <@${LEAD}>.` }),
  'approval-expired': renderApproval(taken, {
    ...waiting,
    state: 'expired',
    outcome: 'nobody approved it in time; nothing was changed.',
  }),
  resolution: renderResolution(resolved, {
    ...SAMPLE_NOTE,
    kind: 'resolution',
    at: '2026-11-20T03:44:10.000Z',
    text: `Resolved by <@${ON_CALL}>: a person decided it.`,
  }),
  'resolution-with-fallback': renderResolution(
    { ...resolved, totals: { ...resolved.totals, firing: 1 }, mitigations: [FALLBACK] },
    { ...SAMPLE_NOTE, kind: 'resolution', text: `Resolved by <@${ON_CALL}>: a person decided it.` },
  ),
});

const answers = (): Readonly<Record<string, ChatMessage>> => ({
  'verdict-healthy': renderVerdict(HEALTHY_DIAGNOSIS, 'checkout-assistant', ON_CALL),
  'verdict-problem': renderVerdict(SAMPLE_DIAGNOSIS, 'checkout-assistant', ON_CALL),
  'verdict-unknown': renderVerdict(UNKNOWN_DIAGNOSIS, 'checkout-assistant', ON_CALL),
  help: renderHelp(),
  'status-open': renderStatus([limited, taken, { ...resolved, id: 'INC-261119-AAAAAAAA' }]),
  'status-none': renderStatus([]),
  buried: renderBuried(7, [
    { id: '0mbt2k1c3a5-0', kind: 'alerts', why: 'Error: the state file is damaged' },
    { id: 'routine:1795230000000', kind: 'routine-check', why: '20 deliveries ended without an answer' },
  ]),
  quarantine: renderQuarantine({
    id: 'QUA-01',
    source: 'grafana',
    integration: 'default',
    acceptedAt: '2026-11-20T03:12:07.000Z',
    contentType: 'application/json',
    bytes: 812,
    why: 'alerts: expected a list, found an object',
  }),
});

const NOT_LISTED = 'You are not among the people who may run mitigations.';

const whispers = (): Readonly<Record<string, ChatMessage>> => ({
  'whisper-not-allowed': whisperNotAllowed('Rotate key', NOT_LISTED, [ON_CALL, LEAD]),
  'whisper-not-allowed-unknown-who': whisperNotAllowed('Rotate key', NOT_LISTED, []),
  'whisper-too-late': whisperNotAllowed('Approve', 'The time for the approval is over: ask for it again.', null),
  'whisper-gone': whisperGone('Undo'),
  'whisper-already-done': whisperAlreadyDone('Acknowledged', ON_CALL),
  'whisper-resolve-anyway': whisperResolveAnyway(twoAlerts),
  'whisper-sentence': renderWhisper(`<@${LEAD}> has already acknowledged it.`),
});

/** Every message there is, in every state that looks different, by name. */
export const sampleMessages = (): Readonly<Record<string, ChatMessage>> => ({
  ...incidentMessages(),
  ...threadMessages(),
  ...answers(),
  ...whispers(),
  ...triageMessages(),
});

/** The end of the sample story, for the documents. */
export const SAMPLE_RESOLVED: Incident = resolved;
