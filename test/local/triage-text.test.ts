import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod/mini';
import type { Diagnosis } from '../../lib/domain/diagnosis.ts';
import { PROVIDER_DIAGNOSIS } from '../../lib/local/preview-triage.ts';
import { triageJson } from '../../lib/local/triage-json.ts';
import { renderFinding, renderTriage } from '../../lib/local/triage-text.ts';
import { planMitigations } from '../../lib/mitigate/plan.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { BRANCH_WORDS } from '../../lib/triage/words.ts';
import { context, finding, type Word } from '../triage/findings.ts';

const QUESTIONS = {
  models: 'Does the Mistral API answer our key?',
  'chat:small': 'Does small answer a chat of one token?',
  'chat:large': 'Does large answer a chat of one token?',
  health: 'Is checkout itself well?',
} as const;

/** Why it failed, as a judged answer says it. */
const reasonOf = (word: Word): { readonly why?: string } => {
  if (word === 'ok' || word === 'unknown') return {};
  return {
    why:
      word === 'app.errors'
        ? 'its health check answers 503'
        : `${BRANCH_WORDS[word].what} (${word.startsWith('auth.') ? 401 : 429})`,
  };
};

/** A diagnosis as the tree makes it, with the questions and reasons as people read them. */
const draw = (
  models: Word,
  small: Word,
  large: Word,
  health: Word,
  standby: 'present' | 'absent' = 'present',
): Diagnosis => {
  const words = [models, small, large, health];
  const found = Object.entries(QUESTIONS).map(([name, question], index) => ({
    ...finding(name, words[index] ?? 'unknown'),
    ...reasonOf(words[index] ?? 'unknown'),
    question,
    latencyMs: 80 + index * 1200,
  }));
  const told = diagnose(found, { ...context(), standby });
  return { ...told, ...planMitigations(told, { standby, secretId: 'mistral/checkout' }) };
};

const SAMPLES = {
  healthy: draw('ok', 'ok', 'ok', 'ok'),
  'revoked-key': draw('auth.invalid_key', 'auth.invalid_key', 'auth.invalid_key', 'ok'),
  'revoked-key-no-standby': draw('auth.invalid_key', 'auth.invalid_key', 'auth.invalid_key', 'ok', 'absent'),
  'zero-quota': draw('ok', 'quota.zero_for_model', 'ok', 'ok'),
  'own-service': draw('ok', 'ok', 'ok', 'app.errors'),
  'could-not-tell': draw('ok', 'unknown', 'ok', 'unknown'),
  'all-details': PROVIDER_DIAGNOSIS,
} as const;

describe('the diagnosis in the terminal', () => {
  it.each(Object.entries(SAMPLES))('%s reads as in the golden file', async (name, diagnosis) => {
    await expect(renderTriage(diagnosis, { colour: false })).toMatchFileSnapshot(`../golden/triage/${name}.txt`);
  });

  it('has no colour unless it is asked for, and says the same with it', () => {
    const plain = renderTriage(SAMPLES['revoked-key'], { colour: false });
    const coloured = renderTriage(SAMPLES['revoked-key'], { colour: true });
    expect(stripVTControlCharacters(plain)).toBe(plain);
    expect(coloured).not.toBe(plain);
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });

  it('says the cause once, and of each probe only what it adds', () => {
    const said = renderTriage(SAMPLES['revoked-key'], { colour: false });
    expect(said.match(/it is revoked, expired, mistyped/g)).toHaveLength(1);
    expect(said).toContain('no: 401');
    expect(renderTriage(SAMPLES['own-service'], { colour: false })).toContain('no: its health check answers 503');
  });

  it('tells a press where there is a button, and else how it is done by hand', () => {
    const said = renderTriage(WITH_HAND, { colour: false, service: 'checkout' });
    expect(said).toContain('  Press Enable fallback: Users are served another way.\n');
    expect(said).toContain(
      '  Reduce concurrency, by hand: Set MAX_CONCURRENT_MISTRAL of checkout to half of what it is now. Fewer calls fit into the limit.\n',
    );
    expect(renderTriage(WITH_HAND, { colour: false })).toContain('of your service to half');
  });

  it.each([
    [{ correlationId: 'c-1', requestId: 'r-1' }, ', correlation id c-1, request id r-1'],
    [{ correlationId: 'c-1', requestId: 'c-1' }, ', correlation id c-1'],
    [{ requestId: 'r-1' }, ', request id r-1'],
    [{}, ''],
  ])('names behind a failed probe the ids %j that Mistral finds it by, each once', (evidence, ids) => {
    const [probe] = SAMPLES['revoked-key'].probes.map((one) => ({ ...one, evidence }));
    if (probe === undefined) throw new Error('no probe');
    const shown = (outcome: 'ok' | 'failed') =>
      renderFinding({ ...probe, branch: 'provider.5xx', why: '503', outcome }, { colour: false, ids: true });
    expect(shown('failed')).toMatch(new RegExp(`provider\\.5xx: 503${ids}$`));
    expect(shown('ok')).not.toContain(' id ');
    expect(renderTriage({ ...SAMPLES['revoked-key'], probes: [probe] }, { colour: false })).toContain(ids);
  });

  it('names them behind a chat that came too late, too, and behind none that came in time', () => {
    const evidence = { correlationId: 'c-9' };
    const shown = (latencyMs: number) =>
      renderFinding(
        { name: 'chat:a', question: 'a?', outcome: 'ok', latencyMs, evidence },
        { colour: false, ids: true },
      );
    expect([shown(8_000), shown(200)].map((line) => line.includes('correlation id c-9'))).toEqual([true, false]);
  });

  it.each([40, 60, 80])('breaks its lines between words at %s columns, and says the same', (columns) => {
    for (const sample of Object.values(SAMPLES)) {
      const whole = renderTriage(sample, { colour: false });
      const broken = renderTriage(sample, { colour: true, columns });
      const lines = stripVTControlCharacters(broken).split('\n');
      expect(lines.filter((line) => line.length > columns && line.trim().includes(' '))).toEqual([]);
      expect(lines.join(' ').replace(/\s+/g, ' ')).toBe(whole.replace(/\s+/g, ' '));
    }
  });

  it('tells one probe in one line while others are asked', () => {
    const line = renderFinding({ ...finding('models', 'net.dns'), latencyMs: 7 }, { colour: false });
    expect(line).toBe('  models       7 ms  failed   net.dns: because of net.dns');
  });
});

