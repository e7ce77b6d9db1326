import { LIMITS } from '../../../templates/limits.ts';
import { accessory, actionElement, contextElement, inputElement } from './validate-elements.ts';
import {
  anyText,
  boolean,
  byType,
  type Check,
  checkUnique,
  complain,
  type Found,
  isRecord,
  list,
  plainText,
  shape,
  string,
  typed,
} from './validate-parts.ts';
import { richTextElement, tableRow } from './validate-rich-text.ts';

const blockId = string(LIMITS.blockId);

/** The elements of a block that may carry an action_id, each with its place. */
export const elementsOf = (block: Readonly<Record<string, unknown>>): readonly (readonly [unknown, string])[] => {
  const elements: unknown = block['elements'];
  const own = Array.isArray(elements)
    ? elements.map((item: unknown, index) => [item, `/elements/${index}`] as const)
    : [];
  const single = ['accessory', 'element'].map((key) => [block[key], `/${key}`] as const);
  return [...own, ...single.filter(([item]) => item !== undefined)];
};

const sectionShape = shape(
  { type: typed },
  {
    text: anyText(LIMITS.sectionText),
    fields: list(anyText(LIMITS.fieldText), LIMITS.sectionFields),
    accessory,
    block_id: blockId,
    expand: boolean,
  },
);

const section: Check = (value, at, found) => {
  sectionShape(value, at, found);
  if (isRecord(value) && value['text'] === undefined && value['fields'] === undefined) {
    complain(found, at, 'either text or fields is required');
  }
};

const both = {
  section,
  header: shape({ type: typed, text: plainText(LIMITS.headerText) }, { block_id: blockId }),
  divider: shape({ type: typed }, { block_id: blockId }),
  context: shape({ type: typed, elements: list(contextElement, LIMITS.contextElements) }, { block_id: blockId }),
  actions: shape({ type: typed, elements: list(actionElement, LIMITS.actionsElements) }, { block_id: blockId }),
  image: shape(
    { type: typed, image_url: string(LIMITS.imageUrl), alt_text: string(LIMITS.imageAlt) },
    { title: plainText(LIMITS.imageTitle), block_id: blockId },
  ),
  rich_text: shape({ type: typed, elements: list(richTextElement, 1_000) }, { block_id: blockId }),
  input: shape(
    { type: typed, label: plainText(LIMITS.inputLabel), element: inputElement },
    { hint: plainText(LIMITS.inputHint), optional: boolean, dispatch_action: boolean, block_id: blockId },
  ),
};

const messageBlock = byType({
  ...both,
  markdown: shape({ type: typed, text: string(LIMITS.markdownText) }, { block_id: blockId }),
  table: shape(
    { type: typed, rows: list(tableRow, LIMITS.tableRows) },
    { block_id: blockId, column_settings: list(() => undefined, LIMITS.tableCells) },
  ),
});

const modalBlock = byType(both);

const checkTogether = (blocks: readonly unknown[], at: string, found: Found): void => {
  const records = blocks.map((block, index) => [block, `${at}/${index}`] as const);
  checkUnique(records, 'block_id', found);
  for (const [block, place] of records) {
    if (!isRecord(block)) continue;
    checkUnique(
      elementsOf(block).map(([element, inside]) => [element, `${place}${inside}`] as const),
      'action_id',
      found,
    );
  }
  const typeOf = (block: unknown): unknown => (isRecord(block) ? block['type'] : undefined);
  if (blocks.filter((block) => typeOf(block) === 'table').length > 1) complain(found, at, 'only one table allowed');
  const markdown = blocks
    .filter((block) => typeOf(block) === 'markdown')
    .map((block) => (isRecord(block) ? String(block['text']) : ''));
  if (markdown.join('').length > LIMITS.markdownText)
    complain(found, at, `markdown blocks together must be less than ${LIMITS.markdownText + 1} characters`);
};

/** Slack's complaints about the blocks of one message or modal, in its words, each with a JSON pointer; none means accepted. */
export const validateBlocks = (blocks: unknown, surface: 'message' | 'modal', at = '/blocks'): readonly string[] => {
  const found: Found = { problems: [] };
  if (surface === 'message') list(messageBlock, LIMITS.messageBlocks, 0)(blocks, at, found);
  else list(modalBlock, LIMITS.modalBlocks)(blocks, at, found);
  if (Array.isArray(blocks)) checkTogether(blocks, at, found);
  return found.problems;
};
