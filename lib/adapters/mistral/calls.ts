import type { CallEvidence, CallFailure, ProbeFacts } from '../../domain/diagnosis.ts';
import type { CallResult, MistralCalls } from '../../ports/probes.ts';
import type { Clock } from '../../ports/world.ts';
import { createShared } from '../shared-question.ts';
import { createClient } from './client.ts';
import { type Limit, startLimit } from './limit.ts';
import { createSdkLoader, type Sdk } from './load-sdk.ts';
import { createLookAhead, type WaySettings } from './look-ahead.ts';
import { askCard, askChat, askModels, askStream, type CallOptions, type Question } from './questions.ts';
import { readEvidence } from './read-evidence.ts';
import { readFailure } from './read-failure.ts';
import { readTiming } from './read-timing.ts';
import { createTurns, type TurnSettings } from './turns.ts';

const withFacts = (result: CallResult, facts: ProbeFacts): CallResult =>
  Object.keys(facts).length === 0 ? result : { ...result, facts: { ...facts, ...result.facts } };

const failed = (latencyMs: number, failure: CallFailure, evidence: CallEvidence): CallResult => ({
  ok: false,
  latencyMs,
  failure,
  evidence,
});

/** The failure of a call that was given up and did not notice: before or in the middle of an answer. */
const overdue = (evidence: CallEvidence): CallFailure => ({
  names: evidence.status === undefined ? ['RequestTimeoutError', 'TimeoutError'] : ['TimeoutError'],
  codes: [],
});

/** Of 600 calls begun at once to a server that answers within 0.2 s half were told as slower than 2.5 s, with turns than 0.23 s (two busy processors). */
const TURNS: TurnSettings = { most: 32, openingMs: 250 };

/** Of its limit; then a call begins, whoever else does. */
const MOST_WAIT = 0.5;

/** `warmUp` loads the client (up to a second): whoever puts questions under a short deadline calls it first. */
type WarmMistralCalls = MistralCalls & { readonly warmUp: () => Promise<void> };

/** The Mistral API through its real client, one connection and one attempt for each call. Needs no configuration but the address. */
export const createMistralCalls = ({
  serverUrl,
  clock,
  turns = TURNS,
  ...way
}: WaySettings & {
  readonly serverUrl: string;
  readonly clock: Clock;
  readonly turns?: TurnSettings;
}): WarmMistralCalls => {
  const lookAhead = createLookAhead(serverUrl, way);
  const load = createSdkLoader();
  const takeTurn = createTurns(turns);
  // No key, so that the answer is the same for every service.
  const share = createShared<CallResult>();

  const askOnce = async <T>(sdk: Sdk, key: string, question: Question<T>, limit: Limit): Promise<CallResult> => {
    let startedMs = clock.nowMs();
    const tookMs = (): number => Math.max(0, Math.round(clock.nowMs() - startedMs));
    const model = question.model === undefined ? {} : { model: question.model };
    let evidence: CallEvidence = model;
    let timing: ProbeFacts = {};
    const keep = (response: Response): void => {
      if (question.isTimed === true) timing = readTiming(response.headers);
      evidence = { ...readEvidence(response.status, response.headers, key), ...model };
    };
    const options: CallOptions = {
      headers: { connection: 'close' },
      fetchOptions: { redirect: 'manual', signal: limit.signal },
    };
    const ask = async (): Promise<CallResult> => {
      const { signal } = limit;
      await lookAhead(limit.timeoutMs);
      startedMs = clock.nowMs();
      const client = createClient({ sdk, serverUrl, key, signal, mostBytes: question.mostBytes, keep });
      const asked = question.ask(sdk, client, options);
      const result = await Promise.race([asked, limit.passed]);
      if (result === 'passed') return failed(tookMs(), overdue(evidence), evidence);
      if (!result.ok) return failed(tookMs(), readFailure(result.error, key), evidence);
      const { failure, ...told } = question.judge(result.value);
      if (failure !== undefined) return failed(tookMs(), failure, evidence);
      return { ok: true, latencyMs: tookMs(), evidence, ...told };
    };
    const result = await ask().catch((error: unknown) => failed(tookMs(), readFailure(error, key), evidence));
    return withFacts(result, timing);
  };

  const call = async <T>(key: string, timeoutMs: number, question: Question<T>): Promise<CallResult> => {
    try {
      const sdk = await load();
      const comesMs = performance.now();
      const endTurn = await takeTurn(timeoutMs * MOST_WAIT);
      const limit = startLimit(timeoutMs - (performance.now() - comesMs));
      return await askOnce(sdk, key, question, limit).finally(() => {
        limit.clear();
        endTurn();
      });
    } catch (error) {
      return failed(0, readFailure(error, key), {});
    }
  };

  return {
    warmUp: async () => {
      await load();
    },
    listModels: (key, timeoutMs) => call(key, timeoutMs, askModels),
    listWithoutKey: (timeoutMs) => share('', timeoutMs, () => call('', timeoutMs, askModels)),
    chatOnce: (key, model, timeoutMs) => call(key, timeoutMs, askChat(model)),
    streamOnce: (key, model, timeoutMs) => call(key, timeoutMs, askStream(model)),
    retrieveModel: (key, model, timeoutMs) => call(key, timeoutMs, askCard(model, key)),
  };
};
