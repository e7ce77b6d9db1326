import type { NetworkAnswer } from '../ports/probe-sources.ts';
import { type Answered, whyNotAsked } from './probe-answer.ts';

/** A step of the way: failed with the codes that the classifier knows, or unknown where the step was not ours to take. */
export const answerStep = (answer: NetworkAnswer): Answered => {
  const { latencyMs, facts } = answer;
  const known = { latencyMs, ...(facts === undefined ? {} : { facts }) };
  if (answer.ok) return { outcome: 'ok', ...known };
  const why = whyNotAsked(answer.codes);
  if (why !== null) return { outcome: 'unknown', ...known, why };
  if (answer.status !== undefined) return { ...answerProxy(answer.status), ...known };
  return { outcome: 'failed', ...known, failure: { codes: answer.codes, names: answer.names } };
};

type Refusal =
  | {
      readonly outcome: 'failed';
      readonly branch: 'net.proxy_auth' | 'net.egress_blocked' | 'net.unknown';
      readonly why: string;
    }
  | { readonly outcome: 'unknown'; readonly why: string };

/** A proxy speaks of itself: its 403 is a rule of ours, and its 5xx says nothing about Mistral. */
const answerProxy = (status: number): Refusal => {
  if (status === 407)
    return { outcome: 'failed', branch: 'net.proxy_auth', why: 'the proxy wants other credentials (407)' };
  if (status === 403 || status === 451)
    return { outcome: 'failed', branch: 'net.egress_blocked', why: `the proxy refuses the way to it (${status})` };
  return { outcome: 'failed', branch: 'net.unknown', why: `the proxy opens no way to it (${status})` };
};
