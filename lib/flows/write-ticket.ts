import { rememberJobs, wasApplied } from '../domain/applied-jobs.ts';
import { changeIncident } from '../domain/incident-change.ts';
import { renderTicket } from '../report/support-ticket.ts';
import { changeStored } from './change-incident.ts';
import { momentOf, type Parts } from './parts.ts';
import { placeKey } from './target-of.ts';
import type { DocumentRequest } from './write-documents.ts';

/** What to send to the provider, as a document, and a word in the thread: once per request, however often its job is delivered. */
export const writeTicket = async (
  parts: Pick<Parts, 'store' | 'documents' | 'clock' | 'ids' | 'nudge' | 'heldSecrets'>,
  { jobId, incidentId, actor }: DocumentRequest,
): Promise<void> => {
  const incident = (await parts.store.read('incident', incidentId))?.record;
  if (incident === undefined) return;
  const last = await parts.store.read('diagnosis', placeKey({ ...incident, name: incident.service }));
  const kept = incident.diagnosis;
  const newer = last !== null && last.record.at > (kept?.at ?? incident.createdAt) ? [last.record] : [];
  const text = renderTicket({
    incident,
    diagnoses: [...(kept === null ? [] : [kept]), ...newer],
    writtenAt: new Date(parts.clock.nowMs()).toISOString(),
    secrets: await parts.heldSecrets(),
  });
  const where = await parts.documents.put(`evidence/${incidentId}/ticket.md`, new TextEncoder().encode(text));
  await changeStored(parts, incidentId, (present) => {
    if (wasApplied(present, jobId)) return { answer: null };
    const told = `Support ticket written by <@${actor}>: ${where}`;
    const happening = { kind: 'evidence', actor, text: told, note: { kind: 'ticket' } } as const;
    const changed = changeIncident(present, momentOf(parts), {}, [happening]);
    return { incident: { ...changed, applied: rememberJobs(changed, [jobId]) }, answer: null };
  });
};
