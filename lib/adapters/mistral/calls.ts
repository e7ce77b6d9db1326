import type { CallEvidence, CallFailure } from '../../domain/diagnosis.ts';
import type { CallResult, MistralCalls } from '../../ports/probes.ts';
import type { Clock } from '../../ports/world.ts';
import { createClient } from './client.ts';
import { type Judged, judgeChat, judgeModels } from './judge-answer.ts';
import { type Limit, startLimit } from './limit.ts';
import { createSdkLoader, type Sdk } from './load-sdk.ts';
import { readEvidence } from './read-evidence.ts';
import { readFailure } from './read-failure.ts';

/** The SDK's answer: thrown things come out of some calls and are returned by others. */
type SdkResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

type CallOptions = {
  readonly headers: Record<string, string>;
  readonly fetchOptions: { readonly redirect: 'manual'; readonly signal: AbortSignal };
};

type Question<T> = {
  readonly ask: (sdk: Sdk, client: InstanceType<Sdk['MistralCore']>, options: CallOptions) => Promise<SdkResult<T>>;
  readonly judge: (value: T) => Judged;
  readonly model?: string;
};

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

/** `warmUp` loads the client (up to a second): whoever puts questions under a short deadline calls it first. */
type WarmMistralCalls = MistralCalls & { readonly warmUp: () => Promise<void> };

/** The Mistral API through its real client, one connection and one attempt for each call. Needs no configuration but the address. */
export const createMistralCalls = ({
  serverUrl,
  clock,
}: {
  readonly serverUrl: string;
  readonly clock: Clock;
}): WarmMistralCalls => {
  const load = createSdkLoader();

  const askOnce = async <T>(sdk: Sdk, key: string, question: Question<T>, limit: Limit): Promise<CallResult> => {
    const startedMs = clock.nowMs();
    const tookMs = (): number => Math.max(0, Math.round(clock.nowMs() - startedMs));
    const model = question.model === undefined ? {} : { model: question.model };
    let evidence: CallEvidence = model;
    const keep = (response: Response): void => {
      evidence = { ...readEvidence(response.status, response.headers, key), ...model };
    };
    const options: CallOptions = {
      headers: { connection: 'close' },
      fetchOptions: { redirect: 'manual', signal: limit.signal },
    };
    try {
      const asked = question.ask(sdk, createClient({ sdk, serverUrl, key, signal: limit.signal, keep }), options);
      const result = await Promise.race([asked, limit.passed]);
      if (result === 'passed') return failed(tookMs(), overdue(evidence), evidence);
      if (!result.ok) return failed(tookMs(), readFailure(result.error, key), evidence);
      const judged = question.judge(result.value);
      if (judged.failure !== undefined) return failed(tookMs(), judged.failure, evidence);
      return { ok: true, latencyMs: tookMs(), evidence, ...(judged.note === undefined ? {} : { note: judged.note }) };
    } catch (error) {
      return failed(tookMs(), readFailure(error, key), evidence);
    }
  };

  const call = async <T>(key: string, timeoutMs: number, question: Question<T>): Promise<CallResult> => {
    try {
      const sdk = await load();
      const limit = startLimit(timeoutMs);
      return await askOnce(sdk, key, question, limit).finally(limit.clear);
    } catch (error) {
      return failed(0, readFailure(error, key), {});
    }
  };

  return {
    warmUp: async () => {
      await load();
    },
    listModels: (key, timeoutMs) =>
      call(key, timeoutMs, {
        ask: (sdk, client, options) => sdk.modelsList(client, undefined, options),
        judge: judgeModels,
      }),
    chatOnce: (key, model, timeoutMs) =>
      call(key, timeoutMs, {
        ask: (sdk, client, options) =>
          sdk.chatComplete(client, { model, maxTokens: 1, messages: [{ role: 'user', content: 'ping' }] }, options),
        judge: judgeChat,
        model,
      }),
  };
};
