import type { Incident } from '../domain/incident.ts';
import type { Store, Stored } from '../ports/store.ts';

export type Seen = (incidentId: string) => Promise<Stored<Incident> | null>;

/** Each incident as a batch of alerts saw it first, read once for all of them: what changed since costs its writer another try. */
export const rememberIncidents = (store: Pick<Store, 'read'>): Seen => {
  const seen = new Map<string, ReturnType<Seen>>();
  return (incidentId) => {
    const reading = seen.get(incidentId) ?? store.read('incident', incidentId);
    seen.set(incidentId, reading);
    return reading;
  };
};
