import { z } from 'zod/mini';
import { type Answer, type Usage, validationFailed } from './answers.ts';

const messageSchema = z.looseObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.optional(z.nullable(z.union([z.string(), z.array(z.unknown())]))),
});

const chatSchema = z.looseObject({
  model: z.string().check(z.minLength(1)),
  messages: z.array(messageSchema).check(z.minLength(1)),
  max_tokens: z.optional(z.nullable(z.int().check(z.minimum(0)))),
  stream: z.optional(z.boolean()),
});

export type ChatRequest = z.infer<typeof chatSchema>;

const INVALID_JSON = validationFailed([{ type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error' }]);

const parseJson = (text: string): { readonly value: unknown } | null => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
};

/** The request, or the 422 that FastAPI would give. */
export const readChat = (text: string): { readonly chat: ChatRequest } | { readonly refused: Answer } => {
  const json = parseJson(text);
  if (json === null) return { refused: INVALID_JSON };
  const parsed = chatSchema.safeParse(json.value);
  if (parsed.success) return { chat: parsed.data };
  const problems = parsed.error.issues.slice(0, 10).map((issue) => ({
    type: issue.code,
    loc: ['body', ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))],
    msg: issue.message,
  }));
  return { refused: validationFailed(problems) };
};

const REPLY = [
  'This',
  ' is',
  ' the',
  ' embedded',
  ' Mistral',
  ':',
  ' it',
  ' answers',
  ',',
  ' always',
  ' the',
  ' same',
  '.',
];

export type Reply = {
  readonly tokens: readonly string[];
  readonly finishReason: 'stop' | 'length';
  readonly usage: Usage;
};

/** The same sentence always, cut to the tokens that were allowed; usage is counted as four characters a token. */
export const writeReply = (chat: ChatRequest, isEmpty: boolean): Reply => {
  const allowed = chat.max_tokens ?? REPLY.length;
  const tokens = isEmpty ? [] : REPLY.slice(0, allowed);
  const prompt = Math.max(1, Math.ceil(JSON.stringify(chat.messages).length / 4));
  return {
    tokens,
    finishReason: tokens.length < REPLY.length && !isEmpty ? 'length' : 'stop',
    usage: { prompt_tokens: prompt, completion_tokens: tokens.length, total_tokens: prompt + tokens.length },
  };
};

type About = { readonly id: string; readonly created: number; readonly model: string };

export const completion = (about: About, reply: Reply) => ({
  id: about.id,
  object: 'chat.completion',
  created: about.created,
  model: about.model,
  usage: reply.usage,
  choices: [
    {
      index: 0,
      finish_reason: reply.finishReason,
      message: { role: 'assistant', content: reply.tokens.join(''), tool_calls: null, prefix: false },
    },
  ],
});

/** The events of a stream, one for each token; the last carries the finish reason and the usage. */
export const completionEvents = (about: About, reply: Reply): readonly string[] => {
  const event = (delta: Readonly<Record<string, string>>, isLast: boolean): string => {
    const choice = { index: 0, delta, finish_reason: isLast ? reply.finishReason : null };
    const chunk = { ...about, object: 'chat.completion.chunk', choices: [choice] };
    return `data: ${JSON.stringify(isLast ? { ...chunk, usage: reply.usage } : chunk)}\n\n`;
  };
  return [
    event({ role: 'assistant', content: '' }, false),
    ...reply.tokens.map((token) => event({ content: token }, false)),
    event({ content: '' }, true),
    'data: [DONE]\n\n',
  ];
};
