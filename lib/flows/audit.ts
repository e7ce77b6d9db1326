import type { AuditEntry } from '../domain/timeline.ts';
import { nextAuditEntry } from '../report/audit.ts';
import type { Parts } from './parts.ts';

type AuditParts = Pick<Parts, 'store' | 'clock'>;

export type AuditFact = Pick<AuditEntry, 'incidentId' | 'leaseId' | 'step' | 'actor' | 'text'>;

/** All entries of an incident, in order. */
export const readAudit = async (parts: Pick<Parts, 'store'>, incidentId: string): Promise<readonly AuditEntry[]> =>
  (await parts.store.list('audit', `${incidentId}#`)).map(({ record }) => record);

/** The same step of the same lease, written before a crash. An undo that failed may be asked for again: there the last word counts. */
const findWritten = (entries: readonly AuditEntry[], fact: AuditFact): AuditEntry | null => {
  const ofLease = entries.filter((entry) => entry.leaseId === fact.leaseId);
  const isUndo = fact.step === 'undo-intent' || fact.step === 'undo-outcome';
  if (!isUndo) return ofLease.find((entry) => entry.step === fact.step) ?? null;
  const last = ofLease.at(-1) ?? null;
  return last?.step === fact.step ? last : null;
};

/** Appends once: what was written before a crash is found and not written again. */
export const appendAudit = async (parts: AuditParts, fact: AuditFact): Promise<AuditEntry> => {
  for (;;) {
    const entries = await readAudit(parts, fact.incidentId);
    const before = findWritten(entries, fact);
    if (before) return before;
    const entry = nextAuditEntry(entries.at(-1) ?? null, { ...fact, at: new Date(parts.clock.nowMs()).toISOString() });
    const key = `${fact.incidentId}#${String(entry.sequence).padStart(10, '0')}`;
    if ((await parts.store.write('audit', key, entry, 0)) !== null) return entry;
  }
};
