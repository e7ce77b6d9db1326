import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../lib/domain/diagnosis.ts';
import { planMitigations } from '../../lib/mitigate/plan.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { forAny, judge } from './any-findings.ts';

describe('any combination of findings', () => {
  it('is healthy only when list, models, streams, service and calls of users are known to be well', () => {
    let healthy = 0;
    forAny((told, findings) => {
      if (told.verdict !== 'healthy') return;
      healthy += 1;
      const first = (name: string): Finding | undefined => findings.find((finding) => finding.name === name);
      for (const name of ['models', 'chat:small', 'chat:large']) expect(first(name)?.outcome).toBe('ok');
      for (const name of ['stream:small', 'stream:large', 'health']) expect(first(name)?.outcome ?? 'ok').toBe('ok');
      const traffic = first('traffic');
      if (traffic?.outcome === 'unknown') expect(traffic.facts?.['configured']).toBe(false);
      expect(traffic?.outcome).not.toBe('failed');
      expect(told.blind).toBeUndefined();
      expect(told.confidence).not.toBe('low');
    });
    expect(healthy).toBeGreaterThan(5);
  });

  it('has a cause of one short sentence', () => {
    forAny(({ cause }) => {
      expect(cause.length).toBeLessThanOrEqual(500);
      expect(cause).toMatch(/^[A-Z][^\n\r]*[^.]\.$/u);
      expect(cause.slice(0, -1)).not.toMatch(/[.!?]\s/);
    });
  });

  it('takes less than 12 kB and has no holes', () => {
    forAny((told) => {
      const json = JSON.stringify(told);
      expect(Buffer.byteLength(json)).toBeLessThan(12_000);
      const ours = JSON.stringify([
        told.cause,
        told.mitigations,
        told.notOffered,
        told.nextSteps,
        told.impact,
        told.latency,
      ]);
      expect(ours).not.toMatch(/undefined|NaN|\[object/);
    });
  });

  it('is as small for a service of 300 models', () => {
    const models = Array.from({ length: 300 }, (_, index) => `model-${index}-${'ü'.repeat(80)}`);
    const findings = models.flatMap((model) =>
      ['chat', 'stream', 'model'].map(
        (kind): Finding => ({
          name: `${kind}:${model}`,
          question: `${kind}?`,
          outcome: 'failed',
          branch: 'model.retired_or_unknown',
          latencyMs: 1,
          facts: { replacedBy: model },
        }),
      ),
    );
    const told = diagnose(findings, { at: '2026-11-20T10:00:00.000Z', service: 'checkout', models, standby: 'absent' });
    const plan = planMitigations(told, { standby: 'absent', secretId: 'mistral/checkout' });
    expect(Buffer.byteLength(JSON.stringify({ ...told, ...plan }))).toBeLessThan(12_000);
    expect(told.cause.length).toBeLessThanOrEqual(500);
  });

  it('keeps what the plan leans on, however much else was asked', () => {
    const refusedBy = (name: string): Finding => ({
      name,
      question: 'ä'.repeat(300),
      outcome: 'failed',
      branch: 'auth.invalid_key',
      latencyMs: 1,
      why: 'ä'.repeat(300),
    });
    const names = ['models', 'chat:small', 'chat:large', ...Array.from({ length: 60 }, (_, index) => `other-${index}`)];
    const told = judge([...names, 'standby'].map(refusedBy), 'present');
    expect(told.probes.length).toBeLessThan(30);
    expect(told.probes.map(({ name }) => name)).toContain('standby');
    expect(told.notOffered.map(({ kind }) => kind)).toContain('rotate-key');
    const list: Finding = { name: 'models', question: 'ä'.repeat(300), outcome: 'ok', latencyMs: 1 };
    const accepted = judge([list, ...names.slice(1).map(refusedBy)], 'present');
    expect(accepted.probes.length).toBeLessThan(30);
    expect(accepted.mitigations.map(({ kind }) => kind)).not.toContain('rotate-key');
  });

  it('says how sure it is and what is dark', () => {
    forAny((told) => {
      const isDark = told.probes.length === 0 || told.verdict === 'unknown';
      if (isDark) expect(told.blind?.length ?? 0).toBeGreaterThan(0);
      if (told.verdict === 'unknown') expect(told.confidence).toBe('low');
      expect(told.severity === null).toBe(told.verdict === 'healthy');
    });
  });
});
