import type { Incident, Note, NoteKind, Timer } from './incident.ts';
import { clip } from './plain-text.ts';
import type { TimelineEntry } from './timeline.ts';

/** When something happens: handed in, so that a decision can be replayed. */
export type Moment = { readonly nowMs: number; readonly at: string; readonly newId: () => string };

export type Happening = {
  readonly kind: TimelineEntry['kind'];
  readonly actor: string;
  readonly text: string;
  readonly refs?: readonly string[];
  /** Also told in the thread. */
  readonly note?: { readonly kind: NoteKind; readonly refId?: string | null };
};

/** While Slack is down the latest notes wait; older ones stay in the timeline, so that the incident keeps its bound. */
const NOTES_KEPT = 40;
const NOTES_BYTES = 6_000;
/** More of a sentence is not shown in a thread. */
const NOTE_CHARS = 1_500;
/** A timeline entry has room for this many characters, whatever they are. */
const ENTRY_CHARS = 2_000;

/** The actor of everything that no person asked for. */
export const BOT = 'mistral-triage';

/**
 * The one way an incident changes so that people see it: a patch of facts, what happened, and the outbox flag, in one value.
 * The root message becomes due, the timeline entry is kept until it is filed, the note until it is told.
 */
export const changeIncident = (
  incident: Incident,
  moment: Moment,
  patch: Partial<Incident>,
  happenings: readonly Happening[],
): Incident => {
  const entries = happenings.map((happening) => toEntry(happening, moment));
  const notes = happenings.flatMap((happening, index): readonly Note[] => {
    const entry = entries[index];
    if (!happening.note || !entry) return [];
    return [
      {
        id: entry.id,
        kind: happening.note.kind,
        at: moment.at,
        text: clip(happening.text, NOTE_CHARS),
        refId: happening.note.refId ?? null,
      },
    ];
  });
  const next = { ...incident, ...patch };
  return {
    ...next,
    updatedAt: moment.at,
    revision: incident.revision + 1,
    outbox: {
      notes: boundNotes([...next.outbox.notes, ...notes]),
      unfiled: [...next.outbox.unfiled, ...entries],
      notBeforeMs: notBeforeOf(incident, next, moment, happenings),
    },
  };
};

/** What was put off stays so, else every alert would ask a Slack that is down: unless a person waits for it, or it became a P1. */
const notBeforeOf = (before: Incident, next: Incident, { nowMs }: Moment, happenings: readonly Happening[]): number => {
  const { notBeforeMs } = next.outbox;
  const isUrgent =
    (next.severity === 'P1' && before.severity !== 'P1') || happenings.some(({ actor }) => actor !== BOT);
  return notBeforeMs === null || isUrgent ? Math.min(notBeforeMs ?? nowMs, nowMs) : notBeforeMs;
};

/** What goes first when there is no room: never what somebody must answer, and never the newest. */
const DROPPED_IN_TURN: readonly NoteKind[] = ['update', 'diagnosis', 'ticket', 'resolution'];

const boundNotes = (notes: readonly Note[]): readonly Note[] => {
  const kept = [...notes];
  const isTooMuch = (): boolean =>
    kept.length > NOTES_KEPT || (kept.length > 1 && Buffer.byteLength(JSON.stringify(kept)) > NOTES_BYTES);
  while (isTooMuch()) {
    const place = DROPPED_IN_TURN.map((kind) =>
      kept.findIndex((note, nth) => note.kind === kind && nth < kept.length - 1),
    );
    const first = place.find((at) => at >= 0);
    if (first === undefined) break;
    kept.splice(first, 1);
  }
  return kept;
};

const toEntry = (happening: Happening, moment: Moment): TimelineEntry => ({
  id: moment.newId(),
  at: moment.at,
  kind: happening.kind,
  actor: happening.actor,
  text: clip(happening.text, ENTRY_CHARS),
  refs: happening.refs ?? [],
});

/** Replaces the timer of this kind and reference; null takes it away. */
export const setTimer = (
  timers: readonly Timer[],
  timer: Omit<Timer, 'dueMs'> & { readonly dueMs: number | null },
): readonly Timer[] => {
  const others = timers.filter((other) => other.kind !== timer.kind || other.refId !== timer.refId);
  return timer.dueMs === null ? others : [...others, { ...timer, dueMs: timer.dueMs }];
};

/** Far enough to be never due, so that an open incident stays in the sparse index. */
export const NEVER_MS = 9_007_199_254_740_991;

/** When the incident next needs somebody: its outbox, its timers, or (open) never; null takes it out of the index. */
export const dueOf = (incident: Incident): number | null => {
  const due = [
    ...incident.timers.map((timer) => timer.dueMs),
    ...(incident.outbox.notBeforeMs === null ? [] : [incident.outbox.notBeforeMs]),
  ];
  if (due.length > 0) return Math.min(...due);
  return incident.status === 'resolved' ? null : NEVER_MS;
};
