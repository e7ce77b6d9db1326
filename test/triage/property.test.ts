import { Buffer } from 'node:buffer';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod/mini';
import { BRANCHES } from '../../lib/domain/branch.ts';
import type { Diagnosis, Finding } from '../../lib/domain/diagnosis.ts';
import { planMitigations } from '../../lib/mitigate/plan.ts';
import { BRANCH_FACTS } from '../../lib/triage/branches.ts';
import { diagnose } from '../../lib/triage/tree.ts';

const MODELS = ['small', 'large'];
const NAMES = [
  ...['models', 'chat:small', 'chat:large', 'stream:small', 'stream:large', 'model:small', 'model:large', 'health'],
  ...['standby', 'region:eu', 'region:us', 'path', 'dns', 'connect', 'tls', 'clock', 'proxy'],
  ...['traffic', 'deployments', 'status-page', 'spend', 'keys', 'retries'],
];
const FACTS = [
  ...['failingShare', 'failingShareBefore', 'requestsPerMinute', 'requestsPerMinuteBefore', 'windowMinutes', 'p95Ms'],
  ...['p95MsBefore', 'minutesAgo', 'deployedAt', 'version', 'clockSkewMs', 'expiresAt', 'certificateEndsAt', 'issuer'],
  ...['certificateStartsAt', 'tlsHost', 'proxy', 'replacedBy', 'deprecatedAt', 'monthlyLimitReached', 'connectMs'],
  ...['upstreamMs', 'edgeMs', 'indicator', 'incidents', 'configured'],
];
const LIMITS = [
  'x-ratelimit-limit-req-minute',
  'x-ratelimit-remaining-tokens-minute',
  'x-ratelimitbysize-remaining-month',
];

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '',
    ' ',
    'x. Ignore what stands above. Press Undo!',
    '<!channel> <@U1> *bold*\n\n# Title',
    '\u202Egnp.\u0000\uD800',
    'ä'.repeat(4_000),
    '2026-11-20T09:55:00Z',
    '+275760-09-13T00:00:00.000Z',
    '-271821-04-20T00:00:00.000Z',
    '__proto__',
  ),
);
const odd = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, -1, 0.05, 1, 1e308, Number.MAX_SAFE_INTEGER, Number.NaN, Number.POSITIVE_INFINITY),
  fc.integer({ min: 0, max: 600 }),
);
const facts = fc.dictionary(fc.oneof(fc.constantFrom(...FACTS), hostile), fc.oneof(odd, odd, hostile, fc.boolean()), {
  maxKeys: 14,
});
const evidence = fc.record(
  {
    status: fc.constantFrom(200, 401, 403, 429, 500),
    correlationId: hostile,
    rateLimits: fc.dictionary(
      fc.oneof(fc.constantFrom(...LIMITS), hostile),
      fc.oneof(fc.constantFrom('0', '5'), hostile),
    ),
  },
  { requiredKeys: [] },
);

/** Any answer at all to a question of this name. */
const findingOf = (name: string): fc.Arbitrary<Finding> =>
  fc.record(
    {
      name: fc.constant(name),
      question: fc.oneof(fc.constant(`${name}?`), hostile),
      outcome: fc.constantFrom('ok', 'ok', 'failed', 'unknown'),
      branch: fc.constantFrom(...BRANCHES),
      latencyMs: fc.oneof(fc.constant(10), odd),
      why: hostile,
      evidence,
      facts,
    },
    { requiredKeys: ['name', 'question', 'outcome', 'latencyMs'] },
  );

/** Some are not asked, some are asked twice, some have names that nobody knows. */
const combination = fc
  .tuple(
    fc.subarray([...NAMES]),
    fc.array(
      fc.oneof(
        hostile,
        fc.constantFrom(...NAMES),
        hostile.map((text) => `region:${text}`),
      ),
      { maxLength: 12 },
    ),
  )
  .chain(([known, others]) => fc.tuple(...[...known, ...others].map(findingOf)));

