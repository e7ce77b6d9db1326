import { h, timeOf } from './dom.js';
import { picture, renderElement } from './elements.js';
import { withEmoji } from './emoji.js';
import { renderMrkdwn } from './mrkdwn.js';
import { renderMarkdown, renderRichText, renderTable } from './rich-text.js';

const NOBODY = { user: () => null, channel: () => null, group: () => null };

/** A text object, marked up or plain. */
const textNodesOf = (text, names) => (text.type === 'mrkdwn' ? renderMrkdwn(text.text, names) : [withEmoji(text.text)]);

const section = (block, context) =>
  h(
    'div',
    { class: 'section' },
    h(
      'div',
      { class: 'section-words' },
      block.text === undefined
        ? null
        : h('div', { class: 'text', dir: 'auto' }, textNodesOf(block.text, context.names)),
      block.fields === undefined
        ? null
        : h(
            'div',
            { class: 'fields' },
            block.fields.map((field) => h('div', { class: 'text', dir: 'auto' }, textNodesOf(field, context.names))),
          ),
    ),
    block.accessory === undefined ? null : h('div', { class: 'accessory' }, renderElement(block.accessory, context)),
  );

const contextLine = (block, { names }) =>
  h(
    'div',
    { class: 'context' },
    block.elements.map((element) =>
      element.type === 'image'
        ? picture(element)
        : h('span', { class: 'text', dir: 'auto' }, textNodesOf(element, names)),
    ),
  );

const input = (block, context) => {
  const label = withEmoji(block.label.text);
  const optional = block.optional === true ? h('small', {}, ' (optional)') : null;
  return h(
    'div',
    { class: 'input', 'data-input': block.block_id, 'data-dispatch': block.dispatch_action === true },
    h('div', { class: 'input-label' }, label, optional),
    renderElement(block.element, {
      ...context,
      label,
      isInput: true,
      act: block.dispatch_action === true ? context.act : undefined,
    }),
    block.hint === undefined ? null : h('p', { class: 'muted' }, block.hint.text),
    h('p', { class: 'input-error', role: 'alert' }),
  );
};

const BLOCKS = {
  header: (block) => h('h3', { class: 'header', dir: 'auto' }, withEmoji(block.text.text)),
  section,
  divider: () => h('hr', {}),
  context: contextLine,
  actions: (block, context) =>
    h(
      'div',
      { class: 'actions' },
      block.elements.map((element) => renderElement(element, context)),
    ),
  image: (block) =>
    h('div', { class: 'image' }, block.title === undefined ? null : h('strong', {}, block.title.text), picture(block)),
  rich_text: (block, { names }) => h('div', { class: 'rich' }, renderRichText(block, names)),
  markdown: (block) => h('div', { class: 'rich', dir: 'auto' }, renderMarkdown(block.text)),
  table: (block, { names }) => renderTable(block, names),
  input,
};

/** Blocks as nodes. `act(block, element, value)` makes buttons alive. */
export const renderBlocks = (blocks, options = {}) =>
  (blocks ?? []).map((block) => {
    const act = options.act === undefined ? undefined : (element, value) => options.act(block, element, value);
    const context = { names: options.names ?? NOBODY, people: options.people ?? [], act };
    const node = Object.hasOwn(BLOCKS, block.type)
      ? BLOCKS[block.type](block, context)
      : h('p', { class: 'muted' }, `A block of the type ${block.type}, which is not shown here.`);
    node.classList.add('block');
    if (block.block_id !== undefined) node.setAttribute('data-block-id', block.block_id);
    return node;
  });

const initials = (name) =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((part) => [...part][0] ?? '')
    .join('')
    .toUpperCase();

const head = (message, author, options) =>
  h(
    'div',
    { class: 'head' },
    h('bdi', { class: 'author' }, author.name),
    author.isBot ? h('span', { class: 'badge' }, 'app') : null,
    timeOf(message.ts),
    message.edited === undefined ? null : h('span', { class: 'muted small' }, 'edited'),
    message.pinned_to === undefined ? null : h('span', { class: 'muted small' }, 'pinned'),
    message.onlyFor === undefined ? null : h('span', { class: 'only' }, 'Only visible to you'),
    options.dismiss === undefined || message.onlyFor === undefined
      ? null
      : h(
          'button',
          {
            type: 'button',
            class: 'dismiss',
            'aria-label': 'Dismiss this message',
            onclick: () => options.dismiss(message),
          },
          'Dismiss',
        ),
  );

const below = (message, options) => [
  (message.files ?? []).map((file) =>
    h(
      'a',
      { class: 'file', href: `/console/files/${encodeURIComponent(file.id)}`, download: true },
      file.title,
      h('small', {}, ` ${file.size} bytes`),
    ),
  ),
  (message.reactions ?? []).length === 0
    ? null
    : h(
        'div',
        { class: 'reactions' },
        message.reactions.map((one) =>
          h('span', { class: 'reaction', title: one.name }, withEmoji(`:${one.name}:`), ` ${one.count}`),
        ),
      ),
  message.reply_count > 0 && options.openThread !== undefined
    ? h(
        'button',
        { type: 'button', class: 'replies', 'data-testid': 'open-thread', onclick: () => options.openThread(message) },
        `${message.reply_count} ${message.reply_count === 1 ? 'reply' : 'replies'}`,
        h('span', { class: 'muted' }, ' last ', timeOf(message.latest_reply)),
      )
    : null,
  h('p', { class: 'warning', role: 'alert', 'data-testid': 'message-warning' }),
];

const authorOf = (message, id, people) =>
  people.find((person) => person.id === id) ?? {
    id,
    name: id === 'USLACKBOT' ? 'Slackbot' : (id ?? 'mistral-triage'),
    isBot: id === undefined || message.bot_id !== undefined,
  };

const classOf = (message) => {
  if (message.onlyFor !== undefined) return 'message ephemeral';
  return message.subtype === 'tombstone' ? 'message gone' : 'message';
};

/**
 * One message as an element. Options, all optional: `names` ({ user, channel, group }, each id => name or null), `people` (a list of
 * { id, name, isBot }), `act(message, block, element, value)`, `openThread(message)`, `dismiss(message)`.
 */
export const renderMessage = (message, options = {}) => {
  const people = options.people ?? [];
  const id = message.user ?? message.from;
  const author = authorOf(message, id, people);
  const hasBlocks = (message.blocks ?? []).length > 0;
  const act =
    options.act === undefined ? undefined : (block, element, value) => options.act(message, block, element, value);
  return h(
    'article',
    {
      class: classOf(message),
      'data-ts': message.ts,
      'data-user': id,
      'aria-label': `${author.name}: ${(message.text ?? '').slice(0, 120)}`,
    },
    h(
      'div',
      { class: `avatar${author.isBot ? ' bot' : ''}`, 'data-user': id, 'aria-hidden': 'true' },
      author.isBot ? '' : initials(author.name),
    ),
    h(
      'div',
      { class: 'body' },
      head(message, author, options),
      hasBlocks
        ? renderBlocks(message.blocks, { ...options, people: people.filter((person) => !person.isBot), act })
        : h('div', { class: 'text block', dir: 'auto' }, renderMrkdwn(message.text ?? '', options.names ?? NOBODY)),
      below(message, options),
    ),
  );
};