const PLACE = { service: 'checkout', environment: 'production' } as const;

const WITH_HAND: Diagnosis = {
  ...SAMPLES['zero-quota'],
  mitigations: [
    { kind: 'enable-fallback', why: 'Users are served another way.' },
    { kind: 'reduce-concurrency', why: 'Fewer calls fit into the limit.' },
  ],
};

const contract = z.strictObject({
  verdict: z.enum(['healthy', 'problem', 'unknown']),
  branch: z.string(),
  owner: z.enum(['ours', 'theirs', 'between', 'unknown', 'none']),
  severity: z.nullable(z.enum(['P1', 'P2', 'P3', 'P4'])),
  confidence: z.enum(['high', 'medium', 'low']),
  cause: z.string(),
  mistral: z.literal('https://mistral.example'),
  service: z.literal('checkout'),
  environment: z.literal('production'),
  at: z.iso.datetime(),
  path: z.array(z.strictObject({ question: z.string(), answer: z.string() })),
  probes: z.array(
    z.strictObject({
      name: z.string(),
      outcome: z.enum(['ok', 'failed', 'unknown']),
      branch: z.optional(z.string()),
      latencyMs: z.number(),
      why: z.optional(z.string()),
      status: z.optional(z.number()),
      correlationId: z.optional(z.string()),
      requestId: z.optional(z.string()),
    }),
  ),
  mitigations: z.array(z.strictObject({ kind: z.string(), why: z.string(), byHand: z.optional(z.string()) })),
  notOffered: z.array(z.strictObject({ kind: z.string(), why: z.string() })),
  nextSteps: z.array(z.string()),
  blind: z.optional(z.array(z.string())),
  impact: z.optional(
    z.strictObject({
      failingShare: z.nullable(z.number()),
      requestsPerMinute: z.nullable(z.number()),
      models: z.array(z.string()),
    }),
  ),
  matrix: z.optional(
    z.array(
      z.strictObject({
        model: z.string(),
        outcome: z.enum(['ok', 'failed', 'unknown']),
        branch: z.optional(z.string()),
      }),
    ),
  ),
  latency: z.optional(
    z.strictObject({
      connectMs: z.nullable(z.number()),
      edgeMs: z.nullable(z.number()),
      upstreamMs: z.nullable(z.number()),
      oursMs: z.nullable(z.number()),
    }),
  ),
  nextQuestion: z.optional(z.string()),
  sinceDeploy: z.optional(z.strictObject({ at: z.string(), version: z.optional(z.string()) })),
});

describe('the diagnosis as JSON', () => {
  it.each(Object.entries(SAMPLES))('%s has the members of the contract and no other', (_name, diagnosis) => {
    const ids = { status: 503, correlationId: 'c-1', requestId: 'r-1' };
    const evidence = { ...ids, model: 'not-in-the-contract' };
    const rich = { ...diagnosis, probes: diagnosis.probes.map((probe) => ({ ...probe, evidence })) };
    const json: unknown = JSON.parse(triageJson(rich, { mistral: 'https://mistral.example', place: PLACE }));
    expect(contract.safeParse(json).error?.issues ?? []).toEqual([]);
    const { verdict, branch, cause, nextSteps, at } = diagnosis;
    expect(json).toMatchObject({ verdict, branch, cause, nextSteps, at, probes: rich.probes.map(() => ids) });
  });

  it('says how to do what has no button, and of that alone', () => {
    const json: unknown = JSON.parse(triageJson(WITH_HAND, { mistral: 'embedded', place: PLACE }));
    expect(json).toMatchObject({
      mitigations: [
        { kind: 'enable-fallback' },
        { byHand: 'Set MAX_CONCURRENT_MISTRAL of checkout to half of what it is now.' },
      ],
    });
    expect(JSON.stringify(json)).not.toMatch(/"kind":"enable-fallback",[^}]*byHand/);
  });
});
