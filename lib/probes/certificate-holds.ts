import type { NetworkCalls } from '../ports/probe-sources.ts';
import { answerStep } from './network-step.ts';
import type { Probe } from './probe-answer.ts';

/** Who vouches for the API's address, until when, for which host: as it is seen from here, through the proxy where there is one. */
export const certificateHolds = (
  network: NetworkCalls,
  { host, port, isProxied }: { readonly host: string; readonly port: number; readonly isProxied: boolean },
): Probe => ({
  name: 'tls',
  question: `Does the certificate of ${host} hold${isProxied ? ', seen through the proxy' : ''}?`,
  ask: async (timeoutMs) => answerStep(await network.inspectTls(host, port, timeoutMs)),
});
