import type { ChatCompletionResponse, ModelList } from '@mistralai/mistralai/models/components';
import type { CallFailure, ProbeFacts } from '../../domain/diagnosis.ts';

/** What resolved: well (perhaps with a remark), or a failure in the clothes of a success. */
export type Judged = { readonly failure?: CallFailure; readonly note?: string; readonly facts?: ProbeFacts };

/** These are our names; `classify` knows them. */
export const failure = (name: 'EmptyAnswer' | 'UnknownShape' | 'CutStream' | 'ErrorEvent'): Judged => ({
  failure: { status: 200, body: 'json', names: [name], codes: [] },
});

/** An error object in a 200 becomes a list without data, an unknown card a card of which only the raw form is left. */
export const judgeModels = (list: ModelList): Judged => {
  const cards = list.data ?? [];
  if (cards.length === 0) return failure('EmptyAnswer');
  if (cards.every((card) => 'isUnknown' in card)) return failure('UnknownShape');
  return { note: cards.length === 1 ? '1 model' : `${cards.length} models` };
};

const isEmpty = (content: unknown): boolean =>
  content === undefined || content === null || content === '' || (Array.isArray(content) && content.length === 0);

/** With one token allowed, empty content is well as long as a token was made: it may have been the end itself. */
export const judgeChat = (answer: ChatCompletionResponse): Judged => {
  const choice = answer.choices[0];
  if (choice === undefined || choice.finishReason === 'error') return failure('EmptyAnswer');
  const hasCalls = (choice.message?.toolCalls ?? []).length > 0;
  const madeTokens = (answer.usage.completionTokens ?? 0) > 0;
  return isEmpty(choice.message?.content) && !hasCalls && !madeTokens ? failure('EmptyAnswer') : {};
};

/** A stream that ends without saying why was cut, and the SDK says nothing about it. */
export const judgeStream = (end: string | null): Judged => {
  if (end === null) return failure('CutStream');
  return end === 'error' ? failure('ErrorEvent') : {};
};
