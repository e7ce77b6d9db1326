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

/** So often somebody else may write a ticket of the same incident first; then the job comes again. */
const MOST_TRIES = 6;

/** Kept under a name of its own, from where evidence that is collected later takes it. */
const keepTicket = async (
  parts: TicketParts,
  { incidentId, jobId }: DocumentRequest,
  text: string,
): Promise<Ticket> => {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const known = await parts.store.list('ticket', `${incidentId}#`);
    const own = known.find(({ record }) => record.jobId === jobId);
    if (own !== undefined) return own.record;
    // Not how many there are: a store may have forgotten the first.
    const nth = 1 + Math.max(0, ...known.map(({ key }) => Number(key.slice(incidentId.length + 1))));
    const name = nth === 1 ? 'ticket.md' : `ticket-${nth}.md`;
    const ticket = { name, text, writtenAt: new Date(parts.clock.nowMs()).toISOString(), jobId };
    const version = await parts.store.write('ticket', `${incidentId}#${String(nth).padStart(4, '0')}`, ticket, 0);
    if (version !== null) return ticket;
  }
  throw new Error('others write tickets of the same incident at this moment');
};