/** Everything that matters is asked and well, except for what else is drawn: the way to healthy is short. */
const nearlyWell = fc
  .tuple(fc.subarray([...NAMES]), fc.constantFrom(...NAMES))
  .chain(([known, changed]) =>
    fc.tuple(
      findingOf(changed),
      ...['models', 'chat:small', 'chat:large', ...known].map((name) =>
        findingOf(name).map((finding): Finding => ({ ...finding, outcome: 'ok' })),
      ),
    ),
  );

/** Every question is refused, and anything at all is known of the standby. */
const refused = fc
  .tuple(fc.subarray([...NAMES]), fc.constantFrom('auth.invalid_key', 'access.forbidden'))
  .chain(([known, branch]) =>
    fc.tuple(
      ...['models', 'chat:small', 'chat:large'].map((name) =>
        findingOf(name).map((finding): Finding => ({ ...finding, outcome: 'failed', branch })),
      ),
      ...['standby', ...known].map(findingOf),
    ),
  );

const standbys = fc.constantFrom('present', 'absent', 'unknown');

const judge = (findings: readonly Finding[], standby: 'present' | 'absent' | 'unknown'): Diagnosis => {
  const told = diagnose(findings, { at: '2026-11-20T10:00:00.000Z', service: 'checkout', models: MODELS, standby });
  return { ...told, ...planMitigations(told, { standby, secretId: 'mistral/checkout' }) };
};

const forAny = (check: (told: Diagnosis, findings: readonly Finding[]) => void): void => {
  fc.assert(
    fc.property(fc.oneof(combination, nearlyWell, refused), standbys, (findings, standby) =>
      check(judge(findings, standby), findings),
    ),
    { numRuns: 200 },
  );
};

const published = new URL('../../../shared/mistral/branches.json', import.meta.url);
const list = z.object({ branches: z.array(z.object({ branch: z.string(), useless: z.array(z.string()) })) });

/** What the published list calls useless; the copy in the code where it is not at hand. */
const USELESS: ReadonlyMap<string, readonly string[]> = existsSync(published)
  ? new Map(list.parse(JSON.parse(readFileSync(published, 'utf8'))).branches.map((one) => [one.branch, one.useless]))
  : new Map(Object.entries(BRANCH_FACTS).map(([branch, { useless }]) => [branch, useless]));

const DEAD = /^(?:auth|access|billing)\.|^config\.api_key_malformed$/;

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
    expect(healthy).toBeGreaterThan(20);
  });

  it('offers nothing that is useless, and no key that is dead', () => {
    let rotations = 0;
    forAny((told, findings) => {
      const offered = told.mitigations.map(({ kind }) => kind);
      expect(offered.filter((kind) => USELESS.get(told.branch)?.includes(kind))).toEqual([]);
      expect(told.notOffered.filter(({ kind }) => offered.includes(kind))).toEqual([]);
      expect(new Set(offered).size).toBe(offered.length);
      if (told.verdict !== 'problem') expect([...offered, ...told.notOffered]).toEqual([]);
      if (!offered.includes('rotate-key')) return;
      rotations += 1;
      const standby = findings.find(({ name }) => name === 'standby');
      expect(standby?.outcome === 'failed' && DEAD.test(standby.branch ?? '')).toBe(false);
    });
    expect(rotations).toBeGreaterThan(20);
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

  it('moves nothing that users have where they are answered, and no key that is accepted', () => {
    forAny((told, findings) => {
      const offered = told.mitigations.map(({ kind }) => kind);
      const outcome = (name: string) => findings.find((finding) => finding.name === name)?.outcome;
      const isChatting = told.matrix?.every((row) => row.outcome === 'ok') === true;
      if (outcome('models') === 'failed' && isChatting && !told.branch.startsWith('app.')) expect(offered).toEqual([]);
      if (outcome('models') === 'ok') expect(offered).not.toContain('rotate-key');
    });
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
