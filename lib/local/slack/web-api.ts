import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, refuse } from './answer.ts';
import { type Arguments, parseArguments, textOf } from './arguments.ts';
import { CHAT_METHODS } from './chat-methods.ts';
import { CONVERSATION_METHODS } from './conversation-methods.ts';
import { originOf, readBody, sendJson, sendText } from './exchange.ts';
import { FILE_METHODS, MAX_FILE_BYTES, storeUpload } from './file-methods.ts';
import { MARK_METHODS } from './mark-methods.ts';
import type { Method } from './method.ts';
import { PEOPLE_METHODS } from './people-methods.ts';
import { useLink } from './response-links.ts';
import type { Session } from './session.ts';
import { VIEW_METHODS } from './view-methods.ts';

const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    ...CHAT_METHODS,
    ...CONVERSATION_METHODS,
    ...PEOPLE_METHODS,
    ...VIEW_METHODS,
    ...FILE_METHODS,
    ...MARK_METHODS,
  }),
);

const MAX_BODY_BYTES = 1024 * 1024;
const MULTIPART_ROOM_BYTES = 64 * 1024;
const SLOW_MS = 2_000;

const isToken = (given: string, expected: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const authenticate = (session: Session, request: IncomingMessage, args: Arguments): Answer | null => {
  const header = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '');
  const token = header?.[1]?.trim() ?? textOf(args, 'token');
  if (token === '') return refuse('not_authed');
  return isToken(token, session.botToken) ? null : refuse('invalid_auth');
};

const sendAnswer = (response: ServerResponse, answer: Answer): void => {
  if (answer.ok || !('retryAfterSeconds' in answer)) {
    sendJson(response, 200, answer);
    return;
  }
  const { retryAfterSeconds, ...body } = answer;
  sendJson(response, 429, body, { 'retry-after': String(retryAfterSeconds) });
};

const runMethod = async (session: Session, name: string, request: IncomingMessage): Promise<Answer> => {
  const method = METHODS.get(name);
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === null) return refuse('request_too_large');
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const args = await parseArguments(request.headers['content-type'] ?? '', body, query);
  if (args === null) return refuse('invalid_json');
  const denied = authenticate(session, request, args);
  if (denied !== null) return denied;
  if (method === undefined) return refuse('unknown_method');
  return method({ session, args, origin: originOf(request) });
};

const callMethod = async (
  session: Session,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const fault = session.faults.strike(name);
  switch (fault) {
    case '429':
      return sendJson(response, 429, { ok: false, error: 'ratelimited' }, { 'retry-after': '1' });
    case '500':
      return sendText(response, 500, 'Internal Server Error');
    case 'hang':
      return;
    case 'slow':
      await delay(SLOW_MS);
      return sendAnswer(response, await runMethod(session, name, request));
    case 'drop-after':
      await runMethod(session, name, request);
      response.destroy();
      return;
    case 'ok':
      return sendAnswer(response, await runMethod(session, name, request));
  }
};

const upload = async (
  session: Session,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await readBody(request, MAX_FILE_BYTES + MULTIPART_ROOM_BYTES);
  if (body === null) return sendText(response, 413, 'too large');
  const type = request.headers['content-type'] ?? '';
  const data = type.startsWith('multipart/form-data') ? await unpack(type, body) : body;
  const outcome = data === null ? 'wrong-length' : storeUpload(session, token, data);
  if (outcome === 'stored') return sendText(response, 200, `OK - ${data?.byteLength}`);
  sendText(response, outcome === 'unknown' ? 404 : 400, outcome);
};

/** The first file of a multipart body. */
const unpack = async (type: string, body: Buffer): Promise<Uint8Array | null> => {
  const parts = await parseArguments(type, body, new URLSearchParams());
  const file = Object.values(parts ?? {}).find((part) => part instanceof Blob);
  return file === undefined ? null : new Uint8Array(await file.arrayBuffer());
};

/** `/api/METHOD`, `/api/response/TOKEN` (a response_url) and `/api/upload/TOKEN`. */
export const serveWebApi = async (
  session: Session,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (request.method !== 'POST' && request.method !== 'GET') return sendText(response, 405, 'method not allowed');
  const [, , first = '', second = ''] = path.split('/');
  if (first === 'upload') return upload(session, second, request, response);
  if (first !== 'response') return callMethod(session, first, request, response);
  const body = await readBody(request, MAX_BODY_BYTES);
  const type = request.headers['content-type'] ?? 'application/json';
  const args = body === null || body.length === 0 ? null : await parseArguments(type, body, new URLSearchParams());
  const answer = useLink(session, second, args);
  sendJson(response, answer.status, answer.body);
};
