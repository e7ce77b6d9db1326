import type { ChatCompletionResponse, CompletionEvent, ModelList } from '@mistralai/mistralai/models/components';
import { type Judged, judgeChat, judgeModels, judgeStream } from './judge-answer.ts';
import { judgeCard, type ModelCard } from './judge-card.ts';
import type { Sdk } from './load-sdk.ts';

/** The SDK's answer: thrown things come out of some calls and are returned by others. */
type SdkResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

export type CallOptions = {
  readonly headers: Record<string, string>;
  readonly fetchOptions: { readonly redirect: 'manual'; readonly signal: AbortSignal };
};

export type Question<T> = {
  readonly ask: (sdk: Sdk, client: InstanceType<Sdk['MistralCore']>, options: CallOptions) => Promise<SdkResult<T>>;
  readonly judge: (value: T) => Judged;
  readonly model?: string;
  readonly mostBytes?: number;
  /** Where the time went is told with the answer: of generations, since only those take some. */
  readonly isTimed?: boolean;
};

/** What a chat of one token sends. */
const ping = (model: string) => ({ model, maxTokens: 1, messages: [{ role: 'user' as const, content: 'ping' }] });

export const askModels: Question<ModelList> = {
  ask: (sdk, client, options) => sdk.modelsList(client, undefined, options),
  judge: judgeModels,
};

export const askChat = (model: string): Question<ChatCompletionResponse> => ({
  ask: (sdk, client, options) => sdk.chatComplete(client, ping(model), options),
  judge: judgeChat,
  model,
  isTimed: true,
});

export const askCard = (model: string, key: string): Question<ModelCard> => ({
  ask: (sdk, client, options) => sdk.modelsRetrieve(client, { modelId: model }, options),
  judge: (card) => judgeCard(card, { model, key }),
  model,
});

/** The SDK searches all that it has of a stream again with each piece, so that many small pieces of a long event cost by the square. A token takes 1 kB. */
const MOST_STREAM_BYTES = 32_000;

/** Why the stream says that it ended; null: it ended and did not say. */
const readEnd = async (events: AsyncIterable<CompletionEvent>): Promise<string | null> => {
  for await (const { data } of events) {
    const reason = data.choices[0]?.finishReason;
    if (reason) return reason;
  }
  return null;
};

export const askStream = (model: string): Question<string | null> => ({
  ask: async (sdk, client, options) => {
    const result = await sdk.chatStream(client, ping(model), options);
    return result.ok ? { ok: true, value: await readEnd(result.value) } : result;
  },
  judge: judgeStream,
  model,
  mostBytes: MOST_STREAM_BYTES,
});
