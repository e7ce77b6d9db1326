import { describe, expect, it } from 'vitest';
import type { Diagnosis, Finding } from '../../lib/domain/diagnosis.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import { HEALTHY_DIAGNOSIS } from '../../lib/local/preview-samples.ts';
import { PROVIDER_DIAGNOSIS, PROVIDER_INCIDENT } from '../../lib/local/preview-triage.ts';
import { renderTicket } from '../../lib/report/support-ticket.ts';
import { tellOutside } from '../../lib/triage/outside-cause.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { context } from '../triage/findings.ts';

const write = (change: Partial<Parameters<typeof renderTicket>[0]> = {}): string =>
  renderTicket({
    incident: PROVIDER_INCIDENT,
    diagnoses: [PROVIDER_DIAGNOSIS],
    tellCause: tellOutside,
    writtenAt: '2026-11-20T03:50:00.000Z',
    secrets: [],
    ...change,
  });
const lineOf = (text: string, name: string): string =>
  (text.split('\n').find((line) => line.startsWith(`${name}:`)) ?? '').slice(name.length + 1).trim();
const withProbes = (change: readonly Finding[]): Diagnosis => ({ ...PROVIDER_DIAGNOSIS, probes: change });
const probe = (name: string, change: Partial<Finding> = {}): Finding => ({
  name,
  question: 'Is checkout-assistant well?',
  outcome: 'failed',
  latencyMs: 3,
  ...change,
});

