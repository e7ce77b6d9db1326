import { expect, it } from 'vitest';
import { createHealthCalls } from '../../lib/adapters/http.ts';
import { createMistralCalls } from '../../lib/adapters/mistral/calls.ts';
import { namesAsked } from '../../lib/local/live-probes.ts';
import { NO_SOURCES } from '../../lib/ports/probe-sources.ts';
import { runProbes } from '../../lib/probes/probe.ts';

it('What is shown from the beginning is all that will answer', async () => {
  const clock = { nowMs: () => 0 };
  const input = {
    target: {
      name: 'checkout',
      environment: 'production',
      secretId: 'secret',
      healthUrl: 'http://127.0.0.1:9/health',
      models: ['small'],
      streams: true,
    },
    mistral: createMistralCalls({ serverUrl: 'http://127.0.0.1:9', clock }),
    health: createHealthCalls(),
    sources: NO_SOURCES,
    clock,
  };
  const answers = await runProbes({
    ...input,
    key: null,
    readStandby: () => Promise.resolve(null),
    withheld: new Map(),
    wait: () => new Promise(() => undefined),
    deadlineMs: 1_000,
  });
  expect(namesAsked(input)).toEqual(answers.map(({ name }) => name));
  expect(namesAsked(input)).toContain('standby');
});
