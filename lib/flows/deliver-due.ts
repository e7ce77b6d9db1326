import type { Incident } from '../domain/incident.ts';
import { deliverMessage } from './deliver-message.ts';
import type { Parts } from './parts.ts';

/** Looked at in one round: more than a storm opens in a minute. */
const ROUND = 500;
/** Channels told at the same time. */
const AT_ONCE = 8;

/**
 * One round over everything that has something to tell: P1 first, then the oldest, one incident after the other within a channel.
 * Returns how long the next round may wait, at most `idleMs`.
 */
export const deliverDue = async (parts: Parts, idleMs: number): Promise<number> => {
  const due = await parts.store.due('incident', parts.clock.nowMs(), ROUND);
  const incidents: Incident[] = [];
  for (const { key } of due) {
    const stored = await parts.store.read('incident', key);
    const notBeforeMs = stored?.record.outbox.notBeforeMs ?? null;
    if (stored && notBeforeMs !== null && notBeforeMs <= parts.clock.nowMs()) incidents.push(stored.record);
  }
  incidents.sort(
    (one, other) => one.severity.localeCompare(other.severity) || one.createdAt.localeCompare(other.createdAt),
  );
  const waits = await inTurns([...groupByChannel(incidents).values()], (sameChannel) =>
    deliverChannel(parts, sameChannel),
  );
  return Math.min(idleMs, ...waits);
};

const groupByChannel = (incidents: readonly Incident[]): Map<string, Incident[]> => {
  const byChannel = new Map<string, Incident[]>();
  for (const incident of incidents)
    byChannel.set(incident.channel, [...(byChannel.get(incident.channel) ?? []), incident]);
  return byChannel;
};

/** A busy channel ends its turn: whoever is most severe then goes first in the next. */
const deliverChannel = async (parts: Parts, incidents: readonly Incident[]): Promise<number> => {
  let waitMs = Number.POSITIVE_INFINITY;
  for (const incident of incidents) {
    const rest = await deliverMessage(parts, incident.id);
    if (rest === null) continue;
    waitMs = Math.min(waitMs, Math.max(rest.waitMs, 20));
  }
  return waitMs;
};

const inTurns = async <T>(items: readonly T[], work: (item: T) => Promise<number>): Promise<readonly number[]> => {
  const results: number[] = [];
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane));
  return results;
};
