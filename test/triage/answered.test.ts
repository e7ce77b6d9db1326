import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../lib/domain/diagnosis.ts';
import { runProbes } from '../../lib/probes/probe.ts';
import { judge } from '../../lib/triage/judge.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { context, readFindings } from './findings.ts';

const told = (found: string): Diagnosis => diagnose(readFindings(found), context());
const SECRET = 'no key is stored in the secret mistral/checkout, or it cannot be read, so Mistral could not be asked';

describe('a service without a key', () => {
  const refuse = () => Promise.reject(new Error('called'));
  const withoutKey = async (status: number): Promise<Diagnosis> => {
    const answers = await runProbes({
      target: {
        name: 'checkout',
        environment: 'production',
        models: ['small'],
        secretId: 'mistral/checkout',
        healthUrl: 'http://127.0.0.1/health',
      },
      key: null,
      mistral: {
        listModels: refuse,
        chatOnce: refuse,
        streamOnce: refuse,
        retrieveModel: refuse,
        listWithoutKey: () => Promise.resolve({ ok: true, latencyMs: 5, evidence: { status: 401 } }),
      },
      health: { get: () => Promise.resolve({ status, latencyMs: 3 }) },
      clock: { nowMs: () => 0 },
      wait: () => new Promise<never>(() => undefined),
      deadlineMs: 8_000,
    });
    return diagnose(answers.map(judge), context(['small']));
  };

  it('names the secret in the cause, looks there first and does not ask what was asked', async () => {
    const { cause, nextSteps, nextQuestion } = await withoutKey(200);
    expect(cause).toBe(`N${SECRET.slice(1)}; not known: the model list, small.`);
    expect(nextSteps[0]).toContain('Look whether the secret mistral/checkout exists');
    expect(nextQuestion).toBeUndefined();
  });

  it('says so, too, where the service itself fails', async () => {
    const { cause, nextSteps } = await withoutKey(500);
    expect(cause).toContain(`cannot be told; ${SECRET}`);
    expect(nextSteps[0]).toContain('Look whether the secret mistral/checkout exists');
  });
});

describe('a step that a probe has taken', () => {
  it.each([
    [
      'all=net.tls_dates_clock_skew tls=ok clock=ok{clockSkewMs:100}',
      'all=net.tls_dates_clock_skew',
      'Compare our clock',
    ],
    ['all=timeout.headers path=ok', 'all=timeout.headers path=unknown', 'Ask the same address from another network'],
    [
      'all=ok health=app.errors deploy=ok{minutesAgo:600}',
      'all=ok health=app.errors deploy=unknown',
      'Roll back if it began',
    ],
  ])('by %s and not by %s is not asked of anybody: %s', (known, open, step) => {
    expect(told(known).nextSteps.join(' ')).not.toContain(step);
    expect(told(open).nextSteps.join(' ')).toContain(step);
  });

  it('leaves no question whether the way is open where it was asked for', () => {
    for (const path of ['ok', 'net.refused'])
      expect(told(`all=unknown path=${path} health=ok`).nextQuestion).toBeUndefined();
    expect(told('all=unknown path=unknown health=ok').nextQuestion).toContain('Can this machine reach the API');
  });
});

describe('a deploy and an incident that lasts', () => {
  const since = (began: string, deployed: string, traffic = 'share:0.4,shareBefore:0.4') =>
    diagnose(readFindings(`all=ok health=ok traffic=ok{${traffic},perMinute:100} deploy=ok{deployedAt:${deployed}}`), {
      ...context(),
      since: began,
    }).sinceDeploy;

  it('is what it began with for as long as it lasts', () => {
    expect(since('2026-11-20T07:00:00Z', '2026-11-20T06:50:00Z')).toEqual({ at: '2026-11-20T06:50:00.000Z' });
  });

  it('is not what it began with where it came an hour before, or afterwards', () => {
    expect(since('2026-11-20T07:00:00Z', '2026-11-20T05:50:00Z')).toBeUndefined();
    expect(since('2026-11-20T07:00:00Z', '2026-11-20T07:10:00Z')).toBeUndefined();
  });

  it('is compared with an hour ago only while that was before it', () => {
    expect(since('2026-11-20T09:30:00Z', '2026-11-20T09:20:00Z')).toBeUndefined();
    expect(since('2026-11-20T09:30:00Z', '2026-11-20T09:20:00Z', 'share:0.4,shareBefore:0')).toBeDefined();
  });

  it('is measured from now where the beginning is no date or lies ahead', () => {
    for (const began of ['soon', '2026-11-20T12:00:00Z'])
      expect(since(began, '2026-11-20T09:50:00Z', 'share:0.4,shareBefore:0')).toBeDefined();
  });
});
