import type { Incident } from '../domain/incident.ts';
import type { Parts } from './parts.ts';

/** More than this is not carried along until the next delivery: the incident keeps its bound of 40 kB however long Slack is down. */
const UNFILED_KEPT = 20;
const UNFILED_BYTES = 3_000;

/** Appends what happened to the timeline; twice is harmless, because each entry has its key. Returns the ids of what is filed. */
export const fileTimeline = async (parts: Pick<Parts, 'store'>, incident: Incident): Promise<ReadonlySet<string>> => {
  for (const entry of incident.outbox.unfiled)
    await parts.store.write('timeline', `${incident.id}#${entry.id}`, entry, 0);
  return new Set(incident.outbox.unfiled.map((entry) => entry.id));
};

/**
 * The stored incident with room for what happens next: when much waits to be filed, it is filed now. Every change begins with this,
 * so that none depends on a delivery that may be put off for hours.
 */
export const makeRoom = async (parts: Pick<Parts, 'store'>, stored: Incident): Promise<Incident> => {
  const { unfiled } = stored.outbox;
  if (unfiled.length <= UNFILED_KEPT && Buffer.byteLength(JSON.stringify(unfiled)) <= UNFILED_BYTES) return stored;
  await fileTimeline(parts, stored);
  return { ...stored, outbox: { ...stored.outbox, unfiled: [] } };
};