describe('a support ticket', () => {
  it.each<readonly [string, Partial<Incident>, readonly Diagnosis[], string]>([
    ['goes on', {}, [PROVIDER_DIAGNOSIS], 'since 2026-11-20 03:11:40 UTC, not over at 2026-11-20 03:50:00 UTC'],
    [
      'is over',
      {},
      [PROVIDER_DIAGNOSIS, { ...HEALTHY_DIAGNOSIS, at: '2026-11-20T03:30:00.000Z' }],
      'from 2026-11-20 03:11:40 UTC; answered well again at 2026-11-20 03:30:00 UTC',
    ],
    [
      'is resolved',
      { status: 'resolved', milestones: { started: '2026-11-20T03:11:40Z', resolved: '2026-11-20T03:44:10Z' } },
      [PROVIDER_DIAGNOSIS],
      'from 2026-11-20 03:11:40 UTC to 2026-11-20 03:44:10 UTC',
    ],
    [
      'was resolved and has come back',
      { status: 'investigating', milestones: { started: '2026-11-20T03:11:40Z', resolved: '2026-11-20T03:44:10Z' } },
      [PROVIDER_DIAGNOSIS],
      'since 2026-11-20 03:11:40 UTC, not over at 2026-11-20 03:50:00 UTC',
    ],
  ])('says of trouble that %s when it was', (_what, change, diagnoses, expected) => {
    expect(lineOf(write({ incident: { ...PROVIDER_INCIDENT, ...change }, diagnoses }), 'Window')).toBe(expected);
  });

  it('tells the cause of the failure also when the last check was well, with the ids of both', () => {
    const healthy = {
      ...HEALTHY_DIAGNOSIS,
      at: '2026-11-20T03:30:00.000Z',
      probes: [probe('chat:a', { outcome: 'ok', evidence: { requestId: 'req-well' } })],
    };
    const text = write({ diagnoses: [PROVIDER_DIAGNOSIS, healthy] });
    expect(lineOf(text, 'Kind of failure')).toContain('capacity.model');
    for (const id of ['req-91b0', '0199f3a2-77aa-7c11-9d6e-3f0c9a4be213', 'req-well']) expect(text).toContain(id);
  });

  it('holds nothing that is only ours: no service, alert, person, reason of ours or health', () => {
    const own = ['health', 'traffic', 'deployments', 'spend', 'keys', 'standby', 'proxy'];
    const text = write({
      incident: { ...PROVIDER_INCIDENT, title: 'ACME Corp cannot pay', summary: 'order of Jane Doe' },
      diagnoses: [
        {
          ...PROVIDER_DIAGNOSIS,
          cause:
            'It began with our deploy of v7; calls go through the proxy proxy.internal:3128; not known: our own service.',
          probes: [...PROVIDER_DIAGNOSIS.probes, ...own.map((name) => probe(name, { why: 'proxy.internal:3128' }))],
        },
      ],
    });
    for (const word of [
      'checkout',
      'ACME',
      'Jane',
      'U0MAYA',
      'proxy',
      'our own',
      ...own.map((name) => `UTC  ${name}:`),
    ])
      expect(text).not.toContain(word);
    expect(lineOf(text, 'What we see')).toBe(
      'Mistral has no room for this model at the moment (mistral-large-latest; mistral-small-latest answers).',
    );
  });

  const ours: readonly Finding[] = [
    probe('standby', { outcome: 'ok' }),
    probe('proxy', { outcome: 'ok', facts: { proxy: 'squid.acme.internal:3128' } }),
    probe('tls', {
      branch: 'net.tls_untrusted_interception',
      facts: { issuer: 'ACME Internal CA', tlsHost: 'gw.acme' },
    }),
    probe('deployments', { outcome: 'ok', facts: { version: 'v7-acme', deployedAt: '2026-11-20T11:55:00.000Z' } }),
    probe('keys', { outcome: 'ok', facts: { keyName: 'acme-key', expiresAt: '2026-11-01T00:00:00.000Z' } }),
    probe('region:eu', { outcome: 'ok' }),
    probe('health', { branch: 'app.errors', why: 'checkout.acme answers 503' }),
  ];
  it.each([
    'auth.invalid_key',
    'access.forbidden',
    'net.reset',
    'net.tls_untrusted_interception',
    'net.tls_hostname',
    'timeout.headers',
    'request.invalid',
    'provider.5xx',
  ] as const)('of %s names no host, key, certificate or deploy of ours, whatever the cause names', (branch) => {
    const failing = ['models', 'chat:small', 'chat:large'].map((name) => probe(name, { branch }));
    const found = diagnose([...failing, ...ours], context());
    const text = write({ diagnoses: [found] });
    expect(text).not.toMatch(/acme|squid|standby|issuer|deploy|v7|expired on|endpoint|our own service/i);
    expect(lineOf(text, 'What we see')).toMatch(/^[A-Z].{20,}\.$/);
  });

  it('tells what Mistral itself said of the model: its replacement, its end, its limits', () => {
    const gone = [
      probe('models', { outcome: 'ok' }),
      probe('chat:small', { branch: 'model.retired_or_unknown' }),
      probe('model:small', {
        outcome: 'ok',
        facts: { replacedBy: 'small-2603', deprecatedAt: '2026-11-01T00:00:00.000Z' },
      }),
      probe('chat:large', { outcome: 'ok' }),
    ];
    expect(lineOf(write({ diagnoses: [diagnose(gone, context())] }), 'What we see')).toBe(
      'The model is retired or was never there (small; large answers); its card names small-2603 as the replacement; its card says that it is deprecated on 2026-11-01.',
    );
    const rateLimits = { 'x-ratelimit-limit-req-minute': '60', 'x-ratelimit-remaining-req-minute': '0' };
    const full = gone.map((finding) =>
      finding.name === 'chat:small'
        ? { ...finding, branch: 'rate.minute' as const, evidence: { status: 429, rateLimits } }
        : finding,
    );
    expect(lineOf(write({ diagnoses: [diagnose(full, context())] }), 'What we see')).toContain(
      'the limit is 60 requests a minute, of which 0 are left',
    );
  });

  it('of our own trouble says that Mistral was well', () => {
    const well = ['models', 'chat:small', 'chat:large'].map((name) => probe(name, { outcome: 'ok' }));
    const found = diagnose([...well, ...ours], context());
    expect(lineOf(write({ diagnoses: [found] }), 'What we see')).toBe('No test call failed.');
  });

  it('says what nobody measured, asked or could read', () => {
    const { impact: _impact, ...unmeasured } = withProbes([
      probe('chat:a', { evidence: { status: 500 }, branch: 'provider.5xx' }),
    ]);
    const text = write({ diagnoses: [unmeasured] });
    expect(lineOf(text, 'Counts')).toBe('1 of 1 test calls failed; calls of our users were not counted');
    expect(lineOf(text, 'Regions')).toBe('the configured address alone was asked');
    expect(lineOf(text, 'Status page')).toBe('not looked at');
    const unreadable = withProbes([probe('status-page', { facts: { indicator: 'unreadable' } })]);
    expect(lineOf(write({ diagnoses: [unreadable] }), 'Status page')).toBe('could not be read');
    expect(lineOf(write({ diagnoses: [] }), 'What we see')).toBe('not diagnosed yet');
  });

  it('names each region with what it answered', () => {
    const diagnoses = [withProbes([probe('region:eu', { outcome: 'ok' }), probe('region:us', { outcome: 'unknown' })])];
    expect(lineOf(write({ diagnoses }), 'Regions')).toBe('eu answers, us not known');
  });

  it('holds no key, whatever an id says', () => {
    const key = 'planted-current-key-0001';
    const diagnoses = [withProbes([probe('chat:a', { evidence: { requestId: `req ${key}` } })])];
    expect(write({ diagnoses, secrets: [key] })).not.toContain('planted-current');
  });

  it('is bounded however often was asked', () => {
    const many = Array.from({ length: 500 }, (_, index) => probe(`chat:m${index}`));
    expect(write({ diagnoses: [withProbes(many)] }).match(/^- /gm)).toHaveLength(40);
  });
});
