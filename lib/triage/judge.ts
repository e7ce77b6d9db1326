import type { Branch } from '../domain/branch.ts';
import type { CallEvidence, CallFailure, Finding, ProbeAnswer, ProbeFacts } from '../domain/diagnosis.ts';
import { clip, plainText } from '../domain/plain-text.ts';
import { classify } from './classify.ts';
import { BRANCH_WORDS } from './words.ts';

const MOST_LIMITS = 16;
const LONGEST = 300;

const word = (text: string): string => plainText(text, 128);

/** A copy of the members that may be kept, whatever else came with them. */
const copyEvidence = (evidence: CallEvidence): CallEvidence => {
  const { status, model, correlationId, requestId, rateLimits, retryAfterSeconds, serverDate } = evidence;
  const limits = Object.entries(rateLimits ?? {})
    .filter(([name]) => /^(?:x-)?ratelimit[\w-]*$/.test(name))
    .slice(0, MOST_LIMITS)
    .map(([name, value]) => [word(name), word(value)] as const);
  return {
    ...(status === undefined ? {} : { status }),
    ...(model === undefined ? {} : { model: word(model) }),
    ...(correlationId === undefined ? {} : { correlationId: word(correlationId) }),
    ...(requestId === undefined ? {} : { requestId: word(requestId) }),
    ...(limits.length === 0 ? {} : { rateLimits: Object.fromEntries(limits) }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(serverDate === undefined ? {} : { serverDate: word(serverDate) }),
  };
};

const MOST_FACTS = 24;

/** Names are ours, numbered where there are several of a kind, so anything else is somebody else's doing; texts are cut to a word. */
const copyFacts = (facts: ProbeFacts): ProbeFacts =>
  Object.fromEntries(
    Object.entries(facts)
      .filter(
        ([name, value]) =>
          /^[a-zA-Z][a-zA-Z\d]{0,40}$/.test(name) && (typeof value !== 'number' || Number.isFinite(value)),
      )
      .slice(0, MOST_FACTS)
      .map(([name, value]) => [name, typeof value === 'string' ? word(value) : value]),
  );

/** What is read from besides our words: the code of an error, by which an error inside a success is known. */
const factsOf = (answer: ProbeAnswer): ProbeFacts | undefined => {
  const code = 'failure' in answer ? answer.failure.code : undefined;
  return code === undefined ? answer.facts : { ...answer.facts, code };
};

/** The number that a specialist wants to see, from status and code; never the server's own sentence. */
const sign = (failure: CallFailure): string => {
  const { status, code } = failure;
  if (status === undefined) return failure.codes.length === 0 ? '' : ` (${word(failure.codes.at(-1) ?? '')})`;
  return code === undefined ? ` (${status})` : ` (${status}, code ${word(code)})`;
};

/** Who was asked without a key was refused nothing of ours. */
const KEYLESS_WORDS: Partial<Readonly<Record<Branch, string>>> = {
  'access.forbidden': 'who has no key is forbidden to call',
  'rate.minute': 'who has no key has called too often',
};

const wordsOf = (name: string, branch: Branch): string =>
  (name === 'path' ? KEYLESS_WORDS[branch] : undefined) ?? BRANCH_WORDS[branch].what;

const judgeOutcome = (answer: ProbeAnswer): Pick<Finding, 'outcome' | 'branch' | 'why'> => {
  if (answer.outcome === 'ok')
    return { outcome: 'ok', ...(answer.note === undefined ? {} : { why: word(answer.note) }) };
  if (answer.outcome === 'unknown') return { outcome: 'unknown', why: plainText(answer.why, LONGEST) };
  if ('branch' in answer) return { outcome: 'failed', branch: answer.branch, why: plainText(answer.why, LONGEST) };
  const branch = classify(answer.failure, answer.evidence);
  return { outcome: 'failed', branch, why: clip(`${wordsOf(answer.name, branch)}${sign(answer.failure)}`, LONGEST) };
};

/** What a probe brought home, in our words: small enough to be stored, safe enough to be shown. */
export const judge = (answer: ProbeAnswer): Finding => {
  const facts = factsOf(answer);
  return {
    name: plainText(answer.name, 200),
    question: plainText(answer.question, LONGEST),
    latencyMs: Math.max(0, Math.round(answer.latencyMs)) || 0,
    ...judgeOutcome(answer),
    ...(answer.evidence === undefined ? {} : { evidence: copyEvidence(answer.evidence) }),
    ...(facts === undefined ? {} : { facts: copyFacts(facts) }),
  };
};
