import { createHash } from 'node:crypto';
import type { AuditEntry } from '../domain/timeline.ts';

/** What stands before the first entry. */
const BEGINNING = '0'.repeat(64);

export type AuditHead = { readonly count: number; readonly hash: string };

export type AuditCheck = { readonly ok: true } | { readonly ok: false; readonly at: number; readonly why: string };

/** The next link of an incident's chain. `previous` is the last entry of the same incident, null before the first. */
export const nextAuditEntry = (
  previous: AuditEntry | null,
  fields: Omit<AuditEntry, 'sequence' | 'previousHash' | 'hash'>,
): AuditEntry => {
  if (previous !== null && previous.incidentId !== fields.incidentId) {
    throw new Error(`Audit of ${fields.incidentId} cannot go on from ${previous.incidentId}.`);
  }
  const link = { ...fields, sequence: (previous?.sequence ?? 0) + 1, previousHash: previous?.hash ?? BEGINNING };
  return { ...link, hash: hashOf(link) };
};

/** Count and hash of the last entry: noted outside, it shows when entries were cut off. */
export const auditHead = (entries: readonly AuditEntry[]): AuditHead => ({
  count: entries.length,
  hash: entries.at(-1)?.hash ?? BEGINNING,
});

/** Says whether the entries, in order, are what was written; `at` is the sequence of the first that is not. */
export const verifyAudit = (entries: readonly AuditEntry[], noted?: AuditHead): AuditCheck => {
  let before: AuditEntry | null = null;
  for (const [index, entry] of entries.entries()) {
    const why = whyBroken(entry, before, index + 1);
    if (why !== null) return { ok: false, at: index + 1, why };
    before = entry;
  }
  if (noted === undefined) return { ok: true };
  if (entries.length < noted.count) {
    return { ok: false, at: entries.length + 1, why: `${noted.count - entries.length} entries are missing at the end` };
  }
  const then = entries[noted.count - 1]?.hash ?? BEGINNING;
  return then === noted.hash
    ? { ok: true }
    : { ok: false, at: noted.count, why: 'the entry is not the one that was noted outside' };
};

const whyBroken = (entry: AuditEntry, before: AuditEntry | null, sequence: number): string | null => {
  if (entry.sequence !== sequence) return `sequence ${entry.sequence} stands where ${sequence} belongs`;
  if (before !== null && entry.incidentId !== before.incidentId) return 'the entry belongs to another incident';
  if (entry.previousHash !== (before?.hash ?? BEGINNING)) return 'the entry does not follow the one before it';
  return entry.hash === hashOf(entry) ? null : 'the entry was changed after it was written';
};

/** A list of values in a fixed order is the canonical form: no member order, no spaces, nothing that two texts could share. */
const hashOf = (entry: Omit<AuditEntry, 'hash'>): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        1,
        entry.incidentId,
        entry.sequence,
        entry.at,
        entry.leaseId,
        entry.step,
        entry.actor,
        entry.text,
        entry.previousHash,
      ]),
    )
    .digest('hex');
