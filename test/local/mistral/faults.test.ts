import { describe, expect, it } from 'vitest';
import { createHealthCalls } from '../../../lib/adapters/http.ts';
import { createMistralCalls } from '../../../lib/adapters/mistral/calls.ts';
import type { Diagnosis } from '../../../lib/domain/diagnosis.ts';
import { FAULTS, type FaultName } from '../../../lib/local/mistral/faults.ts';
import { triageJson } from '../../../lib/local/triage-json.ts';
import { renderTriage } from '../../../lib/local/triage-text.ts';
import { planMitigations } from '../../../lib/mitigate/plan.ts';
import { runProbes } from '../../../lib/probes/probe.ts';
import { judge } from '../../../lib/triage/judge.ts';
import { diagnose } from '../../../lib/triage/tree.ts';
import { partsOfKey, serve } from '../../adapters/mistral/serve.ts';
import { breakWith, CURRENT, open, STANDBY } from './ask.ts';

const EXPECTED: Readonly<Record<FaultName, string>> = {
  none: 'healthy healthy none',
  'revoked-key': 'problem auth.invalid_key ours',
  'rate-minute': 'problem rate.minute ours',
  'quota-zero': 'problem quota.zero_for_model ours',
  'quota-month': 'problem quota.period_exhausted ours',
  capacity: 'problem capacity.model theirs',
  'spent-plan': 'problem billing.inactive_or_limit ours',
  'error-500': 'problem provider.5xx theirs',
  'error-503': 'problem provider.5xx theirs',
  'edge-520': 'problem provider.edge_5xx theirs',
  slow: 'problem timeout.headers between',
  hang: 'problem timeout.headers between',
  reset: 'problem net.reset between',
  'model-retired': 'problem model.retired_or_unknown ours',
  'cut-stream': 'problem stream.cut theirs',
  empty: 'problem content.empty theirs',
};

const triage = async (url: string, healthUrl: string | null, key: string | null = CURRENT): Promise<Diagnosis> => {
  const models = ['mistral-small-latest'];
  const mistral = createMistralCalls({ serverUrl: url, clock: { nowMs: Date.now } });
  // Loading the client takes longer than a question may here.
  await mistral.warmUp();
  const answers = await runProbes({
    target: { name: 'checkout', environment: 'production', models, secretId: 'mistral/checkout', healthUrl },
    key,
    mistral,
    health: createHealthCalls(),
    clock: { nowMs: Date.now },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    deadlineMs: 10_000,
    limitsMs: { models: 700, chat: 700, health: 700 },
  });
  const context = { at: new Date().toISOString(), service: 'checkout', models, standby: 'present' } as const;
  const found = diagnose(
    answers.map((answer) => judge(answer)),
    context,
  );
  return { ...found, ...planMitigations(found, { standby: 'present', secretId: 'mistral/checkout' }) };
};

const told = ({ verdict, branch, owner }: Diagnosis): string => `${verdict} ${branch} ${owner}`;

const names = Object.keys(EXPECTED);

describe('a triage of the embedded Mistral', () => {
  it('is expected for every fault there is', () => expect(names).toEqual(Object.keys(FAULTS)));

  it.each(Object.entries(EXPECTED))('with the fault %s is %s', async (fault, expected) => {
    const url = await open();
    await breakWith(url, { fault });
    const diagnosis = await triage(url, null);
    expect(told(diagnosis)).toBe(expected);
    const printed = [
      renderTriage(diagnosis, { colour: true }),
      triageJson(diagnosis, { mistral: 'embedded' }),
      JSON.stringify(diagnosis),
    ].join('\n');
    expect([...partsOfKey(printed, CURRENT), ...partsOfKey(printed, STANDBY)]).toEqual([]);
  });

  it('blames our own service when Mistral is well and its health check is not', async () => {
    const url = await open();
    const service = await serve((_request, response) => response.writeHead(500).end());
    const diagnosis = await triage(url, service.url);
    await service.close();
    expect(told(diagnosis)).toBe('problem app.errors ours');
  });

  it('is unknown without a key, and says so', async () => {
    const diagnosis = await triage(await open(), null, null);
    expect(told(diagnosis)).toBe('unknown unknown unknown');
    expect(diagnosis.path[0]?.answer).toContain('no key is stored under mistral/checkout');
  });
});
