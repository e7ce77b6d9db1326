import type { Budget } from './state.ts';
import { LIMITS } from './state.ts';

/** An answer before it is sent. Bodies follow what was published of the real API. */
export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/** Mistral's own envelope. */
export const apiError = (
  status: number,
  error: { readonly message: string; readonly type: string; readonly code: string },
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers,
  body: {
    object: 'error',
    message: error.message,
    type: error.type,
    param: null,
    code: error.code,
    raw_status_code: status,
  },
});

export const UNAUTHORIZED: Answer = { status: 401, body: { detail: 'Unauthorized' } };
export const METHOD_NOT_ALLOWED: Answer = { status: 405, body: { detail: 'Method Not Allowed' } };
export const TOO_LARGE: Answer = { status: 413, body: { message: 'Request size limit exceeded' } };

export const noRoute = (requestId: string): Answer => ({
  status: 404,
  body: { message: 'no Route matched with those values', request_id: requestId },
});

export const rateLimited = (limit: number): Answer =>
  // Only the request pair is sent when the request limit refused, and never a Retry-After.
  apiError(
    429,
    { message: 'Rate limit exceeded', type: 'rate_limited', code: '1300' },
    { 'x-ratelimit-limit-req-minute': String(limit), 'x-ratelimit-remaining-req-minute': '0' },
  );

export const invalidModel = (model: string): Answer =>
  apiError(400, { message: `Invalid model: ${model}`, type: 'invalid_model', code: '1500' });

export const validationFailed = (
  problems: readonly { readonly loc: readonly (string | number)[]; readonly msg: string; readonly type: string }[],
): Answer => ({
  status: 422,
  body: { detail: problems },
});

const created = 1_763_596_800;

export const modelCard = (id: string) => ({
  id,
  object: 'model',
  created,
  owned_by: 'mistralai',
  capabilities: {
    completion_chat: true,
    function_calling: true,
    reasoning: false,
    completion_fim: false,
    fine_tuning: false,
    vision: false,
    ocr: false,
    classification: false,
    moderation: false,
    audio: false,
    audio_transcription: false,
  },
  name: id,
  description: 'A model of the embedded Mistral.',
  max_context_length: 131_072,
  aliases: [],
  deprecation: null,
  deprecation_replacement_model: null,
  default_model_temperature: 0.3,
  type: 'base',
});

export type Usage = {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
};

export const budgetHeaders = (budget: Budget, cost: number): Readonly<Record<string, string>> => ({
  'x-ratelimit-limit-req-minute': String(LIMITS.requests),
  'x-ratelimit-remaining-req-minute': String(budget.requestsLeft),
  'x-ratelimit-limit-tokens-minute': String(LIMITS.tokens),
  'x-ratelimit-remaining-tokens-minute': String(budget.tokensLeft),
  'x-ratelimit-tokens-query-cost': String(cost),
});
