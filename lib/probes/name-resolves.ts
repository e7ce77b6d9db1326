import type { NetworkCalls } from '../ports/probe-sources.ts';
import { answerStep } from './network-step.ts';
import type { Probe } from './probe-answer.ts';

/** Where calls take a proxy, its name is the one that must resolve here. */
export const nameResolves = (
  network: NetworkCalls,
  { host, isProxy }: { readonly host: string; readonly isProxy: boolean },
): Probe => ({
  name: 'dns',
  question: isProxy ? `Does the name of the proxy, ${host}, resolve?` : `Does ${host} resolve?`,
  ask: async (timeoutMs) => answerStep(await network.resolve(host, timeoutMs)),
});
