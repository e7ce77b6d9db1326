import type { NetworkCalls } from '../ports/probe-sources.ts';
import { answerStep } from './network-step.ts';
import type { Probe } from './probe-answer.ts';

/** Where calls take a proxy, its port is the one that must open from here. */
export const portOpens = (
  network: NetworkCalls,
  { host, port, isProxy }: { readonly host: string; readonly port: number; readonly isProxy: boolean },
): Probe => ({
  name: 'connect',
  question: isProxy
    ? `Does the proxy, ${host}, take connections on port ${port}?`
    : `Does ${host} take connections on port ${port}?`,
  ask: async (timeoutMs) => answerStep(await network.connect(host, port, timeoutMs)),
});
