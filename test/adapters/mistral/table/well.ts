import type { IncomingMessage, ServerResponse } from 'node:http';

export const card = (id: string) => ({
  id,
  object: 'model',
  created: 1,
  owned_by: 'mistralai',
  capabilities: { completion_chat: true, function_calling: true },
  name: id,
  max_context_length: 131_072,
  aliases: [],
  type: 'base',
});

export const MODELS = JSON.stringify({ object: 'list', data: [card('mistral-small-latest')] });

const HEAD = { id: 'x', created: 1, model: 'mistral-small-latest' };

/** `choice` null: none. */
export const chat = (choice: object | null, completionTokens = 1): string =>
  JSON.stringify({
    ...HEAD,
    object: 'chat.completion',
    usage: { prompt_tokens: 4, completion_tokens: completionTokens, total_tokens: 4 + completionTokens },
    choices:
      choice === null
        ? []
        : [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'abc' }, ...choice }],
  });

export const event = (content: string, end: string | null = null): string => {
  const choices = [{ index: 0, delta: { role: 'assistant', content }, finish_reason: end }];
  return `data: ${JSON.stringify({ ...HEAD, object: 'chat.completion.chunk', choices })}\n\n`;
};

const sendChat = (response: ServerResponse, asked: string): void => {
  if (!asked.includes('"stream":true')) response.setHeader('content-type', 'application/json').end(chat({}));
  else response.setHeader('content-type', 'text/event-stream').end(`${event('a', 'stop')}data: [DONE]\n\n`);
};

/** Mistral, while all is well. */
export const sendWell = (request: IncomingMessage, response: ServerResponse): void => {
  let asked = '';
  request.on('data', (chunk) => {
    asked += String(chunk);
  });
  request.on('end', () => {
    if (request.method === 'POST') return sendChat(response, asked);
    response.setHeader('content-type', 'application/json');
    response.end(request.url === '/v1/models' ? MODELS : JSON.stringify(card('mistral-small-latest')));
  });
};
