import { renderApproval } from '../../templates/approval.ts';
import { renderDiagnosisNote } from '../../templates/diagnosis.ts';
import { renderIncident } from '../../templates/incident.ts';
import { renderResolution } from '../../templates/resolution.ts';
import { renderTicketNote } from '../../templates/ticket.ts';
import { renderUpdate } from '../../templates/update.ts';
import type { Delivery } from '../domain/delivery.ts';
import type { Incident, Note } from '../domain/incident.ts';
import { setTimer } from '../domain/incident-change.ts';
import type { ChatMessage } from '../domain/message.ts';
import { changeStored } from './change-incident.ts';
import { fileTimeline } from './file-timeline.ts';
import type { Parts } from './parts.ts';
import { removeDuplicates, SWEEP_AFTER_MS } from './remove-duplicates.ts';
import { deliveryKey, editPart, type Part, type SendParts, sendPart, type Told } from './send-part.ts';

type DeliverParts = SendParts & Pick<Parts, 'nudge'>;

/** null when all has been told; else when to try again and why. */
export type Rest = { readonly waitMs: number; readonly failure: string } | null;

/** Tells Slack what it does not show yet: the root message first, then the thread in order, then files the timeline. */
export const deliverMessage = async (parts: DeliverParts, incidentId: string): Promise<Rest> => {
  const stored = await parts.store.read('incident', incidentId);
  const incident = stored?.record;
  if (!incident || incident.outbox.notBeforeMs === null) return null;
  const root = await tellPart(parts, rootPart(incident));
  if (!root.told) return postpone(parts, incident, root, { revision: 0, toldNotes: [] });
  if (root.resent) await planSweep(parts, root.delivery);
  const toldNotes: string[] = [];
  for (const note of incident.outbox.notes) {
    const part = await notePart(parts, incident, note, { channel: root.delivery.channel, ts: root.delivery.ts });
    const told = await tellPart(parts, part);
    if (!told.told) return postpone(parts, incident, told, { revision: root.delivery.toldRevision, toldNotes });
    if (told.resent) await planSweep(parts, told.delivery);
    // Found in Slack after a crash: it may show an older state, and stays due until it is edited.
    if (told.delivery.toldRevision >= part.revision) toldNotes.push(note.id);
  }
  await settle(parts, incident, { revision: root.delivery.toldRevision, toldNotes, retryAtMs: null });
  return null;
};

/** Posts it, or brings what stands in Slack to the part's revision. */
const tellPart = async (parts: DeliverParts, part: Part): Promise<Told> => {
  const stored = await parts.store.read('delivery', deliveryKey(part));
  if (!stored?.record.ts) return sendPart(parts, part);
  if (stored.record.toldRevision >= part.revision) return { told: true, delivery: stored.record, resent: false };
  return editPart(parts, part, stored);
};

const rootMark = (incidentId: string) => ({
  eventType: 'mistral_incident',
  payload: { incident_id: incidentId },
});

const noteMark = (incidentId: string, noteId: string) => ({
  eventType: 'mistral_incident_note',
  payload: { incident_id: incidentId, note_id: noteId },
});

const rootPart = (incident: Incident): Part => ({
  incidentId: incident.id,
  part: 'root',
  channel: incident.channel,
  paceKey: incident.channel,
  threadTs: null,
  revision: incident.revision,
  awaitedSince: incident.createdAt,
  render: () => renderIncident(incident),
  mark: rootMark(incident.id),
});

const notePart = async (
  parts: DeliverParts,
  incident: Incident,
  note: Note,
  root: { readonly channel: string; readonly ts: string | null },
): Promise<Part> => {
  const { key, revision, message } = await renderNote(parts, incident, note);
  return {
    incidentId: incident.id,
    part: `note:${key}`,
    channel: root.channel,
    paceKey: incident.channel,
    threadTs: root.ts,
    revision,
    render: () => message,
    mark: noteMark(incident.id, key),
  };
};

/** `key`: notes of one key are one message, edited as its revision grows. */
type RenderedNote = { readonly key: string; readonly revision: number; readonly message: ChatMessage };

