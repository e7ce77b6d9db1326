import type { ProbeFacts } from '../domain/diagnosis.ts';
import type { MistralCalls } from '../ports/probes.ts';
import { type Answered, answerOf, type Probe } from './probe-answer.ts';

/** The card of the model, which is asked at the same time. */
export type AskCard = Probe['ask'];

/** So long the card may take to say that there is nothing to chat with; then it is found out by asking. */
const CARD_PATIENCE_MS = 1_000;

const saysNoChat = (facts: ProbeFacts | undefined): boolean => facts?.['chats'] === false;

const readCard = async (askCard: AskCard, timeoutMs: number): Promise<Answered | null> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), Math.min(CARD_PATIENCE_MS, timeoutMs / 2));
  });
  return Promise.race([askCard(timeoutMs).catch(() => null), late]).finally(() => clearTimeout(timer));
};

/** A generation is asked of models that generate. Of others, as those for embeddings, the card alone is asked, which then speaks for the model. */
export const unlessNoChat =
  (askCard: AskCard, ask: Probe['ask']): Probe['ask'] =>
  async (timeoutMs) => {
    const startedMs = performance.now();
    const card = await readCard(askCard, timeoutMs);
    if (card?.outcome === 'ok' && saysNoChat(card.facts)) {
      const { latencyMs, evidence } = card;
      const note = 'it is no chat model: its card alone is asked, and it is there';
      const facts = { chats: false };
      return { outcome: 'ok', latencyMs, facts, ...(evidence === undefined ? {} : { evidence }), note };
    }
    return ask(Math.max(1, timeoutMs - Math.floor(performance.now() - startedMs)));
  };

/** One token of the real model: the only question that sees limits, quota, capacity and retirement. */
export const chatAnswers = (mistral: MistralCalls, key: string, model: string): Probe => ({
  name: `chat:${model}`,
  question: `Does ${model} answer a chat of one token?`,
  ask: async (timeoutMs) => answerOf(await mistral.chatOnce(key, model, timeoutMs)),
});
