import type { NetworkCalls } from '../ports/probe-sources.ts';
import { answerStep } from './network-step.ts';
import type { Answered, Probe } from './probe-answer.ts';

const withoutProxy = (unused: string | null): Answered => {
  const none = { outcome: 'ok', latencyMs: 0, note: 'none' } as const;
  if (unused === null) return none;
  const note = `none: the environment names ${unused}, and calls do not take it (NODE_USE_ENV_PROXY is not 1)`;
  return { ...none, note, facts: { unusedProxy: unused } };
};

/** A proxy that refuses looks like nothing at all through fetch: no status, no code. So it is asked itself. */
export const proxyInWay = (network: NetworkCalls): Probe => ({
  name: 'proxy',
  question: 'Is there a proxy in the way, and does it let us through?',
  ask: async (timeoutMs) => {
    const proxy = network.proxyOf(network.apiUrl);
    if (proxy === null) return withoutProxy(network.unusedProxyOf(network.apiUrl));
    const answered = answerStep(await network.askProxy(network.apiUrl, timeoutMs));
    return { ...answered, facts: { proxy } };
  },
});
