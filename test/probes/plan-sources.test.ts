import { expect, it } from 'vitest';
import { type FactSource, NO_SOURCES } from '../../lib/ports/probe-sources.ts';
import { DEFAULT_LIMITS_MS, planProbes } from '../../lib/probes/plan-probes.ts';

const refuse = (): Promise<never> => Promise.reject(new Error('called'));
const input = {
  target: { name: 'chat', environment: 'production', models: [], secretId: 's', healthUrl: null },
  key: 'k',
  mistral: {
    listModels: refuse,
    listWithoutKey: refuse,
    chatOnce: refuse,
    streamOnce: refuse,
    retrieveModel: refuse,
  },
  health: { get: refuse },
  clock: { nowMs: () => 0 },
};

const source = (isFor?: boolean): FactSource => ({
  name: 'a source',
  read: refuse,
  ...(isFor === undefined ? {} : { isFor: () => isFor }),
});

const namesWith = (change: Partial<typeof NO_SOURCES>): readonly string[] =>
  planProbes({ ...input, sources: { ...NO_SOURCES, ...change } }, DEFAULT_LIMITS_MS).map(({ probe }) => probe.name);

it('a question is put only where a source is configured for the service', () => {
  const kept = ['traffic', 'deployments', 'spend', 'keys'];
  const asked = (isFor?: boolean): readonly string[] => {
    const admin = { spend: source(), keys: source(isFor) };
    const names = namesWith({ traffic: [source(false), source(isFor)], deployments: [source(isFor)], admin });
    return kept.filter((name) => names.includes(name));
  };
  expect(asked(true)).toEqual(kept);
  expect(asked()).toEqual(kept);
  expect(asked(false)).toEqual(['spend']);
});
