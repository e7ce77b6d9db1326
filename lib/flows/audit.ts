import type { AuditEntry } from '../domain/timeline.ts';
import { nextAuditEntry } from '../report/audit.ts';
import type { Parts } from './parts.ts';

type AuditParts = Pick<Parts, 'store' | 'clock'>;

export type AuditFact = Pick<AuditEntry, 'incidentId' | 'leaseId' | 'step' | 'actor' | 'text'>;

/** All entries of an incident, in order. */
export const readAudit = async (parts: Pick<Parts, 'store'>, incidentId: string): Promise<readonly AuditEntry[]> =>
  (await parts.store.list('audit', `${incidentId}#`)).map(({ record }) => record);

/** Appends once: the same step of the same lease, written before a crash, is found and not written again. */
export const appendAudit = async (parts: AuditParts, fact: AuditFact): Promise<AuditEntry> => {
  for (;;) {
    const entries = await readAudit(parts, fact.incidentId);
    const before = entries.find((entry) => entry.leaseId === fact.leaseId && entry.step === fact.step);
    if (before) return before;
    const entry = nextAuditEntry(entries.at(-1) ?? null, { ...fact, at: new Date(parts.clock.nowMs()).toISOString() });
    const key = `${fact.incidentId}#${String(entry.sequence).padStart(10, '0')}`;
    if ((await parts.store.write('audit', key, entry, 0)) !== null) return entry;
  }
};
