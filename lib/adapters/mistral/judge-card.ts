import type { BaseModelCard, FTModelCard } from '@mistralai/mistralai/models/components';
import * as z from 'zod/mini';
import { failure, type Judged } from './judge-answer.ts';
import { readWord } from './scrub.ts';

/** A card that the SDK does not know the shape of keeps the raw form alone. */
export type ModelCard = BaseModelCard | FTModelCard | { readonly isUnknown: true; readonly raw: unknown };

const RAW = z.object({
  id: z.string(),
  name: z.nullish(z.string()),
  type: z.nullish(z.string()),
  max_context_length: z.nullish(z.number()),
  deprecation: z.nullish(z.string()),
  deprecation_replacement_model: z.nullish(z.string()),
  capabilities: z.nullish(z.object({ completion_chat: z.nullish(z.boolean()) })),
});

type Card = {
  readonly id: string;
  readonly name: unknown;
  readonly type: unknown;
  readonly contextTokens: unknown;
  readonly deprecation: Date | null;
  readonly replacedBy: unknown;
  readonly chats: unknown;
};

/**
 * The SDK takes a capability that is not there for one that the model has not, so a card with none of them may be one that says nothing.
 * Those for embeddings have none in earnest.
 */
const saysWhatItCan = (capabilities: object, id: string): boolean =>
  /embed/i.test(id) || Object.values(capabilities).some((can) => can === true);

const readCard = (card: ModelCard): Card | null => {
  if (!('isUnknown' in card)) {
    const { id, name, type, maxContextLength: contextTokens, deprecation, deprecationReplacementModel } = card;
    const { capabilities } = card;
    return {
      id,
      name,
      type,
      contextTokens,
      deprecation: deprecation ?? null,
      replacedBy: deprecationReplacementModel,
      chats: saysWhatItCan(capabilities, id) ? capabilities.completionChat : undefined,
    };
  }
  const raw = z.safeParse(RAW, card.raw);
  if (!raw.success) return null;
  const { id, name, type, max_context_length: contextTokens, deprecation, deprecation_replacement_model } = raw.data;
  return {
    id,
    name,
    type,
    contextTokens,
    deprecation: deprecation ? new Date(deprecation) : null,
    replacedBy: deprecation_replacement_model,
    chats: raw.data.capabilities?.completion_chat,
  };
};

/** The card of an alias has the alias as its id and the model's own id as its name. The name of a fine-tuned model is anybody's. */
const targetOf = ({ id, name, type }: Card, model: string): unknown => {
  if (type !== 'fine-tuned' && typeof name === 'string' && name !== model) return name;
  return id === model ? undefined : id;
};

/** What a card tells of a model's end, its successor and its size. Names that are none are left out. */
export const judgeCard = (
  card: ModelCard,
  { model, key }: { readonly model: string; readonly key: string },
): Judged => {
  const read = readCard(card);
  if (read === null) return failure('UnknownShape');
  const { contextTokens, deprecation } = read;
  const endMs = deprecation?.getTime() ?? Number.NaN;
  const replacedBy = readWord(read.replacedBy, key);
  const aliasOf = readWord(targetOf(read, model), key);
  const facts = {
    ...(Number.isNaN(endMs) ? {} : { deprecatedAt: new Date(endMs).toISOString() }),
    ...(replacedBy === undefined ? {} : { replacedBy }),
    ...(typeof contextTokens === 'number' ? { maxContextTokens: contextTokens } : {}),
    ...(aliasOf === undefined ? {} : { aliasOf }),
    ...(read.chats === false ? { chats: false } : {}),
  };
  return { facts };
};
