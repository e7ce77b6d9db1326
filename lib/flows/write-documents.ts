import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import type { Control } from '../domain/control.ts';
import type { Incident } from '../domain/incident.ts';
import type { Lease } from '../domain/lease.ts';
import type { TimelineEntry } from '../domain/timeline.ts';
import { buildEvidence, buildManifest } from '../report/evidence.ts';
import { renderPostmortem } from '../report/postmortem.ts';
import { readAudit } from './audit.ts';
import { collectTelemetry } from './collect-telemetry.ts';
import type { Parts } from './parts.ts';
import { placeKey } from './target-of.ts';
import { type DocumentRequest, nameOf, writeOnce } from './write-once.ts';

/** Everything the incident left behind, allow-listed and redacted, as files, a manifest with hashes, and one archive. */
export const collectEvidence = (parts: Parts, request: DocumentRequest): Promise<void> =>
  writeOnce(parts, request, { kind: 'evidence', what: 'The evidence', note: 'update' }, async () => {
    const known = await readAll(parts, request.incidentId);
    const telemetry = await collectTelemetry(parts, known.incident);
    const tickets = await parts.store.list('ticket', `${request.incidentId}#`);
    const collectedAt = new Date(parts.clock.nowMs()).toISOString();
    const { retentionDays } = parts.settings;
    const files = buildEvidence({
      ...known,
      configuration: parts.configuration,
      telemetry,
      tickets: tickets.map(({ record }) => record),
      collectedAt,
      retentionDays,
      secrets: await parts.heldSecrets(),
    });
    const { incident, audit } = known;
    const manifest = buildManifest({ incident, audit, files, telemetry, collectedAt, retentionDays });
    const all = [...files, manifest];
    for (const file of all) await parts.documents.put(`evidence/${request.incidentId}/${file.name}`, file.bytes);
    const archive = await packGzip(request.incidentId, all, collectedAt);
    const where = await parts.documents.put(`evidence/${request.incidentId}.tar.gz`, archive);
    return `Evidence collected by ${nameOf(request.actor)}: ${all.length} files, ${where}`;
  });

/** The draft of the postmortem, as Markdown. Written again it replaces the draft, not a person's copy of it. */
export const draftPostmortem = (parts: Parts, request: DocumentRequest): Promise<void> =>
  writeOnce(parts, request, { kind: 'postmortem', what: 'The postmortem', note: 'update' }, async () => {
    const known = await readAll(parts, request.incidentId);
    const writtenAt = new Date(parts.clock.nowMs()).toISOString();
    const people = await readNames(parts, known);
    const text = renderPostmortem({ ...known, writtenAt, people, secrets: await parts.heldSecrets() });
    const where = await parts.documents.put(`postmortems/${request.incidentId}.md`, new TextEncoder().encode(text));
    return `Postmortem drafted by ${nameOf(request.actor)}: ${where}`;
  });

/** Asked now and kept nowhere else: the evidence holds the ids. Whoever Slack does not tell stays an id. */
const readNames = async ({ people }: Pick<Parts, 'people'>, known: Known): Promise<ReadonlyMap<string, string>> => {
  const ids = [...new Set(peopleIn(known))].slice(0, PEOPLE_ASKED);
  const names = await Promise.all(
    ids.map(async (id) => [id, (await people.person(id).catch(() => null))?.name ?? ''] as const),
  );
  return new Map(names.filter(([, name]) => name.trim() !== ''));
};

const peopleIn = ({ incident, timeline, leases }: Known): readonly string[] =>
  [
    incident.commander,
    ...leases.flatMap(({ requestedBy, approvedBy, rejectedBy }) => [requestedBy, approvedBy, rejectedBy ?? null]),
    ...timeline.flatMap(({ actor, text }) => [actor, ...[...text.matchAll(/<@(\w+)/g)].map(([, id]) => id ?? null)]),
  ].flatMap((id) => (id !== null && /^[UW][A-Z0-9]+$/.test(id) ? [id] : []));

/** More people than ever take part, and few enough that Slack answers them all at once. */
const PEOPLE_ASKED = 40;

type Known = {
  readonly incident: Incident;
  readonly timeline: readonly TimelineEntry[];
  readonly audit: Awaited<ReturnType<typeof readAudit>>;
  readonly leases: readonly Lease[];
  readonly controls: readonly Control[];
};

const readAll = async (parts: Parts, incidentId: string): Promise<Known> => {
  const stored = await parts.store.read('incident', incidentId);
  if (!stored) throw new Error(`${incidentId} is gone`);
  const incident = stored.record;
  const leases = await Promise.all(incident.mitigations.map(({ id }) => parts.store.read('lease', id)));
  const control = await parts.store.read('control', placeKey({ ...incident, name: incident.service }));
  return {
    incident,
    timeline: await readTimeline(parts, incident),
    audit: await readAudit(parts, incidentId),
    leases: leases.flatMap((lease) => (lease ? [lease.record] : [])),
    controls: control ? [control.record] : [],
  };
};

/** Filed entries and those still waiting in the outbox, each once, in order. */
export const readTimeline = async (
  parts: Pick<Parts, 'store'>,
  incident: Incident,
): Promise<readonly TimelineEntry[]> => {
  const filed = (await parts.store.list('timeline', `${incident.id}#`)).map(({ record }) => record);
  const ids = new Set(filed.map((entry) => entry.id));
  return [...filed, ...incident.outbox.unfiled.filter((entry) => !ids.has(entry.id))].sort((one, other) =>
    one.id.localeCompare(other.id),
  );
};

const packGzip = async (
  incidentId: string,
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  at: string,
): Promise<Uint8Array> =>
  gzipSync(
    await packTar(
      files.map(({ name, bytes }) => ({
        header: { name: `${incidentId}/${name}`, size: bytes.length, mtime: new Date(at) },
        body: bytes,
      })),
    ),
  );
