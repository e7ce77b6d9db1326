import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseJson } from './arguments.ts';
import { nothing, ORDERS, type Reply } from './console-orders.ts';
import { readConsoleState } from './console-state.ts';
import { originOf, readBody, sendJson } from './exchange.ts';
import { readSharedFile } from './file-methods.ts';
import type { Session } from './session.ts';
import { findPerson } from './workspace.ts';

const MAX_BODY_BYTES = 256 * 1024;
const USUALLY_SHOWN = 200;
const MOST_SHOWN = 10_000;

const post = async (session: Session, name: string, request: IncomingMessage): Promise<Reply> => {
  const handler = ORDERS.get(name);
  if (handler === undefined) return nothing('order');
  // A page of another site can send a form or plain text without asking; JSON it cannot.
  const [media = ''] = (request.headers['content-type'] ?? '').split(';');
  if (media.trim().toLowerCase() !== 'application/json')
    return { status: 415, body: { ok: false, why: 'content type must be application/json' } };
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === null) return { status: 413, body: { ok: false, why: 'too large' } };
  return (
    (await handler(session, parseJson(body.toString('utf8')), originOf(request))) ?? {
      status: 400,
      body: { ok: false, why: 'malformed order' },
    }
  );
};

const sendFile = (session: Session, id: string, response: ServerResponse): void => {
  const file = readSharedFile(session, id);
  if (file === null) {
    sendJson(response, 404, { ok: false, why: 'no such file' });
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
  });
  response.end(file.data);
};

const limitOf = (given: string | null): number => {
  const wanted = Number(given ?? USUALLY_SHOWN);
  return Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, MOST_SHOWN) : USUALLY_SHOWN;
};

const get = (session: Session, path: string, request: IncomingMessage, response: ServerResponse): void => {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const [, , name = '', id = ''] = path.split('/');
  const person = findPerson(query.get('user'));
  if (name === 'files') sendFile(session, id, response);
  else if (name === 'faults') sendJson(response, 200, { ok: true, ...session.faults.report() });
  else if (person === null) sendJson(response, 404, { ok: false, why: 'no such person' });
  else if (name === 'events') session.live.subscribe(person.id, response);
  else if (name === 'state') sendJson(response, 200, readConsoleState(session, person, limitOf(query.get('limit'))));
  else sendJson(response, 404, { ok: false, why: 'no such place' });
};

/** What the page and the tests do in the name of a person, under `/console/`. */
export const serveConsole = async (
  session: Session,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (request.method === 'GET') return get(session, path, request, response);
  if (request.method !== 'POST') return sendJson(response, 405, { ok: false, why: 'method not allowed' });
  const [, , name = ''] = path.split('/');
  const reply = await post(session, name, request);
  sendJson(response, reply.status ?? 200, reply.body);
};
