import * as z from 'zod/mini';
import type { CallEvidence, CallFailure } from '../../domain/diagnosis.ts';
import type { CallResult, KeyCalls } from '../../ports/probes.ts';
import type { Clock } from '../../ports/world.ts';
import { fetchAnswer } from './fetch-answer.ts';
import { type Limit, startLimit } from './limit.ts';
import { createLookAhead, type LookAhead, type WaySettings } from './look-ahead.ts';
import { readBody } from './read-body.ts';
import { readEvidence } from './read-evidence.ts';
import { readFailure } from './read-failure.ts';

const MODELS = z.object({ data: z.optional(z.array(z.unknown())) });
const CHAT = z.object({
  choices: z.array(z.object({ finish_reason: z.nullish(z.string()) })),
  usage: z.object({ completion_tokens: z.optional(z.number()) }),
});

type Question = {
  readonly path: string;
  readonly body: object | null;
  /** null: well. */
  readonly judge: (json: unknown) => 'EmptyAnswer' | 'ResponseValidationError' | null;
  readonly model?: string;
};

const judgeModels: Question['judge'] = (json) => {
  const read = z.safeParse(MODELS, json);
  if (!read.success) return 'ResponseValidationError';
  return (read.data.data ?? []).length === 0 ? 'EmptyAnswer' : null;
};

const judgeChat: Question['judge'] = (json) => {
  const read = z.safeParse(CHAT, json);
  if (!read.success) return 'ResponseValidationError';
  const [choice] = read.data.choices;
  return choice === undefined || choice.finish_reason === 'error' ? 'EmptyAnswer' : null;
};

/**
 * The questions about a key without the SDK, for who must know whether a key is good and must stay small. What the failing applications see is
 * asked by `createMistralCalls`.
 */
export const createPlainCalls = ({
  serverUrl,
  clock,
  ...way
}: WaySettings & {
  readonly serverUrl: string;
  readonly clock: Clock;
}): KeyCalls => {
  const look = createLookAhead(serverUrl, way);
  const call = async (key: string, timeoutMs: number, question: Question): Promise<CallResult> => {
    let startedMs = clock.nowMs();
    const lookAhead: LookAhead = async (limitMs) => {
      await look(limitMs);
      startedMs = clock.nowMs();
    };
    const limit = startLimit(timeoutMs);
    const { failure, evidence } = await ask({ serverUrl, key, question, limit, lookAhead }).finally(limit.clear);
    const latencyMs = Math.max(0, Math.round(clock.nowMs() - startedMs));
    const told = { ...evidence, ...(question.model === undefined ? {} : { model: question.model }) };
    return failure === null
      ? { ok: true, latencyMs, evidence: told }
      : { ok: false, latencyMs, evidence: told, failure };
  };
  return {
    listModels: (key, timeoutMs) => call(key, timeoutMs, { path: '/v1/models', body: null, judge: judgeModels }),
    chatOnce: (key, model, timeoutMs) =>
      call(key, timeoutMs, {
        path: '/v1/chat/completions',
        body: { model, max_tokens: 1, messages: [{ role: 'user', content: 'ping' }] },
        judge: judgeChat,
        model,
      }),
  };
};

type Asking = {
  readonly serverUrl: string;
  readonly key: string;
  readonly question: Question;
  readonly limit: Limit;
  readonly lookAhead: LookAhead;
};
type Answer = { readonly failure: CallFailure | null; readonly evidence: CallEvidence };

const OVERDUE: CallFailure = { names: ['RequestTimeoutError', 'TimeoutError'], codes: [] };

const ask = async ({ serverUrl, key, question, limit, lookAhead }: Asking): Promise<Answer> => {
  let evidence: CallEvidence = {};
  const answer = async (): Promise<CallFailure | null> => {
    await lookAhead(limit.timeoutMs);
    const response = await fetchAnswer(requestFor(serverUrl, key, question), limit.signal);
    evidence = readEvidence(response.status, response.headers, key);
    const text = await response.text();
    return judgeAnswer({ response, text, key }, question.judge);
  };
  const failure = await Promise.race([answer(), limit.passed.then(() => OVERDUE)]).catch((error: unknown) =>
    readFailure(error, key),
  );
  return { failure, evidence };
};

const requestFor = (serverUrl: string, key: string, { path, body }: Question): Request =>
  new Request(serverUrl.replace(/\/$/, '') + path, {
    method: body === null ? 'GET' : 'POST',
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${key}`,
      connection: 'close',
      ...(body === null ? {} : { 'content-type': 'application/json' }),
    },
    body: body === null ? null : JSON.stringify(body),
    redirect: 'manual',
  });

type Read = { readonly response: Response; readonly text: string; readonly key: string };

const judgeAnswer = ({ response, text, key }: Read, judge: Question['judge']): CallFailure | null => {
  const { status, headers } = response;
  const contentType = headers.get('content-type') ?? '';
  const server = headers.get('server')?.toLowerCase();
  const seen = { status, codes: [], ...readBody(text, contentType, key), ...(server === undefined ? {} : { server }) };
  if (status !== 200 || !contentType.toLowerCase().includes('json')) return { ...seen, names: [] };
  const wrong = judgeText(text, judge);
  return wrong === null ? null : { ...seen, names: [wrong] };
};

const judgeText = (text: string, judge: Question['judge']): string | null => {
  try {
    return judge(JSON.parse(text));
  } catch {
    return 'SyntaxError';
  }
};
