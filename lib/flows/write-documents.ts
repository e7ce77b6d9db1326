import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { rememberJobs, wasApplied } from '../domain/applied-jobs.ts';
import type { Control } from '../domain/control.ts';
import type { Incident } from '../domain/incident.ts';
import { changeIncident } from '../domain/incident-change.ts';
import type { Lease } from '../domain/lease.ts';
import type { TimelineEntry } from '../domain/timeline.ts';
import { buildEvidence, buildManifest } from '../report/evidence.ts';
import { renderPostmortem } from '../report/postmortem.ts';
import { readAudit } from './audit.ts';
import { changeStored } from './change-incident.ts';
import { collectTelemetry } from './collect-telemetry.ts';
import { momentOf, type Parts } from './parts.ts';
import { placeKey } from './target-of.ts';

export type DocumentRequest = { readonly jobId: string; readonly incidentId: string; readonly actor: string };

/** Everything the incident left behind, allow-listed and redacted, as files, a manifest with hashes, and one archive. */
export const collectEvidence = async (parts: Parts, request: DocumentRequest): Promise<void> => {
  const known = await readAll(parts, request.incidentId);
  if (!known) return;
  const telemetry = await collectTelemetry(parts, known.incident);
  const collectedAt = new Date(parts.clock.nowMs()).toISOString();
  const { retentionDays } = parts.settings;
  const files = buildEvidence({
    ...known,
    configuration: parts.configuration,
    telemetry,
    collectedAt,
    retentionDays,
    secrets: await parts.heldSecrets(),
  });
  const { incident, audit } = known;
  const manifest = buildManifest({ incident, audit, files, telemetry, collectedAt, retentionDays });
  const all = [...files, manifest];
  for (const file of all) await parts.documents.put(`evidence/${request.incidentId}/${file.name}`, file.bytes);
  const where = await parts.documents.put(
    `evidence/${request.incidentId}.tar.gz`,
    await packGzip(request.incidentId, all, collectedAt),
  );
  await tellDocument(parts, request, {
    kind: 'evidence',
    text: `Evidence collected by ${nameOf(request.actor)}: ${all.length} files, ${where}`,
  });
};

/** The draft of the postmortem, as Markdown. Written again it replaces the draft, not a person's copy of it. */
export const draftPostmortem = async (parts: Parts, request: DocumentRequest): Promise<void> => {
  const known = await readAll(parts, request.incidentId);
  if (!known) return;
  const writtenAt = new Date(parts.clock.nowMs()).toISOString();
  const people = await readNames(parts, known);
  const text = renderPostmortem({ ...known, writtenAt, people, secrets: await parts.heldSecrets() });
  const where = await parts.documents.put(`postmortems/${request.incidentId}.md`, new TextEncoder().encode(text));
  await tellDocument(parts, request, {
    kind: 'postmortem',
    text: `Postmortem drafted by ${nameOf(request.actor)}: ${where}`,
  });
};

const nameOf = (actor: string): string => (actor.startsWith('U') || actor.startsWith('W') ? `<@${actor}>` : actor);

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

const readAll = async (parts: Parts, incidentId: string): Promise<Known | null> => {
  const stored = await parts.store.read('incident', incidentId);
  if (!stored) return null;
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

type Told = { readonly kind: 'evidence' | 'postmortem'; readonly text: string };

/** Told once per request, however often its job is delivered. */
const tellDocument = async (parts: Parts, request: DocumentRequest, { kind, text }: Told): Promise<void> => {
  await changeStored(parts, request.incidentId, (incident) => {
    if (wasApplied(incident, request.jobId)) return { answer: null };
    const happening = { kind, actor: request.actor, text, note: { kind: 'update' } } as const;
    const changed = changeIncident(incident, momentOf(parts), {}, [happening]);
    return { incident: { ...changed, applied: rememberJobs(changed, [request.jobId]) }, answer: null };
  });
};
