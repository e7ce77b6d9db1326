import type { CallEvidence, CallFailure, ProbeFacts } from '../../domain/diagnosis.ts';
import type { CallResult, MistralCalls } from '../../ports/probes.ts';
import { scrubKey } from './scrub.ts';

type IsClean = (text: string) => boolean;

const cleanEvidence = (evidence: CallEvidence, isClean: IsClean): CallEvidence => {
  const { correlationId, requestId, rateLimits, ...rest } = evidence;
  const limits = Object.entries(rateLimits ?? {}).filter(([name, value]) => isClean(name) && isClean(value));
  return {
    ...rest,
    ...(correlationId === undefined || !isClean(correlationId) ? {} : { correlationId }),
    ...(requestId === undefined || !isClean(requestId) ? {} : { requestId }),
    ...(limits.length === 0 ? {} : { rateLimits: Object.fromEntries(limits) }),
  };
};

const cleanFacts = (facts: ProbeFacts, isClean: IsClean): ProbeFacts =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => typeof value !== 'string' || isClean(value)));

/** The wording is used to classify and goes nowhere. */
const cleanFailure = (failure: CallFailure, isClean: IsClean): CallFailure => {
  const { code, type, ...rest } = failure;
  return {
    ...rest,
    ...(code === undefined || !isClean(code) ? {} : { code }),
    ...(type === undefined || !isClean(type) ? {} : { type }),
  };
};

const cleanResult = (result: CallResult, isClean: IsClean): CallResult => {
  const evidence = cleanEvidence(result.evidence, isClean);
  const facts = result.facts === undefined ? {} : { facts: cleanFacts(result.facts, isClean) };
  return result.ok
    ? { ...result, evidence, ...facts }
    : { ...result, evidence, ...facts, failure: cleanFailure(result.failure, isClean) };
};

/**
 * The same questions to the API, which may know more secrets than the key that one of them is asked with: the standby key and the admin
 * key go to the same host. A word of an answer that holds a part of any of `held` is left out. `held` never rejects, and has what goes to
 * that host alone: six characters in a row of a secret that somebody made up may stand in any word.
 */
export const withholdSecrets = (calls: MistralCalls, held: () => Promise<readonly string[]>): MistralCalls => {
  const clean = async (asked: Promise<CallResult>): Promise<CallResult> => {
    const result = await asked;
    const secrets = await held();
    return cleanResult(result, (text) => secrets.every((secret) => scrubKey(text, secret) === scrubKey(text, '')));
  };
  return {
    listModels: (key, timeoutMs) => clean(calls.listModels(key, timeoutMs)),
    listWithoutKey: (timeoutMs) => clean(calls.listWithoutKey(timeoutMs)),
    chatOnce: (key, model, timeoutMs) => clean(calls.chatOnce(key, model, timeoutMs)),
    streamOnce: (key, model, timeoutMs) => clean(calls.streamOnce(key, model, timeoutMs)),
    retrieveModel: (key, model, timeoutMs) => clean(calls.retrieveModel(key, model, timeoutMs)),
  };
};