const renderNote = async (parts: DeliverParts, incident: Incident, note: Note): Promise<RenderedNote> => {
  switch (note.kind) {
    case 'diagnosis':
      return { key: note.id, revision: 1, message: renderDiagnosisNote(incident, note) };
    case 'approval': {
      const lease = note.refId === null ? null : await parts.store.read('lease', note.refId);
      if (lease === null) return { key: note.id, revision: 1, message: renderUpdate(incident, note) };
      const message = renderApproval(incident, lease.record);
      return { key: `approval-${lease.record.id}`, revision: lease.version, message };
    }
    case 'update':
      return { key: note.id, revision: 1, message: renderUpdate(incident, note) };
    case 'ticket':
      return { key: note.id, revision: 1, message: renderTicketNote(incident, note) };
    case 'resolution':
      return { key: note.id, revision: 1, message: renderResolution(incident, note) };
  }
};

type Done = { readonly revision: number; readonly toldNotes: readonly string[] };

/** Files what happened, then forgets what was told; what came in meanwhile stays due, and what failed until `retryAtMs`. */
const settle = async (
  parts: DeliverParts,
  told: Incident,
  { revision, toldNotes, retryAtMs }: Done & { readonly retryAtMs: number | null },
): Promise<void> => {
  const filed = await fileTimeline(parts, told);
  await changeStored({ ...parts, nudge: () => undefined }, told.id, (incident) => {
    const notes = incident.outbox.notes.filter((note) => !toldNotes.includes(note.id));
    const unfiled = incident.outbox.unfiled.filter((entry) => !filed.has(entry.id));
    const allTold = notes.length === 0 && unfiled.length === 0 && revision >= incident.revision;
    const isSame = !allTold && filed.size === 0 && toldNotes.length === 0 && retryAtMs === null;
    if (isSame) return { answer: null };
    const outbox = { notes, unfiled, notBeforeMs: allTold ? null : (retryAtMs ?? incident.outbox.notBeforeMs) };
    return { incident: { ...incident, outbox }, answer: null };
  });
};

/**
 * Slack being down is no failure of ours: the outbox keeps the message with a time before which nobody tries. Waiting for the turn
 * needs no such time. The timeline is filed all the same.
 */
const postpone = async (
  parts: DeliverParts,
  incident: Incident,
  { failure, waitMs }: Exclude<Told, { told: true }>,
  done: Done,
): Promise<Rest> => {
  const isTurn = failure === 'paced' || failure === 'busy';
  await settle(parts, incident, { ...done, retryAtMs: isTurn ? null : parts.clock.nowMs() + waitMs });
  return { waitMs, failure };
};

const planSweep = async (parts: DeliverParts, { incidentId, part }: Delivery): Promise<void> => {
  const dueMs = parts.clock.nowMs() + SWEEP_AFTER_MS;
  await setSweep(parts, incidentId, { part, dueMs });
};

type Sweep = { readonly part: string; readonly dueMs: number | null };

const setSweep = async (parts: DeliverParts, incidentId: string, { part, dueMs }: Sweep): Promise<void> => {
  const refId = part === 'root' ? null : part;
  await changeStored(parts, incidentId, (incident) => ({
    incident: { ...incident, timers: setTimer(incident.timers, { kind: 'sweep-duplicates', dueMs, refId }) },
    answer: null,
  }));
};

/**
 * Deletes messages that show the same as the recorded one, should one have slipped through: root messages, or with a part's name
 * copies of that note in the thread. What is not told yet, or Slack being down, puts it off.
 */
export const sweepDuplicates = async (parts: DeliverParts, incidentId: string, part = 'root'): Promise<void> => {
  const root = await parts.store.read('delivery', deliveryKey({ incidentId, part: 'root' }));
  const told = part === 'root' ? root : await parts.store.read('delivery', deliveryKey({ incidentId, part }));
  const isSwept = root?.record.ts && told?.record.ts && (await removeOthers(parts, told.record, root.record.ts));
  const dueMs = isSwept ? null : parts.clock.nowMs() + SWEEP_AFTER_MS;
  await setSweep(parts, incidentId, { part, dueMs });
};

/** False when Slack did not let us look or delete. */
const removeOthers = (parts: DeliverParts, told: Delivery, rootTs: string): Promise<boolean> => {
  const { incidentId, part } = told;
  const isRoot = part === 'root';
  const mark = isRoot ? rootMark(incidentId) : noteMark(incidentId, part.slice('note:'.length));
  return removeDuplicates(parts, told, { threadTs: isRoot ? null : rootTs, mark });
};
