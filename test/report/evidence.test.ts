import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Incident } from '../../lib/domain/incident.ts';
import { sampleDocuments } from '../../lib/local/preview-documents.ts';
import { SAMPLE_DIAGNOSIS, SAMPLE_INCIDENT } from '../../lib/local/preview-samples.ts';
import { nextAuditEntry } from '../../lib/report/audit.ts';
import { buildEvidence, buildManifest } from '../../lib/report/evidence.ts';
import type { TelemetryEvidence } from '../../lib/report/telemetry-evidence.ts';
import { goldenText } from '../golden.ts';

const AT = '2026-11-20T03:50:00.000Z';
const NO_TELEMETRY: TelemetryEvidence = {
  from: '2026-11-20T01:00:00.000Z',
  to: AT,
  metrics: { why: 'not configured: no metrics source' },
  picture: { why: 'could not be read: cloudwatch.GetMetricWidgetImage: denied' },
  logs: { why: 'not configured: no log source' },
};
const incident: Incident = { ...SAMPLE_INCIDENT, diagnosis: SAMPLE_DIAGNOSIS };
const input = {
  incident,
  timeline: [],
  audit: [],
  leases: [],
  controls: [],
  configuration: {},
  telemetry: NO_TELEMETRY,
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

  it('shows as it is what was not configured', () => {
    const configuration = { statusPage: null, modelEnds: {}, fallbackModels: [], admin: { header: 'bearer' } };
    expect(JSON.parse(fileOf('configuration.json', { configuration }))).toEqual({
      ...configuration,
      admin: 'not collected',
    });
  });

  it('keeps what of CloudWatch the configuration names, dimensions by their own names', () => {
    const metric = { label: 'l', namespace: 'n', name: 'm', dimensions: { FunctionName: 'shop' }, statistic: 'Sum' };
    const cloudwatch = { metrics: [{ ...metric, periodSeconds: 60 }], logGroups: ['/g'], logFields: ['status'] };
    expect(JSON.parse(fileOf('configuration.json', { configuration: { services: [{ cloudwatch }] } }))).toEqual({
      services: [{ cloudwatch }],
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

describe('evidence from a monitoring service', () => {
  const series = {
    label: 'Errors',
    namespace: 'Shop',
    name: 'MistralErrors',
    dimensions: { service: 'chat' },
    statistic: 'Sum',
    periodSeconds: 60,
    points: [{ at: AT, value: 3 }],
    isComplete: true,
  };
  const secret = 'own-"secret"-value-0123456789';
  const telemetry: TelemetryEvidence = {
    ...NO_TELEMETRY,
    metrics: { value: [series] },
    picture: { value: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) },
    logs: {
      value: {
        logGroups: ['/shop'],
        fields: ['@timestamp', 'status', 'requestId'],
        lines: [{ '@timestamp': AT, status: '401', requestId: `r ${secret}`, '@message': 'a prompt' }],
        isCut: false,
      },
    },
  };

  it('is its metrics with their time, the chart as it came, and the fields of logs that were asked for', () => {
    expect(JSON.parse(fileOf('metrics.json', { telemetry }))).toEqual({
      from: NO_TELEMETRY.from,
      to: AT,
      series: [{ ...series, isComplete: undefined, complete: true }],
    });
    const [picture] = buildEvidence({ ...input, telemetry }).filter(({ name }) => name === 'metrics.png');
    expect([...(picture?.bytes ?? [])]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    expect(JSON.parse(fileOf('logs.json', { telemetry, secrets: [secret] }))).toMatchObject({
      logGroups: ['/shop'],
      cut: false,
      lines: [{ '@timestamp': AT, status: '401', requestId: 'r [redacted]' }],
    });
    expect(fileOf('logs.json', { telemetry })).not.toMatch(/prompt|@message/);
  });

  it('is no file where there is none, and the manifest says why', () => {
    const names = buildEvidence(input).map(({ name }) => name);
    for (const name of ['metrics.json', 'metrics.png', 'logs.json']) expect(names).not.toContain(name);
    const notCollectedOf = (given: TelemetryEvidence): unknown =>
      JSON.parse(read(buildManifest({ ...input, telemetry: given, files: [] }).bytes));
    expect(notCollectedOf(NO_TELEMETRY)).toMatchObject({
      notCollected: expect.arrayContaining([
        { what: 'metrics', why: 'not configured: no metrics source' },
        { what: 'chart of the metrics', why: 'could not be read: cloudwatch.GetMetricWidgetImage: denied' },
        { what: 'logs', why: 'not configured: no log source' },
      ]) as unknown,
    });
    expect(JSON.stringify(notCollectedOf(telemetry))).not.toMatch(/"what":"(?:metrics|chart|logs)/);
  });
});

describe('the manifest', () => {
  const files = buildEvidence(input);
  const manifestOf = (retentionDays: number) =>
    JSON.parse(read(buildManifest({ ...input, files, retentionDays }).bytes)) as Record<string, unknown>;

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
    const manifest = read(buildManifest({ ...input, audit: [{ ...entry, text: 'b' }], files, retentionDays: 1 }).bytes);
    expect(manifest).toContain('the entry was changed after it was written');
  });
});
