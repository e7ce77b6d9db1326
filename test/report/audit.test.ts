import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../lib/domain/timeline.ts';
import { auditHead, nextAuditEntry, verifyAudit } from '../../lib/report/audit.ts';

const fields = (text: string) => ({
  incidentId: 'INC-1',
  at: '2026-11-20T03:14:02.000Z',
  leaseId: 'LSE-1',
  step: 'requested' as const,
  actor: 'U0MAYA',
  text,
});

const chainOf = (...texts: readonly string[]): readonly AuditEntry[] => {
  const entries: AuditEntry[] = [];
  for (const text of texts) entries.push(nextAuditEntry(entries.at(-1) ?? null, fields(text)));
  return entries;
};

const change = (index: number, patch: Partial<AuditEntry>) =>
  chainOf('a', 'b', 'c').map((entry, at) => (at === index ? { ...entry, ...patch } : entry));

describe('the audit of an incident', () => {
  it('is a chain of one, two, three', () => {
    const entries = chainOf('a', 'b', 'c');
    expect(entries.map((entry) => entry.sequence)).toEqual([1, 2, 3]);
    expect(entries[2]?.previousHash).toBe(entries[1]?.hash);
    expect(verifyAudit(entries)).toEqual({ ok: true });
    expect(verifyAudit([])).toEqual({ ok: true });
  });

  it('has the hash that anybody can work out again', () => {
    expect(chainOf('a')[0]?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(chainOf('a')).toEqual(chainOf('a'));
  });

  it.each<readonly [string, Partial<AuditEntry>]>([
    ['text', { text: 'x' }],
    ['actor', { actor: 'U0EVIL' }],
    ['time', { at: '2026-11-20T03:14:03.000Z' }],
    ['step', { step: 'approved' }],
    ['lease', { leaseId: 'LSE-2' }],
    ['hash', { hash: '0'.repeat(64) }],
    ['link', { previousHash: '0'.repeat(64) }],
    ['sequence', { sequence: 9 }],
    ['incident', { incidentId: 'INC-2' }],
  ])('shows a changed %s and where', (_name, patch) => {
    expect(verifyAudit(change(1, patch))).toMatchObject({ ok: false, at: 2 });
  });

  it('shows an entry whose hash was made new by the one after it', () => {
    const [first, , third] = chainOf('a', 'b', 'c');
    const forged = first && third ? [first, nextAuditEntry(first, fields('forged')), third] : [];
    expect(verifyAudit(forged)).toMatchObject({ ok: false, at: 3 });
  });

  it('shows entries that were taken out, put in another order or put twice', () => {
    const [a, b, c] = chainOf('a', 'b', 'c');
    if (!a || !b || !c) throw new Error('no chain');
    expect(verifyAudit([a, c])).toMatchObject({ ok: false, at: 2 });
    expect(verifyAudit([b, a, c])).toMatchObject({ ok: false, at: 1 });
    expect(verifyAudit([a, a, b])).toMatchObject({ ok: false, at: 2 });
  });

  it('shows a cut end only to who noted the head', () => {
    const entries = chainOf('a', 'b', 'c');
    expect(verifyAudit(entries.slice(0, 2))).toEqual({ ok: true });
    expect(verifyAudit(entries.slice(0, 2), auditHead(entries))).toEqual({
      ok: false,
      at: 3,
      why: '1 entries are missing at the end',
    });
    expect(verifyAudit(chainOf('a', 'b', 'other'), auditHead(entries))).toMatchObject({ ok: false, at: 3 });
    expect(verifyAudit([...entries], auditHead(entries.slice(0, 2)))).toEqual({ ok: true });
  });

  it('does not go on from another incident', () => {
    const [first] = chainOf('a');
    expect(() => nextAuditEntry(first ?? null, { ...fields('b'), incidentId: 'INC-2' })).toThrow(
      'cannot go on from INC-1',
    );
  });
});
