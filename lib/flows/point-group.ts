import type { GroupRecord } from '../domain/alert.ts';
import { isOpen } from '../domain/incident.ts';
import type { Stored } from '../ports/store.ts';
import type { Parts } from './parts.ts';

/** Makes the group point at this incident. False when somebody else changed the group since it was read: read and decide again. */
export const pointGroup = async (
  parts: Pick<Parts, 'store' | 'clock'>,
  { group, incidentId }: { readonly group: string; readonly incidentId: string },
  stored: Stored<GroupRecord> | null,
): Promise<boolean> => {
  if (stored?.record.incidentId === incidentId) return true;
  const record: GroupRecord = { key: group, incidentId, claimedAt: new Date(parts.clock.nowMs()).toISOString() };
  return (await parts.store.write('group', group, record, stored?.version ?? 0)) !== null;
};

/**
 * A person reopens: the group points at the incident before it is open, so that no alert opens another one meanwhile. Returns the
 * group's open incident when that is another one; then nothing is changed.
 */
export const claimGroupOf = async (
  parts: Pick<Parts, 'store' | 'clock'>,
  incidentId: string,
): Promise<string | null> => {
  const incident = (await parts.store.read('incident', incidentId))?.record;
  if (!incident || isOpen(incident)) return null;
  for (;;) {
    const stored = await parts.store.read('group', incident.group);
    const other = stored?.record.incidentId ?? incidentId;
    const current = other === incidentId ? null : await parts.store.read('incident', other);
    if (other !== incidentId && (current === null || isOpen(current.record))) return other;
    if (await pointGroup(parts, { group: incident.group, incidentId }, stored)) return null;
  }
};
