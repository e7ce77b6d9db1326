import type { Ticket } from '../domain/ticket.ts';
import { renderTicket } from '../report/support-ticket.ts';
import { tellOutside } from '../triage/outside-cause.ts';
import type { Parts } from './parts.ts';
import { placeKey } from './target-of.ts';
import { type DocumentRequest, nameOf, writeOnce } from './write-once.ts';

type TicketParts = Pick<
  Parts,
  'store' | 'documents' | 'clock' | 'ids' | 'nudge' | 'log' | 'heldSecrets' | 'unreadSecrets' | 'settings'
>;

/** What to send to the provider, as a document, and a word in the thread. Written again it is another document. */
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
    const ticket = await keepTicket(parts, request, text);
    const bytes = new TextEncoder().encode(ticket.text);
    const where = await parts.documents.put(`evidence/${incidentId}/${ticket.name}`, bytes);
    return `Support ticket written by ${nameOf(actor)}: ${where}`;
  });

/** Kept under a name of its own, from where evidence that is collected later takes it. */
const keepTicket = async (parts: TicketParts, request: DocumentRequest, text: string): Promise<Ticket> => {
  const { incidentId, jobId } = request;
  const known = await parts.store.list('ticket', `${incidentId}#`);
  const own = known.find(({ record }) => record.jobId === jobId);
  if (own !== undefined) return own.record;
  const count = known.length + 1;
  const name = count === 1 ? 'ticket.md' : `ticket-${count}.md`;
  const ticket = { name, text, writtenAt: new Date(parts.clock.nowMs()).toISOString(), jobId };
  const version = await parts.store.write('ticket', `${incidentId}#${String(count).padStart(4, '0')}`, ticket, 0);
  return version === null ? keepTicket(parts, request, text) : ticket;
};
