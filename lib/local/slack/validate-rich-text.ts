import { LIMITS } from '../../../templates/limits.ts';
import { boolean, byType, type Check, integer, list, oneOf, shape, string, typed } from './validate-parts.ts';

const MANY = 1_000;

const style = shape({}, { bold: boolean, italic: boolean, strike: boolean, code: boolean, underline: boolean });

const inline: Check = byType({
  text: shape({ type: typed, text: string(LIMITS.messageText) }, { style }),
  link: shape(
    { type: typed, url: string(LIMITS.buttonUrl) },
    { text: string(LIMITS.messageText), style, unsafe: boolean },
  ),
  emoji: shape({ type: typed, name: string(255) }, { unicode: string(255), skin_tone: integer }),
  user: shape({ type: typed, user_id: string(255) }, { style }),
  usergroup: shape({ type: typed, usergroup_id: string(255) }, { style }),
  channel: shape({ type: typed, channel_id: string(255) }, { style }),
  broadcast: shape({ type: typed, range: oneOf('here', 'channel', 'everyone') }, { style }),
  date: shape({ type: typed, timestamp: integer, format: string(255) }, { fallback: string(255), url: string(3_000) }),
});

const section = shape({ type: typed, elements: list(inline, MANY, 0) });

const pre = shape({ type: typed, elements: list(inline, MANY, 0) }, { border: integer, language: string(255) });

/** Elements of a `rich_text` block. Slack publishes no counts for it; ours only keep one block from being a flood. */
export const richTextElement = byType({
  rich_text_section: section,
  rich_text_preformatted: pre,
  rich_text_quote: shape({ type: typed, elements: list(inline, MANY, 0) }, { border: integer }),
  rich_text_list: shape(
    { type: typed, elements: list(section, MANY), style: oneOf('bullet', 'ordered') },
    { indent: integer, border: integer, offset: integer },
  ),
});

const cell = byType({
  raw_text: shape({ type: typed, text: string(LIMITS.messageText, 0) }),
  rich_text: shape({ type: typed, elements: list(section, MANY) }, { block_id: string(LIMITS.blockId) }),
});

export const tableRow = list(cell, LIMITS.tableCells);
