import { randomUUID } from 'node:crypto';
import {
  type Answer,
  budgetHeaders,
  invalidModel,
  METHOD_NOT_ALLOWED,
  modelCard,
  noRoute,
  rateLimited,
  UNAUTHORIZED,
} from './answers.ts';
import { completion, completionEvents, readChat, writeReply } from './chat.ts';
import { answerChat, answerEverywhere, answerKey } from './fault-answers.ts';
import { LIMITS, type NamedKey, type State } from './state.ts';

/** An answer, whole or as the events of a stream; `isCut` sends only the beginning. */
export type Routed = Answer & { readonly events?: readonly string[]; readonly isCut?: boolean };

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly text: string;
  readonly requestId: string;
};

const isRetired = (state: State, model: string): boolean =>
  state.fault().name === 'model-retired' && state.fault().model === model;

const listModels = (state: State): Answer => {
  const left = state.models.filter((model) => !isRetired(state, model));
  // An empty list would be another fault than the one that was asked for.
  const shown = left.length === 0 ? state.models : left;
  return { status: 200, body: { object: 'list', data: shown.map(modelCard) } };
};

const showModel = (state: State, model: string): Answer => {
  if (isRetired(state, model)) return { status: 404, body: { message: `Model ${model} is deprecated.` } };
  if (!state.models.includes(model)) return { status: 404, body: { message: `Model ${model} was not found.` } };
  return { status: 200, body: modelCard(model) };
};

const chat = (state: State, asked: Asked, key: NamedKey): Routed => {
  const read = readChat(asked.text);
  if ('refused' in read) return read.refused;
  const { model } = read.chat;
  const fault = state.fault();
  state.noteChat(key, model);
  if (!state.models.includes(model)) return invalidModel(model);
  const refused = answerChat(fault, model);
  if (refused !== null) return refused;
  const reply = writeReply(read.chat, fault.name === 'empty');
  const budget = state.spend(model, reply.usage.total_tokens);
  if (budget.isOver) return rateLimited(LIMITS.requests);
  const about = { id: randomUUID().replaceAll('-', ''), created: Math.floor(state.nowMs() / 1000), model };
  const isCut = fault.name === 'cut-stream';
  // Rate headers come with whole answers only, not with streams.
  if (read.chat.stream === true) return { status: 200, body: null, events: completionEvents(about, reply), isCut };
  return {
    status: 200,
    body: completion(about, reply),
    headers: budgetHeaders(budget, reply.usage.total_tokens),
    isCut,
  };
};

const modelName = (segment: string): string | null => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
};

const byPath = (state: State, asked: Asked, key: NamedKey): Routed => {
  const isGet = asked.method === 'GET' || asked.method === 'HEAD';
  if (asked.path === '/v1/models') return isGet ? listModels(state) : METHOD_NOT_ALLOWED;
  if (asked.path === '/v1/chat/completions')
    return asked.method === 'POST' ? chat(state, asked, key) : METHOD_NOT_ALLOWED;
  const model = modelName(/^\/v1\/models\/([^/]+)$/.exec(asked.path)?.[1] ?? '');
  if (model === null || model === '') return noRoute(asked.requestId);
  return isGet ? showModel(state, model) : METHOD_NOT_ALLOWED;
};

/** One call of the API: what stands in front of it first, then the key, then the path. */
export const route = (state: State, asked: Asked): Routed => {
  const everywhere = answerEverywhere(state.fault());
  if (everywhere !== null) return everywhere;
  const key = state.admit(asked.authorization);
  if (key === null) return UNAUTHORIZED;
  return answerKey(state.fault(), asked.requestId) ?? byPath(state, asked, key);
};
