import { answering, sendingJson, type TableCase } from './case.ts';
import { card, chat, MODELS } from './well.ts';

const list = (...cards: readonly object[]): string => JSON.stringify({ object: 'list', data: cards });
const { capabilities: _gone, ...incapable } = card('mistral-small-latest');

const lists: readonly Omit<TableCase, 'asked'>[] = [
  {
    row: '301 redirect to http://127.0.0.1 other path -> 200',
    expected: 'ok',
    open: answering((request, response) => {
      if (request.url === '/v1/models') response.writeHead(301, { location: '/elsewhere' }).end();
      else response.setHeader('content-type', 'application/json').end(MODELS);
    }),
  },
  { row: '200 OK valid', expected: 'ok', open: sendingJson(MODELS) },
  // The key works and the shape is nobody's that this SDK knows: applications with the same SDK see no card either.
  {
    row: '200 OK card without aliases/caps (old/partial proxy shape)',
    expected: 'content.schema_mismatch',
    open: sendingJson(list({ id: 'm', object: 'model', created: 1, owned_by: 'x' })),
  },
  {
    row: '200 base card missing capabilities',
    expected: 'content.schema_mismatch',
    open: sendingJson(list(incapable)),
  },
  { row: '200 OK data:[] empty list', expected: 'content.empty', open: sendingJson(list()) },
  {
    row: '200 {"object":"error"} in a 200',
    expected: 'content.empty',
    open: sendingJson('{"object":"error","message":"overloaded"}'),
  },
];

const said = (content: string | null): object => ({ message: { role: 'assistant', content } });

const chats: readonly Omit<TableCase, 'asked'>[] = [
  { row: 'chat 200 empty content', expected: 'content.empty', open: sendingJson(chat(said(''), 0)) },
  { row: 'chat 200 choices []', expected: 'content.empty', open: sendingJson(chat(null)) },
  {
    row: 'chat 200 finish_reason error',
    expected: 'content.empty',
    open: sendingJson(chat({ finish_reason: 'error' })),
  },
  // The model's window ended the answer, which came.
  {
    row: 'chat 200 finish_reason model_length',
    expected: 'ok',
    open: sendingJson(chat({ finish_reason: 'model_length' })),
  },
  // A token was made and counted: with one token allowed it may have been the end itself.
  { row: 'chat 200 content null', expected: 'ok', open: sendingJson(chat(said(null))) },
];

/** What the SDK calls a success: alone, since everything else is well then. */
export const RESOLVED: readonly TableCase[] = [
  ...lists.map((one) => ({ ...one, asked: 'models' as const, isAlone: true })),
  ...chats.map((one) => ({ ...one, asked: 'chat' as const, isAlone: true })),
];
