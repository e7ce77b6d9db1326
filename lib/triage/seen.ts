import type { Finding } from '../domain/diagnosis.ts';

/** What was asked and what should have been; a question that nobody asked is one without an answer. */
export type Seen = { readonly mistral: readonly Finding[]; readonly health: Finding | null };

const missing = (name: string, question: string): Finding => ({
  name,
  question,
  outcome: 'unknown',
  latencyMs: 0,
  why: 'not asked',
});

/** The questions of the tree in their order. */
export const see = (findings: readonly Finding[], models: readonly string[]): Seen => {
  const find = (name: string): Finding | null => findings.find((finding) => finding.name === name) ?? null;
  const chats = [...new Set(models)].map(
    (model) => find(`chat:${model}`) ?? missing(`chat:${model}`, `Does ${model} answer a chat of one token?`),
  );
  const noModel = missing('chat', 'Does a model answer? None is configured.');
  return {
    mistral: [
      find('models') ?? missing('models', 'Does the Mistral API answer our key?'),
      ...(chats.length === 0 ? [noModel] : chats),
    ],
    health: find('health'),
  };
};
