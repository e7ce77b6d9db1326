import type { CallEvidence } from '../lib/domain/diagnosis.ts';
import { type Incident, isOpen, type MitigationSummary, standingOfCause } from '../lib/domain/incident.ts';
import { isAtWork, isOpenLease, type MitigationKind } from '../lib/domain/lease.ts';
import { MITIGATION_NAMES } from '../lib/domain/names.ts';
import { isNeedless } from '../lib/domain/needless.ts';
import type { Button, Confirm } from './blocks.ts';
import { quietText } from './text.ts';
import { count } from './words.ts';

/** Mitigations that have a button. The others are told as work by hand. */
const BUTTON_KINDS = ['rotate-key', 'enable-fallback'] as const;
type ButtonKind = (typeof BUTTON_KINDS)[number];

export const hasButton = (kind: MitigationKind): kind is ButtonKind => BUTTON_KINDS.some((other) => other === kind);

/** What helps against this cause and is not already at work: open incident, offered by the diagnosis, no double press. */
export const offeredKinds = (incident: Incident): readonly MitigationKind[] => {
  const { diagnosis, mitigations } = incident;
  // While Mistral answers well again, nothing that helps against its failure is of use; nor is what helped against another one.
  if (!isOpen(incident) || diagnosis === null || standingOfCause(incident) !== 'present') return [];
  return [...new Set(diagnosis.mitigations.map((advice) => advice.kind))].filter(
    (kind) => !mitigations.some((lease) => lease.kind === kind && isSettled(lease, diagnosis.at)),
  );
};

/** At work, or done through another incident: a press would do nothing, until another diagnosis asks for it again. */
const isSettled = (lease: MitigationSummary, diagnosedAt: string): boolean =>
  isAtWork(lease, diagnosedAt) || (isNeedless(lease) && (lease.since === undefined || diagnosedAt <= lease.since));

/** Under the action: take it, then mend it. */
export const firstButtons = (incident: Incident): readonly Button[] => {
  if (!isOpen(incident)) return [];
  const acknowledged = incident.acknowledgedBy !== null;
  const isFree = acknowledged && !incident.mitigations.some((lease) => isOpenLease(lease.state));
  const last = incident.mitigations.at(-1);
  const failedKind = last?.state === 'failed' ? last.kind : null;
  const kinds = offeredKinds(incident).filter(hasButton);
  // What has just failed is offered last: the action names another way first.
  const ordered = [...kinds.filter((kind) => kind !== failedKind), ...kinds.filter((kind) => kind === failedKind)];
  const mitigations = ordered.map((kind, index) =>
    mitigationButton(incident, kind, isFree && index === 0 && kind !== failedKind),
  );
  return [
    ...(acknowledged
      ? []
      : [{ text: 'Acknowledge', actionId: 'incident.acknowledge', value: incident.id, style: 'primary' as const }]),
    ...mitigations,
    ...(incident.commander === null ? [{ text: 'Assign me', actionId: 'incident.assign', value: incident.id }] : []),
  ];
};

/** At the end: what can wait. */
export const laterButtons = (incident: Incident): readonly Button[] => {
  const { id } = incident;
  const evidence: Button = { text: 'Collect evidence', actionId: 'evidence.collect', value: id };
  const postmortem: Button = { text: 'Draft postmortem', actionId: 'postmortem.draft', value: id };
  const ticket: readonly Button[] = isForProvider(incident)
    ? [{ text: 'Support ticket', actionId: 'triage.ticket', value: id }]
    : [];
  if (!isOpen(incident))
    return [{ text: 'Reopen', actionId: 'incident.reopen', value: id }, evidence, postmortem, ...ticket];
  return [
    { text: 'Run triage', actionId: 'incident.triage', value: id },
    ...(incident.acknowledgedBy === null
      ? []
      : [{ text: 'Un-acknowledge', actionId: 'incident.unacknowledge', value: id }]),
    resolveButton(incident),
    evidence,
    ...(incident.status === 'monitoring' ? [postmortem] : []),
    ...ticket,
  ];
};

