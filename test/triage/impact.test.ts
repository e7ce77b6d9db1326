import { describe, expect, it } from 'vitest';
import type { Finding, ProbeFacts } from '../../lib/domain/diagnosis.ts';
import { hasCollapsed, hasRisen, rate, readTraffic, usualSeverity } from '../../lib/triage/impact.ts';
import { splitLatency } from '../../lib/triage/latency.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { context, finding, findings, readFindings, type Word } from './findings.ts';

const measured = (facts: ProbeFacts) => readTraffic({ ...finding('traffic', 'ok'), facts });
const share = (failingShare: number) => measured({ failingShare, requestsPerMinute: 1_000 });

describe('severity by measure', () => {
  it.each([
    [1, 'P1'],
    [0.5, 'P1'],
    [0.499, 'P2'],
    [0.05, 'P2'],
    [0.049, 'P3'],
    [0, 'P3'],
  ] as const)('of a failing share of %d is %s, whatever is usual', (failing, severity) => {
    for (const usual of ['P1', 'P2', 'P3'] as const) expect(rate(usual, false, share(failing))).toBe(severity);
  });

  it('is at most one step less than usual where every question fails', () => {
    expect(rate('P1', true, share(0))).toBe('P2');
    expect(rate('P2', true, share(0.01))).toBe('P3');
    expect(rate('P2', true, share(0.9))).toBe('P1');
  });

  it('is what is usual where nobody measured, or too few calls to mean anything', () => {
    expect(rate('P2', false, null)).toBe('P2');
    expect(rate('P2', false, measured({ requestsPerMinute: 50 }))).toBe('P2');
    expect(rate('P2', false, measured({ failingShare: 1, requestsPerMinute: 1, windowMinutes: 5 }))).toBe('P2');
    expect(rate('P2', false, measured({ failingShare: 1, requestsPerMinute: 2, windowMinutes: 5 }))).toBe('P1');
  });

  it('leaves what is of no matter to users alone until they are hurt', () => {
    expect(rate('P4', false, share(0.01))).toBe('P4');
    expect(rate('P4', false, share(0.06))).toBe('P2');
  });

  it('does not call it an outage where Mistral fails for one model and another answers', () => {
    const seen = (small: Word, large: Word) => findings('ok', small, large, 'ok').slice(0, 3);
    expect(usualSeverity(['provider.5xx'], seen('ok', 'provider.5xx'))).toBe('P2');
    expect(usualSeverity(['provider.5xx'], seen('unknown', 'provider.5xx'))).toBe('P1');
    expect(usualSeverity(['model.retired_or_unknown'], seen('ok', 'model.retired_or_unknown'))).toBe('P1');
  });
});

