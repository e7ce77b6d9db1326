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
    const where = await parts.documents.put(`evidence/${incidentId}/ticket.md`, new TextEncoder().encode(text));
    return `Support ticket written by ${nameOf(actor)}: ${where}`;
  });
