import type { Control } from '../domain/control.ts';
import type { AuditEntry, TimelineEntry } from '../domain/timeline.ts';
import { nextAuditEntry } from '../report/audit.ts';
import { buildEvidence, buildManifest } from '../report/evidence.ts';
import { renderPostmortem } from '../report/postmortem.ts';
import { renderTicket } from '../report/support-ticket.ts';
import { tellOutside } from '../triage/outside-cause.ts';
import { SAMPLE_RESOLVED } from './preview-messages.ts';
import { LEAD, ON_CALL, ROTATION_LEASE, SAMPLE_INCIDENT } from './preview-samples.ts';
import { PROVIDER_DIAGNOSIS, PROVIDER_INCIDENT } from './preview-triage.ts';

const BOT = 'mistral-triage';
const entry = (minute: string, kind: TimelineEntry['kind'], actor: string, text: string): TimelineEntry => ({
  id: `01JD-${minute.replaceAll(':', '')}`,
  at: `2026-11-20T03:${minute}.000Z`,
  kind,
  actor,
  text,
  refs: kind === 'mitigation' ? [`lease ${ROTATION_LEASE.id}`] : [],
});

const TIMELINE: readonly TimelineEntry[] = [
  entry('12:07', 'opened', BOT, 'Alert firing: MistralAuthenticationFailure'),
  entry(
    '12:19',
    'diagnosed',
    BOT,
    'Mistral does not accept our key: it is revoked, expired, mistyped or for another host.',
  ),
  entry('13:30', 'acknowledged', ON_CALL, `Acknowledged by <@${ON_CALL}>.`),
  entry('13:41', 'assigned', ON_CALL, `<@${ON_CALL}> is the commander.`),
  entry('14:02', 'mitigation', ON_CALL, `Rotate key asked for by <@${ON_CALL}>.`),
  entry('14:06', 'mitigation', BOT, 'Rotate key: The new key works. No standby key is left.'),
  entry('16:12', 'status-changed', BOT, '3 good checks in a row: monitoring.'),
  entry('44:10', 'status-changed', LEAD, `Resolved by <@${LEAD}>: a person decided it.`),
];

const STEPS: readonly (readonly [string, AuditEntry['step'], string, string])[] = [
  ['14:02', 'requested', ON_CALL, 'Rotate key'],
  ['14:03', 'intent', ON_CALL, 'Rotate key for checkout-assistant: from=v-current, to=v-standby'],
  ['14:06', 'outcome', ON_CALL, 'active: The new key works. No standby key is left.'],
];

const audit = (): readonly AuditEntry[] => {
  const entries: AuditEntry[] = [];
  for (const [minute, step, actor, text] of STEPS) {
    const at = `2026-11-20T03:${minute}.000Z`;
    const fields = { incidentId: SAMPLE_INCIDENT.id, leaseId: ROTATION_LEASE.id, at, step, actor, text };
    entries.push(nextAuditEntry(entries.at(-1) ?? null, fields));
  }
  return entries;
};

const CONTROL: Control = {
  service: SAMPLE_INCIDENT.service,
  environment: SAMPLE_INCIDENT.environment,
  base: { fallback: false, maxConcurrency: 8 },
  leases: [],
  version: 3,
  published: null,
  foreignShown: null,
};

const PEOPLE: ReadonlyMap<string, string> = new Map([
  [ON_CALL, 'Maya'],
  [LEAD, 'Sam'],
]);

const NONE = { why: 'not configured: no metrics source' };
const TELEMETRY = {
  from: '2026-11-20T01:12:00.000Z',
  to: '2026-11-20T03:50:00.000Z',
  metrics: NONE,
  picture: NONE,
  logs: { why: 'not configured: no log source' },
};

const WRITTEN_AT = '2026-11-20T03:50:00.000Z';

/** Every document of the sample story, by file name. */
export const sampleDocuments = (): Readonly<Record<string, string>> => {
  const incident = SAMPLE_RESOLVED;
  const known = { incident, timeline: TIMELINE, audit: audit(), leases: [ROTATION_LEASE] };
  const kept = { collectedAt: WRITTEN_AT, retentionDays: 365, telemetry: TELEMETRY };
  const files = buildEvidence({
    ...known,
    ...kept,
    controls: [CONTROL],
    configuration: {
      mistral: 'embedded',
      services: [{ name: incident.service, models: ['mistral-small-latest'] }],
      quietMs: 900_000,
    },
    secrets: [],
  });
  const manifest = buildManifest({ incident, audit: known.audit, files, ...kept });
  const texts = [...files, manifest].map(({ name, bytes }) => [name, new TextDecoder().decode(bytes)] as const);
  return {
    'ticket.md': renderTicket({
      incident: PROVIDER_INCIDENT,
      diagnoses: [PROVIDER_DIAGNOSIS],
      tellCause: tellOutside,
      writtenAt: WRITTEN_AT,
      secrets: [],
    }),
    'postmortem.md': renderPostmortem({ ...known, people: PEOPLE, writtenAt: WRITTEN_AT }),
    ...Object.fromEntries(texts),
  };
};