describe('what the metrics say', () => {
  it.each([
    ['failing', { failingShare: 0.05, requestsPerMinute: 100 }],
    ['fine', { failingShare: 0.049, requestsPerMinute: 100 }],
    ['few', { failingShare: 0.05, requestsPerMinute: 1 }],
    ['few', { requestsPerMinute: 0 }],
    ['doubtful', { failingShare: 1, requestsPerMinute: 1.9 }],
    ['doubtful', { failingShare: 1, requestsPerMinute: 0.6 }],
    ['few', { failingShare: 1, requestsPerMinute: 0.4 }],
    ['few', { failingShare: 0.49, requestsPerMinute: 1.9 }],
    ['failing', { failingShare: 1, requestsPerMinute: 2 }],
    ['slow', { failingShare: 0, requestsPerMinute: 100, p95Ms: 5_000, p95MsBefore: 1_600 }],
    ['slow', { requestsPerMinute: 100, p95Ms: 5_000, p95MsBefore: 1_600 }],
    ['fine', { failingShare: 0, requestsPerMinute: 100, p95Ms: 4_999, p95MsBefore: 100 }],
    ['fine', { failingShare: 0, requestsPerMinute: 100, p95Ms: 6_000, p95MsBefore: 2_001 }],
    ['fine', { failingShare: 0, requestsPerMinute: 100, p95Ms: 6_000, p95MsBefore: 0 }],
    ['few', { failingShare: 0, requestsPerMinute: 1, p95Ms: 50_000, p95MsBefore: 100 }],
    ['failing', { failingShare: 0.3, requestsPerMinute: 100, p95Ms: 50_000, p95MsBefore: 100 }],
    ['blind', { requestsPerMinute: 100 }],
    ['blind', {}],
    ['blind', { failingShare: 1.2, requestsPerMinute: 100 }],
    ['blind', { failingShare: -0.1 }],
    ['blind', { failingShare: 'half', requestsPerMinute: 100 }],
    ['failing', { failingShare: 0.4 }],
  ] as const)('is %s by %j', (state, facts) => {
    expect(measured(facts)?.state).toBe(state);
  });

  it.each([
    [0.4, 0.39, false],
    [0.4, 0.3, true],
    [0.02, 0.01, true],
    [0.015, 0.01, false],
    [0.01, 0, true],
    [0, 0, false],
  ])('has %d after %d risen: %s', (now, before, risen) => {
    expect(hasRisen(measured({ failingShare: now, failingShareBefore: before, requestsPerMinute: 1_000 }))).toBe(risen);
  });

  it.each([
    [9.9, 0, false],
    [10, 0, true],
    [100, 10, false],
    [100, 9.9, true],
  ])('has collapsed from %d a minute to %d: %s', (before, now, isCollapsed) => {
    expect(hasCollapsed(measured({ requestsPerMinute: now, requestsPerMinuteBefore: before }))).toBe(isCollapsed);
  });

  it.each([
    ['all=provider.5xx traffic=ok{perMinute:0,perMinuteBefore:500}', undefined],
    ['all=ok traffic=ok{perMinute:0,perMinuteBefore:500}', ['our own service']],
    ['all=provider.5xx traffic=ok{share:1,perMinute:1}', undefined],
    ['all=ok health=app.errors traffic=ok{share:1,perMinute:1}', undefined],
    ['all=ok traffic=ok{share:1,perMinute:1}', ['how the calls of our service fare']],
  ])('leaves open by %s: %j', (found, blind) => {
    expect(diagnose(readFindings(found), context()).blind).toEqual(blind);
  });

  it('is kept where a diagnosis is too long for the facts of every answer', () => {
    const long = Object.fromEntries(Array.from({ length: 4 }, (_, index) => [`note${index}`, 'x'.repeat(100)]));
    const cards = Array.from({ length: 24 }, (_, index) => ({ ...finding(`model:x${index}`, 'ok'), facts: long }));
    const found = readFindings('all=ok health=ok traffic=ok{share:0,perMinute:100,p95Ms:45000,p95MsBefore:900}');
    const { probes } = diagnose([...cards, ...found], context());
    expect(probes.filter(({ facts }) => facts !== undefined).map(({ name }) => name)).toEqual(['traffic']);
  });

  it('stands in the diagnosis with the models that fail', () => {
    const told = diagnose(
      readFindings('models=ok small=ok large=capacity.model health=ok traffic=ok{share:0.2,perMinute:120}'),
      context(),
    );
    expect(told.impact).toEqual({ failingShare: 0.2, requestsPerMinute: 120, models: ['large'] });
    expect(told.matrix).toEqual([
      { model: 'small', outcome: 'ok' },
      { model: 'large', outcome: 'failed', branch: 'capacity.model' },
    ]);
  });

  it('is kept out of the cause, which would change with every check and rewrite the message', () => {
    const cause = (percent: number): string =>
      diagnose(readFindings(`all=provider.5xx health=ok traffic=ok{share:${percent},perMinute:120}`), context()).cause;
    expect(cause(0.2)).toBe(cause(0.9));
  });
});

describe('where the time of a call goes', () => {
  const chat = (name: string, latencyMs: number, facts: ProbeFacts): Finding => ({
    ...finding(name, 'ok'),
    latencyMs,
    facts,
  });
  const connect = { ...finding('connect', 'ok'), facts: { connectMs: 20 } };

  it('is told of the slowest chat whose headers say it, and adds up to the whole', () => {
    const slow = chat('chat:large', 900, { upstreamMs: 700, edgeMs: 30 });
    const split = splitLatency([chat('chat:small', 100, { upstreamMs: 60 }), slow, chat('chat:x', 5_000, {})], connect);
    expect(split).toEqual({ connectMs: 20, edgeMs: 30, upstreamMs: 700, oursMs: 150 });
  });

  it('has no part that nobody told, and none below zero', () => {
    expect(splitLatency([chat('chat:small', 100, {})], null)).toBeNull();
    expect(splitLatency([], connect)).toEqual({ connectMs: 20, edgeMs: null, upstreamMs: null, oursMs: null });
    const odd = chat('chat:small', 100, { upstreamMs: 300, edgeMs: -4 });
    expect(splitLatency([odd], null)).toEqual({ connectMs: null, edgeMs: null, upstreamMs: 300, oursMs: 0 });
    expect(splitLatency([chat('chat:small', 100, { upstreamMs: Number.NaN })], null)).toBeNull();
  });
});
