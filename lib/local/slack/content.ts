import { randomBytes } from 'node:crypto';
import { LIMITS } from '../../../templates/limits.ts';
import { type Refusal, refuse } from './answer.ts';
import { type Arguments, structureOf, textOf } from './arguments.ts';
import { validateBlocks } from './validate-blocks.ts';
import { isRecord } from './validate-parts.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Text, blocks and metadata of a message; undefined: not given, so an update keeps what it has. */
export type Content = {
  readonly text: string | undefined;
  readonly blocks: readonly Fields[] | undefined;
  readonly metadata: Fields | null | undefined;
};

const newId = (): string => randomBytes(4).toString('base64url').slice(0, 5);

const nameElement = (element: unknown): unknown =>
  isRecord(element) &&
  element['action_id'] === undefined &&
  !['image', 'plain_text', 'mrkdwn'].includes(String(element['type'])) &&
  !String(element['type']).startsWith('rich_text')
    ? { ...element, action_id: newId() }
    : element;

/** Slack names every block and element that came without a name, so that a click can say where it was. */
export const nameBlocks = (blocks: readonly unknown[]): readonly Fields[] =>
  blocks.filter(isRecord).map((block) => {
    const elements: unknown = block['elements'];
    return {
      ...block,
      block_id: block['block_id'] ?? newId(),
      ...(Array.isArray(elements) ? { elements: elements.map(nameElement) } : {}),
      ...(isRecord(block['accessory']) ? { accessory: nameElement(block['accessory']) } : {}),
      ...(isRecord(block['element']) ? { element: nameElement(block['element']) } : {}),
    };
  });

const readBlocks = (args: Arguments): readonly Fields[] | undefined | Refusal => {
  const given = structureOf(args, 'blocks');
  if (given === 'absent') return undefined;
  if (given === 'invalid' || !Array.isArray(given.value)) return refuse('invalid_blocks_format');
  const problems = validateBlocks(given.value, 'message');
  return problems.length > 0 ? refuse('invalid_blocks', problems) : nameBlocks(given.value);
};

const EVENT_TYPE = /^[\w.:-]{1,255}$/;

const readMetadata = (args: Arguments): Fields | null | undefined | Refusal => {
  const given = structureOf(args, 'metadata');
  if (given === 'absent') return undefined;
  if (given === 'invalid' || !isRecord(given.value)) return refuse('invalid_metadata_format');
  if (Object.keys(given.value).length === 0) return null;
  const { event_type: type, event_payload: payload, entities, ...others } = given.value;
  if (Object.keys(others).length > 0) return refuse('invalid_metadata_schema');
  const hasEvent = typeof type === 'string' && EVENT_TYPE.test(type) && isRecord(payload);
  const onlyEntities = type === undefined && payload === undefined && Array.isArray(entities);
  if (!hasEvent && !onlyEntities) return refuse('invalid_metadata_schema');
  if (Buffer.byteLength(JSON.stringify(given.value)) > LIMITS.metadataBytes) return refuse('metadata_too_large');
  return given.value;
};

export const isRefusal = (value: unknown): value is Refusal => isRecord(value) && value['ok'] === false;

/** What a call wants shown, or why it cannot be. Emptiness is judged by the caller: an update may leave things out. */
export const readContent = (args: Arguments): Content | Refusal => {
  const unknownArgument = ['attachments'].find((name) => structureOf(args, name) !== 'absent');
  if (unknownArgument !== undefined)
    return refuse('invalid_arguments', [`[ERROR] ${unknownArgument} are not rendered here, use blocks`]);
  const text = args['text'] === undefined || args['text'] === null ? undefined : textOf(args, 'text');
  if (text !== undefined && text.length > LIMITS.messageText) return refuse('msg_too_long');
  const blocks = readBlocks(args);
  if (isRefusal(blocks)) return blocks;
  const metadata = readMetadata(args);
  if (isRefusal(metadata)) return metadata;
  return { text, blocks, metadata };
};

export const isEmpty = (content: Content): boolean =>
  (content.text ?? '') === '' && (content.blocks ?? []).length === 0;
