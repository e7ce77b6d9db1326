/** Answers of Mistral while all is well, as small as its client takes them. */
export const MODELS_ANSWER = {
  object: 'list',
  data: [
    {
      id: 'small',
      object: 'model',
      type: 'base',
      capabilities: {
        completion_chat: true,
        completion_fim: false,
        function_calling: true,
        fine_tuning: false,
        vision: false,
      },
    },
  ],
};

export const chatAnswer = (model: string) => ({
  id: 'cmpl',
  object: 'chat.completion',
  model,
  created: 1,
  usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 },
  choices: [{ index: 0, message: { role: 'assistant', content: 'p' }, finish_reason: 'length' }],
});

const chunk = (delta: object, finishReason: string | null): string =>
  `data: ${JSON.stringify({ id: 'cmpl', model: 'small', choices: [{ index: 0, delta, finish_reason: finishReason }] })}\n\n`;

export const STREAM_ANSWER = `${chunk({ role: 'assistant', content: '' }, null)}${chunk({ content: 'p' }, 'length')}data: [DONE]\n\n`;
