import { type EvidenceFile, listLater, ticketFile } from '../report/evidence.ts';
import { renderTicket } from '../report/support-ticket.ts';
import { tellOutside } from '../triage/outside-cause.ts';
import type { Parts } from './parts.ts';
import { placeKey } from './target-of.ts';
import { type DocumentRequest, nameOf, writeOnce } from './write-once.ts';

type TicketParts = Pick<
  Parts,
  'store' | 'documents' | 'clock' | 'ids' | 'nudge' | 'log' | 'heldSecrets' | 'unreadSecrets' | 'settings'
>;

/** What to send to the provider, as a document, and a word in the thread. */
export const writeTicket = (parts: TicketParts, request: DocumentRequest): Promise<void> =>
  writeOnce(parts, request, { kind: 'evidence', what: 'The support ticket', note: 'ticket' }, async () => {
    const { incidentId, actor } = request;
    const incident = (await parts.store.read('incident', incidentId))?.record;
    if (incident === undefined) throw new Error(`${incidentId} is gone`);
    const last = await parts.store.read('diagnosis', placeKey({ ...incident, name: incident.service }));
    const kept = incident.diagnosis;
    const newer = last !== null && last.record.at > (kept?.at ?? incident.createdAt) ? [last.record] : [];
    const text = renderTicket({
      incident,
      diagnoses: [...(kept === null ? [] : [kept]), ...newer],
      tellCause: tellOutside,
      writtenAt: new Date(parts.clock.nowMs()).toISOString(),
      secrets: await parts.heldSecrets(),
    });
    const file = ticketFile(text);
    const where = await parts.documents.put(`evidence/${incidentId}/${file.name}`, file.bytes);
    const isListed = await listTicket(parts, incidentId, file);
    const beside = isListed
      ? '. It is in the list of the evidence; collect evidence again to have it in the archive'
      : '';
    return `Support ticket written by ${nameOf(actor)}: ${where}${beside}`;
  });

/** Where evidence was collected before, its list tells of this ticket and not of an older one. The archive stays as it was sealed. */
const listTicket = async (parts: TicketParts, incidentId: string, file: EvidenceFile): Promise<boolean> => {
  const name = `evidence/${incidentId}/manifest.json`;
  const listed = await parts.documents.get(name);
  if (listed === null) return false;
  const collectedAt = new Date(parts.clock.nowMs()).toISOString();
  const manifest = listLater(listed, file, { collectedAt, retentionDays: parts.settings.retentionDays });
  if (manifest === null) return false;
  await parts.documents.put(name, manifest);
  return true;
};
