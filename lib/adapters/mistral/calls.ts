import type { CallEvidence, CallFailure } from '../../domain/diagnosis.ts';
import type { CallResult, MistralCalls } from '../../ports/probes.ts';
import type { Clock } from '../../ports/world.ts';
import { fetchAnswer } from './fetch-answer.ts';
import { type Judged, judgeChat, judgeModels } from './judge-answer.ts';
import { createSdkLoader, type Sdk } from './load-sdk.ts';
import { readEvidence } from './read-evidence.ts';
import { readFailure } from './read-failure.ts';

/** The SDK's answer: thrown things come out of some calls and are returned by others. */
type SdkResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/**
 * Given so that MISTRAL_DEBUG, with any value, cannot switch on the SDK's own logger, which prints the key. The SDK opens a group before it
 * reads a body for the log; refusing the group ends the log there, which the SDK expects.
 */
const NO_LOGGER = {
  group: (): void => {
    throw new Error('not logged');
  },
  groupEnd: (): void => undefined,
  log: (): void => undefined,
};

/** No hooks: they would send telemetry when the environment says so and print deprecation warnings with text of the answer. */
const createHooks = (sdk: Sdk): InstanceType<Sdk['SDKHooks']> =>
  Object.assign(new sdk.SDKHooks(), {
    sdkInitHooks: [],
    beforeCreateRequestHooks: [],
    beforeRequestHooks: [],
    afterSuccessHooks: [],
    afterErrorHooks: [],
  });

type Question<T> = {
  readonly ask: (sdk: Sdk, client: InstanceType<Sdk['MistralCore']>) => Promise<SdkResult<T>>;
  readonly judge: (value: T) => Judged;
  readonly model?: string;
};

const failed = (latencyMs: number, failure: CallFailure, evidence: CallEvidence): CallResult => ({
  ok: false,
  latencyMs,
  failure,
  evidence,
});

/** The Mistral API through its real client, one connection and one attempt for each call. Needs no configuration but the address. */
export const createMistralCalls = ({
  serverUrl,
  clock,
}: {
  readonly serverUrl: string;
  readonly clock: Clock;
}): MistralCalls => {
  const load = createSdkLoader();

  const createClient = (sdk: Sdk, key: string, keep: (response: Response) => void) => {
    const httpClient = new sdk.HTTPClient({
      fetcher: async (input, init) => {
        const response = await fetchAnswer(new Request(input, init));
        keep(response);
        return response;
      },
    });
    const options = {
      // Always given, even when empty: without one the SDK would take the environment's.
      apiKey: () => Promise.resolve(key),
      serverURL: serverUrl,
      httpClient,
      hooks: createHooks(sdk),
      debugLogger: NO_LOGGER,
      retryConfig: { strategy: 'none' as const },
      userAgent: `mistral-client-typescript/${sdk.version}`,
    };
    return new sdk.MistralCore(options);
  };

  const call = async <T>(key: string, question: Question<T>): Promise<CallResult> => {
    const model = question.model === undefined ? {} : { model: question.model };
    let evidence: CallEvidence = model;
    let startedMs = clock.nowMs();
    const tookMs = (): number => Math.max(0, Math.round(clock.nowMs() - startedMs));
    try {
      const sdk = await load();
      startedMs = clock.nowMs();
      const client = createClient(sdk, key, (response) => {
        evidence = { ...readEvidence(response.status, response.headers, key), ...model };
      });
      const result = await question.ask(sdk, client);
      if (!result.ok) return failed(tookMs(), readFailure(result.error, key), evidence);
      const judged = question.judge(result.value);
      if (judged.failure !== undefined) return failed(tookMs(), judged.failure, evidence);
      return { ok: true, latencyMs: tookMs(), evidence, ...(judged.note === undefined ? {} : { note: judged.note }) };
    } catch (error) {
      return failed(tookMs(), readFailure(error, key), evidence);
    }
  };

  const options = (timeoutMs: number) => ({
    timeoutMs: Math.max(1, Math.ceil(timeoutMs)),
    headers: { connection: 'close' },
    fetchOptions: { redirect: 'manual' as const },
  });

  return {
    listModels: (key, timeoutMs) =>
      call(key, {
        ask: (sdk, client) => sdk.modelsList(client, undefined, options(timeoutMs)),
        judge: judgeModels,
      }),
    chatOnce: (key, model, timeoutMs) =>
      call(key, {
        ask: (sdk, client) =>
          sdk.chatComplete(
            client,
            { model, maxTokens: 1, messages: [{ role: 'user', content: 'ping' }] },
            options(timeoutMs),
          ),
        judge: judgeChat,
        model,
      }),
  };
};
