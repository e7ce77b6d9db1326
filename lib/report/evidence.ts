import { createHash } from 'node:crypto';
import type { Control } from '../domain/control.ts';
import type { Incident } from '../domain/incident.ts';
import type { Lease } from '../domain/lease.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { AuditEntry, TimelineEntry } from '../domain/timeline.ts';
import { parseUtc } from '../domain/utc.ts';
import { auditHead, verifyAudit } from './audit.ts';
import {
  pickAlerts,
  pickAudit,
  pickConfiguration,
  pickControl,
  pickDiagnosis,
  pickIncident,
  pickLease,
  pickProbes,
  pickTimeline,
} from './evidence-fields.ts';
import { redact } from './redact.ts';
import { missingTelemetry, type TelemetryEvidence, telemetryFiles } from './telemetry-evidence.ts';
import { orderTimeline } from './timeline.ts';

export type EvidenceFile = {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Where its content comes from, in words. */
  readonly source: string;
};

type EvidenceInput = {
  readonly incident: Incident;
  readonly timeline: readonly TimelineEntry[];
  readonly audit: readonly AuditEntry[];
  readonly leases: readonly Lease[];
  readonly controls: readonly Control[];
  /** Without secrets; members that are not on the list of `evidence-fields.ts` are named, their values left out. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly telemetry: TelemetryEvidence;
  /** What was written for the provider, oldest first. */
  readonly tickets?: readonly Ticket[];
  readonly collectedAt: string;
  readonly retentionDays: number;
  /** Every secret value that could have slipped in. */
  readonly secrets: readonly string[];
};

const ALERTS_SOURCE =
  'stored incident: alerts as the incident keeps them: title, state, counts, times; labels and annotations are not kept';

/** Everything an incident left behind, as files: allow-listed members only, every text redacted. */
export const buildEvidence = (input: EvidenceInput): readonly EvidenceFile[] => {
  const { incident, audit, secrets, telemetry } = input;
  const file = (name: string, source: string, content: unknown): EvidenceFile => ({
    name,
    bytes: toBytes(redactAll(content, secrets)),
    source,
  });
  return [
    file('incident.json', 'stored incident', pickIncident(incident, input.timeline)),
    file('alerts.json', ALERTS_SOURCE, pickAlerts(incident)),
    file('diagnosis.json', 'stored incident: last diagnosis', pickDiagnosis(incident.diagnosis)),
    file('probes.json', 'answers of the probes of the last diagnosis', pickProbes(incident.diagnosis)),
    file('timeline.json', 'stored timeline', orderTimeline(input.timeline).map(pickTimeline)),
    file('mitigations.json', 'stored leases', input.leases.map(pickLease)),
    file('audit.json', 'stored audit, hash-chained', {
      head: auditHead(audit),
      check: verifyAudit(audit),
      entries: audit.map(pickAudit),
    }),
    file('controls.json', 'stored controls', input.controls.map(pickControl)),
    file('configuration.json', 'configuration at the time of collection', pickConfiguration(input.configuration)),
    ...telemetryFiles(telemetry).map(({ name, source, content }) => file(name, source, content)),
    ...('value' in telemetry.picture
      ? [{ name: 'metrics.png', bytes: telemetry.picture.value, source: 'the same metrics, drawn by their service' }]
      : []),
    ...(input.tickets ?? []).map(({ name, text, writtenAt }) => ({
      name,
      bytes: new TextEncoder().encode(redact(text, secrets)),
      source: `support ticket, as it was written for the provider at ${writtenAt}`,
    })),
  ];
};

type ManifestInput = {
  readonly incident: Incident;
  readonly audit: readonly AuditEntry[];
  readonly files: readonly EvidenceFile[];
  readonly telemetry: TelemetryEvidence;
  readonly collectedAt: string;
  readonly retentionDays: number;
};

/** What never is in the archive and why: an empty place would look as if there had been nothing. */
const NOT_COLLECTED = [
  {
    what: 'deployments',
    why: 'no list of them is kept; what the probe of them said is in probes.json, where it was asked',
  },
  {
    what: 'Slack thread',
    why: 'it is not read back; what the bot told there is in timeline.json',
  },
  { what: 'prompts and completions', why: 'never collected' },
] as const;

const NO_TICKET = { what: 'support ticket', why: 'none was written before the collection' } as const;

/** The list of the files with their hashes, by which a later reader sees whether one was changed. */
export const buildManifest = (input: ManifestInput): EvidenceFile => {
  const { incident, audit, files, collectedAt } = input;
  const retainUntil = addDays(collectedAt, input.retentionDays);
  const manifest = {
    version: 1,
    incident: incident.id,
    drill: incident.drill,
    collectedAt,
    retainUntil,
    files: files.map(({ name, bytes, source }) => ({
      name,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
      source,
      collectedAt,
      retainUntil,
    })),
    audit: { head: auditHead(audit), check: verifyAudit(audit) },
    notCollected: [
      ...missingTelemetry(input.telemetry),
      ...(files.some(({ name }) => name.startsWith('ticket')) ? [] : [NO_TICKET]),
      ...NOT_COLLECTED,
    ],
  };
  return { name: 'manifest.json', bytes: toBytes(manifest), source: 'made from the other files' };
};

const DAY_MS = 86_400_000;

const addDays = (iso: string, days: number): string => {
  const date = new Date((parseUtc(iso) ?? Number.NaN) + days * DAY_MS);
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString();
};

const toBytes = (content: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(content, null, 2)}\n`);

/** Every text in it, names of members too. */
const redactAll = (content: unknown, secrets: readonly string[]): unknown => {
  if (typeof content === 'string') return redact(content, secrets);
  if (Array.isArray(content)) return content.map((item: unknown) => redactAll(item, secrets));
  if (typeof content !== 'object' || content === null) return content;
  return Object.fromEntries(
    Object.entries(content).map(([name, value]: [string, unknown]) => [
      redact(name, secrets),
      redactAll(value, secrets),
    ]),
  );
};