/** What the provider has to mend, or may have to and can find by the ids of its answers. */
const isForProvider = ({ diagnosis }: Incident): boolean => {
  if (diagnosis?.verdict !== 'problem') return false;
  if (diagnosis.owner === 'theirs') return true;
  const mayBeTheirs = diagnosis.owner === 'between' || diagnosis.owner === 'unknown';
  return mayBeTheirs && diagnosis.probes.some(({ outcome, evidence }) => outcome === 'failed' && hasId(evidence));
};

const hasId = (evidence: CallEvidence = {}): boolean =>
  evidence.correlationId !== undefined || evidence.requestId !== undefined;

const resolveButton = (incident: Incident): Button => {
  const button: Button = { text: 'Resolve', actionId: 'incident.resolve', value: incident.id };
  return incident.totals.firing === 0 ? button : { ...button, confirm: confirmResolve(incident) };
};

const confirmResolve = (incident: Incident): Confirm => ({
  title: 'Resolve although alerts still fire?',
  text: `${stillFiring(incident, 150)}. The next new alert opens ${incident.id} again.`,
  yes: 'Resolve anyway',
  no: 'Keep it open',
});

/** `2 alerts still fire: API down, High latency`; names as many as fit. */
export const stillFiring = (incident: Incident, max: number): string => {
  const { firing } = incident.totals;
  const titles = incident.alerts.filter((alert) => alert.state === 'firing').map((alert) => quietText(alert.title, 60));
  const named = titles.slice(0, 3);
  while (named.length > 1 && named.join(', ').length > max) named.pop();
  const more = firing - named.length;
  const names = [...named, ...(more > 0 && named.length > 0 ? [`${more} more`] : [])].join(', ');
  return `${count(firing, 'alert')} still ${firing === 1 ? 'fires' : 'fire'}${names === '' ? '' : `: ${names}`}`;
};

const mitigationButton = (incident: Incident, kind: ButtonKind, first: boolean): Button => ({
  text: MITIGATION_NAMES[kind],
  actionId: `mitigation.${kind}`,
  value: incident.id,
  ...(first ? { style: 'primary' as const } : {}),
  confirm: confirmMitigation(incident, kind),
});

const confirmMitigation = (incident: Incident, kind: ButtonKind): Confirm => {
  const name = quietText(incident.service, 30);
  switch (kind) {
    case 'rotate-key':
      return {
        title: `Rotate the Mistral key of ${name}?`,
        text: `The standby key is tested first. Only if Mistral accepts it, it becomes the key that ${name} uses. The old key is kept: Undo brings it back. Afterwards no standby key is left until somebody stores one.`,
        yes: 'Rotate key',
      };
    case 'enable-fallback':
      return {
        title: `Let ${name} use its fallback?`,
        text: `Sets MISTRAL_FALLBACK=true for ${name}: it answers by its fallback and not by its usual models. This ends by itself, at a time that this message will then show, or earlier when somebody presses Undo.`,
        yes: 'Enable fallback',
      };
  }
};

export const undoButton = (incident: Incident, lease: MitigationSummary): Button => {
  const { title, text } = confirmUndo(quietText(incident.service, 30), lease.kind);
  return {
    text: 'Undo',
    actionId: 'mitigation.undo',
    value: lease.id,
    confirm: { title, text, yes: 'Undo', no: 'Leave as it is' },
  };
};

const confirmUndo = (name: string, kind: MitigationKind): { readonly title: string; readonly text: string } => {
  switch (kind) {
    case 'rotate-key':
      return {
        title: `Bring back the old key of ${name}?`,
        text: `The key from before the rotation becomes the key that ${name} uses. If Mistral refuses that key, ${name} fails again. Unless somebody stored another standby key since, the new key becomes the standby key again.`,
      };
    case 'enable-fallback':
      return {
        title: `End the fallback of ${name}?`,
        text: `${name} calls its usual models again at once. If those still fail, users of ${name} notice it.`,
      };
    case 'reduce-concurrency':
    case 'raise-timeout':
    case 'switch-model':
    case 'rollback':
      return {
        title: `Undo ${MITIGATION_NAMES[kind]} for ${name}?`,
        text: `What was set before "${MITIGATION_NAMES[kind]}" is set again for ${name} at once.`,
      };
  }
};
