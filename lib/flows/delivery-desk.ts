import type { Incident } from '../domain/incident.ts';
import type { Parts } from './parts.ts';

export type DeskItem = Pick<Incident, 'id' | 'channel' | 'severity' | 'createdAt'>;

/**
 * What the deliverers of one process know of who is to be told, so that a change costs one look and not one at everything that waits.
 * Only a hint: the store is the truth, a desk that is lost costs one look at all that is due.
 */
export type Desk = {
  /** These changed: they are looked at next, also when they were told to wait. */
  readonly nudge: (incidentIds: readonly string[]) => void;
  /** Finds what became due: nudged, done waiting, or (at most every `scanMs`) written by another process. */
  readonly look: (parts: LookParts, scanMs: number) => Promise<void>;
  /** The most severe, then the oldest, of a channel that nobody is telling anything now; null when there is none. */
  readonly take: () => DeskItem | null;
  /** Every taken item comes back. `waitMs`: when it may be tried again; null when it was told. */
  readonly release: (item: DeskItem, nowMs: number, waitMs: number | null) => void;
  /** How long there is nothing to do, at most `idleMs`. */
  readonly restMs: (nowMs: number, idleMs: number) => number;
  /** Incidents that are still to be told, as far as this desk knows. */
  readonly waiting: () => readonly string[];
  /** From now on nothing is taken. */
  readonly close: () => void;
};

type LookParts = Pick<Parts, 'store' | 'clock'>;

/** Looked at in one scan: more than a storm opens in a minute. */
const SCAN = 500;
/** Nobody is tried again at once. */
const SHORTEST_WAIT_MS = 20;
/** Another process may change what waits; it is looked at again after this long at the latest. */
const LONGEST_WAIT_MS = 2_000;

/** A desk that does not scan the store knows of nobody but the nudged. */
export const openDesk = ({ scansStore = true }: { readonly scansStore?: boolean } = {}): Desk => {
  const fresh = new Set<string>();
  const queued = new Map<string, DeskItem>();
  const taken = new Set<string>();
  const tried = new Set<string>();
  const busyChannels = new Set<string>();
  const waiting = new Map<string, number>();
  let scannedMs = scansStore ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  let looking: Promise<void> | null = null;
  let isOpen = true;

  const lookAt = async ({ store, clock }: LookParts, id: string): Promise<void> => {
    fresh.delete(id);
    const incident = (await store.read('incident', id))?.record;
    const item = toItem(incident, clock.nowMs());
    queued.delete(id);
    if (item) queued.set(id, item);
    // The scan finds it when its time comes. Without one, whoever tried it here waits for that; others leave it alone.
    else if (tried.has(id) && incident?.outbox.notBeforeMs) waiting.set(id, incident.outbox.notBeforeMs);
  };
  const lookOnce = async (parts: LookParts, scanMs: number): Promise<void> => {
    const nowMs = parts.clock.nowMs();
    for (const id of endedWaits(waiting, nowMs)) fresh.add(id);
    if (nowMs - scannedMs >= scanMs) {
      scannedMs = nowMs;
      for (const id of await dueIds(parts, nowMs)) if (!waiting.has(id) && !queued.has(id)) fresh.add(id);
    }
    // What is being told right now is looked at again when it comes back.
    for (const id of [...fresh].filter((one) => !taken.has(one))) await lookAt(parts, id);
  };

  return {
    nudge: (incidentIds) => {
      for (const id of incidentIds) {
        waiting.delete(id);
        fresh.add(id);
      }
    },
    look: async (parts, scanMs) => {
      looking ??= lookOnce(parts, scanMs).finally(() => {
        looking = null;
      });
      await looking;
    },
    take: () => {
      const item = isOpen ? mostUrgent([...queued.values()].filter((one) => !busyChannels.has(one.channel))) : null;
      if (item === null) return null;
      queued.delete(item.id);
      taken.add(item.id);
      if (!scansStore) tried.add(item.id);
      busyChannels.add(item.channel);
      return item;
    },
    release: (item, nowMs, waitMs) => {
      taken.delete(item.id);
      busyChannels.delete(item.channel);
      if (waitMs !== null) waiting.set(item.id, nowMs + clamp(waitMs));
    },
    restMs: (nowMs, idleMs) => {
      if ([...fresh].some((id) => !taken.has(id))) return 0;
      return Math.max(0, Math.min(idleMs, ...[...waiting.values()].map((untilMs) => untilMs - nowMs)));
    },
    waiting: () => [...new Set([...fresh, ...queued.keys(), ...taken, ...waiting.keys()])],
    close: () => {
      isOpen = false;
    },
  };
};

const dueIds = async ({ store }: LookParts, nowMs: number): Promise<readonly string[]> =>
  (await store.due('incident', nowMs, SCAN)).map(({ key }) => key);

const clamp = (waitMs: number): number => Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, waitMs));

const endedWaits = (waiting: Map<string, number>, nowMs: number): readonly string[] => {
  const ended = [...waiting].filter(([, untilMs]) => untilMs <= nowMs).map(([id]) => id);
  for (const id of ended) waiting.delete(id);
  return ended;
};

const toItem = (incident: Incident | undefined, nowMs: number): DeskItem | null => {
  const notBeforeMs = incident?.outbox.notBeforeMs ?? null;
  if (!incident || notBeforeMs === null || notBeforeMs > nowMs) return null;
  const { id, channel, severity, createdAt } = incident;
  return { id, channel, severity, createdAt };
};

const mostUrgent = (items: readonly DeskItem[]): DeskItem | null =>
  items.reduce<DeskItem | null>((best, one) => (best === null || isMoreUrgent(one, best) ? one : best), null);

const isMoreUrgent = (one: DeskItem, other: DeskItem): boolean =>
  one.severity === other.severity ? one.createdAt < other.createdAt : one.severity < other.severity;
