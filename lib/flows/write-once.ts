import { rememberJobs, wasApplied } from '../domain/applied-jobs.ts';
import type { Note } from '../domain/incident.ts';
import { changeIncident } from '../domain/incident-change.ts';
import { plainText } from '../domain/plain-text.ts';
import { isFinal } from '../ports/final-failure.ts';
import { changeStored } from './change-incident.ts';
import { momentOf, type Parts } from './parts.ts';

export type DocumentRequest = {
  readonly jobId: string;
  readonly incidentId: string;
  readonly actor: string;
  /** 1 on the first delivery of its job. */
  readonly attempt: number;
};

/** A person waits: a quarter of a minute on Lambda. What comes of it may cost each time, a search in logs for one. */
const MOST_ATTEMPTS = 6;

type Kind = {
  readonly kind: 'evidence' | 'postmortem';
  /** What it is, as a sentence about it begins. */
  readonly what: string;
  readonly note: Note['kind'];
};

type OnceParts = Pick<Parts, 'store' | 'clock' | 'ids' | 'nudge' | 'log' | 'settings' | 'unreadSecrets'>;

/**
 * Writes a document and tells it in the thread, once per request however often its job is delivered. It waits until every key is known that
 * must not stand in it. Where that, or the writing, does not come about, the thread says so instead: the person asks again.
 */
export const writeOnce = async (
  parts: OnceParts,
  request: DocumentRequest,
  kind: Kind,
  write: () => Promise<string>,
): Promise<void> => {
  const stored = await parts.store.read('incident', request.incidentId);
  if (!stored || wasApplied(stored.record, request.jobId)) return;
  const written = await tryWrite(parts, request, kind, write);
  await changeStored(parts, request.incidentId, (incident) => {
    if (wasApplied(incident, request.jobId)) return { answer: null };
    const note = { kind: written.done ? kind.note : 'update' } as const;
    const happening = { kind: kind.kind, actor: request.actor, text: written.text, note };
    const changed = changeIncident(incident, momentOf(parts), {}, [happening]);
    return { incident: { ...changed, applied: rememberJobs(changed, [request.jobId]) }, answer: null };
  });
};

const tryWrite = async (
  parts: OnceParts,
  { attempt, incidentId }: DocumentRequest,
  { what }: Kind,
  write: () => Promise<string>,
): Promise<{ readonly done: boolean; readonly text: string }> => {
  try {
    const unread = await parts.unreadSecrets();
    if (unread.length > 0)
      throw new Error(`the keys in ${unread.join(', ')} cannot be read, so they could not be blacked out`);
    return { done: true, text: await write() };
  } catch (error) {
    if (!isFinal(error) && attempt < MOST_ATTEMPTS) throw error;
    const why = error instanceof Error ? plainText(error.message, 200) : 'unknown';
    parts.log('document.not-written', { incident: incidentId, what, why });
    return { done: false, text: `${what} was not written: ${why}. Ask for it again when that is fixed.` };
  }
};

export const nameOf = (actor: string): string =>
  actor.startsWith('U') || actor.startsWith('W') ? `<@${actor}>` : actor;
