import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Incident } from '../../lib/domain/incident.ts';
import { sampleDocuments } from '../../lib/local/preview-documents.ts';
import { SAMPLE_DIAGNOSIS, SAMPLE_INCIDENT } from '../../lib/local/preview-samples.ts';
import { nextAuditEntry } from '../../lib/report/audit.ts';
import { buildEvidence, buildManifest } from '../../lib/report/evidence.ts';
import { goldenText } from '../golden.ts';

const AT = '2026-11-20T03:50:00.000Z';
const incident: Incident = { ...SAMPLE_INCIDENT, diagnosis: SAMPLE_DIAGNOSIS };
const input = {
  incident,
  timeline: [],
  audit: [],
  leases: [],
  controls: [],
  configuration: {},
  collectedAt: AT,
  retentionDays: 90,
  secrets: [],
};
const read = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const fileOf = (name: string, patch: Partial<Parameters<typeof buildEvidence>[0]> = {}): string =>
  buildEvidence({ ...input, ...patch })
    .filter((file) => file.name === name)
    .map((file) => read(file.bytes))
    .join('');

describe('evidence', () => {
  it.each(Object.entries(sampleDocuments()))('%s is what a human has looked at', (name, text) => {
    expect(text).toBe(goldenText(`documents/${name}`, text));
  });

  it('keeps only what is on the list, also when a record grows', () => {
    const grown = {
      ...incident,
      note: 'off the list',
      alerts: incident.alerts.map((alert) => ({ ...alert, labels: { prompt: 'off the list' } })),
    };
    const lease = { ...input, leases: [] };
    const texts = buildEvidence({ ...lease, incident: grown }).map((file) => read(file.bytes));
    expect(texts.join('')).not.toContain('off the list');
  });

  it('keeps ids and rate-limit headers of probes and no other header', () => {
    const evidence = {
      correlationId: 'c-1',
      requestId: 'r-1',
      rateLimits: {
        'x-ratelimit-remaining-req-minute': '0',
        'ratelimitbysize-limit': '5',
        authorization: 'x',
        'x-evil': 'y',
      },
    };
    const probes = SAMPLE_DIAGNOSIS.probes.map((probe) => ({ ...probe, evidence }));
    const text = fileOf('probes.json', { incident: { ...incident, diagnosis: { ...SAMPLE_DIAGNOSIS, probes } } });
    for (const kept of ['c-1', 'r-1', 'x-ratelimit-remaining-req-minute', 'ratelimitbysize-limit'])
      expect(text).toContain(kept);
    expect(text).not.toMatch(/authorization|x-evil/);
  });

  it('names what the configuration holds besides the list, without its value', () => {
    const configuration = {
      services: { shop: { models: ['m'], apiKey: 'hidden-value' } },
      quietMs: 5,
      hook: { model: 'hidden-value' },
    };
    const text = fileOf('configuration.json', { configuration });
    expect(JSON.parse(text)).toEqual({
      services: { shop: { models: ['m'], apiKey: 'not collected' } },
      quietMs: 5,
      hook: 'not collected',
    });
  });

  it('holds no secret of ours, wherever it slipped in', () => {
    const secret = 'own-"secret"-value-0123456789';
    const dirty: Incident = {
      ...incident,
      title: secret,
      service: `a ${secret}`,
      alerts: incident.alerts.map((alert) => ({ ...alert, title: encodeURIComponent(secret) })),
    };
    const entry = { id: '1', at: AT, kind: 'update', actor: secret, text: `said ${secret}`, refs: [secret] } as const;
    const audit = [
      nextAuditEntry(null, {
        incidentId: incident.id,
        at: AT,
        leaseId: 'L',
        step: 'intent',
        actor: 'U1',
        text: secret,
      }),
    ];
    const control = {
      service: secret,
      environment: 'x',
      base: { model: secret },
      leases: [],
      version: 1,
      published: secret,
      foreignShown: { text: secret, request: 'LSE-1' },
    };
    const files = buildEvidence({
      ...input,
      incident: dirty,
      timeline: [entry],
      audit,
      controls: [control],
      configuration: { [secret]: 1, name: secret },
      secrets: [secret],
    });
    const all = files.map((file) => read(file.bytes)).join('');
    expect(all).not.toContain('own-');
    expect(all).not.toContain('value-0123456789');
    expect(all).toContain('[redacted]');
  });

  it('is JSON in every file, also of nothing', () => {
    for (const file of buildEvidence({ ...input, incident: { ...incident, diagnosis: null } })) {
      expect(() => JSON.parse(read(file.bytes)) as unknown).not.toThrow();
    }
    expect(fileOf('diagnosis.json', { incident: { ...incident, diagnosis: null } })).toContain('"unknown"');
  });
});

describe('the manifest', () => {
  const files = buildEvidence(input);
  const manifestOf = (retentionDays: number) =>
    JSON.parse(read(buildManifest({ incident, audit: [], files, collectedAt: AT, retentionDays }).bytes)) as Record<
      string,
      unknown
    >;

  it('has name, hash, size, source and dates of every file', () => {
    expect(manifestOf(90)['files']).toEqual(
      files.map(({ name, bytes, source }) => ({
        name,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        bytes: bytes.byteLength,
        source,
        collectedAt: AT,
        retainUntil: '2027-02-18T03:50:00.000Z',
      })),
    );
  });

  it('says what was not collected and why', () => {
    const text = JSON.stringify(manifestOf(90)['notCollected']);
    for (const what of ['metrics', 'logs', 'Slack thread']) expect(text).toContain(what);
  });

  it('does not invent a retention date', () => {
    expect(manifestOf(Number.POSITIVE_INFINITY)['retainUntil']).toBe('unknown');
  });

  it('says when the audit was tampered with', () => {
    const entry = nextAuditEntry(null, {
      incidentId: incident.id,
      at: AT,
      leaseId: 'L',
      step: 'intent',
      actor: 'U1',
      text: 'a',
    });
    const manifest = read(
      buildManifest({ incident, audit: [{ ...entry, text: 'b' }], files, collectedAt: AT, retentionDays: 1 }).bytes,
    );
    expect(manifest).toContain('the entry was changed after it was written');
  });
});
