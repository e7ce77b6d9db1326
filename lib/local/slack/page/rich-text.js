import { dateOf, h, link } from './dom.js';
import { emojiFor } from './emoji.js';
import { mention } from './mrkdwn.js';

// rich_text, markdown and table blocks as DOM nodes.

const STYLES = { bold: 'strong', italic: 'em', strike: 's', code: 'code', underline: 'u' };

const styled = (node, style = {}) =>
  Object.entries(STYLES).reduce((inner, [name, tag]) => (style[name] === true ? h(tag, {}, inner) : inner), node);

const INLINE = {
  text: (part) => h('span', {}, part.text),
  link: (part) => link(part.url, [part.text ?? part.url]),
  emoji: (part) => h('span', {}, emojiFor(part.name) ?? `:${part.name}:`),
  user: (part, names) => mention(`@${names.user(part.user_id) ?? part.user_id}`),
  usergroup: (part, names) => mention(`@${names.group(part.usergroup_id) ?? part.usergroup_id}`),
  channel: (part, names) => mention(`#${names.channel(part.channel_id) ?? part.channel_id}`),
  broadcast: (part) => mention(`@${part.range}`),
  date: (part) =>
    h(
      'time',
      { title: dateOf(part.timestamp).toISOString() },
      part.fallback ?? dateOf(part.timestamp).toLocaleString(),
    ),
};

const inline = (parts, names) =>
  (parts ?? []).map((part) =>
    Object.hasOwn(INLINE, part.type) ? styled(INLINE[part.type](part, names), part.style) : h('span', {}, ''),
  );

const SECTIONS = {
  rich_text_section: (part, names) => h('p', { class: 'text' }, inline(part.elements, names)),
  rich_text_preformatted: (part, names) => h('pre', { class: 'code-block' }, inline(part.elements, names)),
  rich_text_quote: (part, names) => h('blockquote', {}, inline(part.elements, names)),
  rich_text_list: (part, names) =>
    h(
      part.style === 'ordered' ? 'ol' : 'ul',
      { class: 'list', 'data-indent': part.indent ?? 0, start: part.offset ? part.offset + 1 : null },
      part.elements.map((item) => h('li', {}, inline(item.elements, names))),
    ),
};

export const renderRichText = (block, names) =>
  (block.elements ?? []).flatMap((part) =>
    Object.hasOwn(SECTIONS, part.type) ? [SECTIONS[part.type](part, names)] : [],
  );

export const renderTable = (block, names) =>
  h(
    'div',
    { class: 'table', tabindex: '0', role: 'region', 'aria-label': 'Table' },
    h(
      'table',
      {},
      h(
        'tbody',
        {},
        block.rows.map((row, index) =>
          h(
            'tr',
            {},
            row.map((cell) =>
              h(index === 0 ? 'th' : 'td', {}, cell.type === 'rich_text' ? renderRichText(cell, names) : cell.text),
            ),
          ),
        ),
      ),
    ),
  );

const MARKS =
  /`([^`\n]+)`|\[([^\]\n]+)\]\(([^()\s]+)\)|\*\*(?=\S)([^\n]*?\S)\*\*|(?<![\w*])\*(?=\S)([^*\n]*\S)\*(?![\w*])|(?<!\w)_(?=\S)([^_\n]*\S)_(?!\w)|~~(?=\S)([^\n]*?\S)~~/g;

const markNode = ([, code, label, address, bold, star, under, strike]) => {
  if (code !== undefined) return h('code', {}, code);
  if (address !== undefined) return link(address, [label]);
  if (bold !== undefined) return h('strong', {}, marks(bold));
  if (strike !== undefined) return h('s', {}, marks(strike));
  return h('em', {}, marks(star ?? under));
};

const marks = (text) => {
  const nodes = [];
  let position = 0;
  for (const match of text.matchAll(MARKS)) {
    nodes.push(text.slice(position, match.index), markNode(match));
    position = match.index + match[0].length;
  }
  return [...nodes, text.slice(position)];
};

/** One run of lines between blank ones. */
const paragraph = (lines) => {
  const heading = /^(#{1,6})\s+(.*)$/.exec(lines[0]);
  if (heading !== null)
    return [
      h('p', { class: 'text heading' }, marks(heading[2])),
      ...(lines.length > 1 ? paragraph(lines.slice(1)) : []),
    ];
  if (lines.every((line) => /^\s*[-*+]\s+/.test(line)))
    return [
      h(
        'ul',
        { class: 'list' },
        lines.map((line) => h('li', {}, marks(line.replace(/^\s*[-*+]\s+/, '')))),
      ),
    ];
  if (lines.every((line) => /^\s*\d+[.)]\s+/.test(line)))
    return [
      h(
        'ol',
        { class: 'list' },
        lines.map((line) => h('li', {}, marks(line.replace(/^\s*\d+[.)]\s+/, '')))),
      ),
    ];
  if (lines.every((line) => line.startsWith('>')))
    return [h('blockquote', {}, marks(lines.map((line) => line.replace(/^> ?/, '')).join('\n')))];
  return [h('p', { class: 'text' }, marks(lines.join('\n')))];
};

/** The common part of Markdown: headings, lists, quotes, code, emphasis, links. */
export const renderMarkdown = (text) =>
  String(text)
    .split(/(^```[^\n]*\n[\s\S]*?\n```$)/m)
    .flatMap((part) => {
      const fence = /^```[^\n]*\n([\s\S]*?)\n```$/.exec(part);
      if (fence !== null) return [h('pre', { class: 'code-block' }, fence[1])];
      const runs = part.split(/\n\s*\n/).map((run) => run.split('\n').filter((line) => line.trim() !== ''));
      return runs.filter((lines) => lines.length > 0).flatMap(paragraph);
    });
