import { dateOf, h, link } from './dom.js';
import { withEmoji } from './emoji.js';

// Slack's mrkdwn, read into DOM nodes. `names` knows people, groups and channels by id.

const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };
const decode = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);
const plainText = (text) => withEmoji(decode(text));

export const mention = (text) => h('span', { class: 'mention' }, text);

const DATE_PARTS = {
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_short: { year: 'numeric', month: 'short', day: 'numeric' },
  date_long: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  time: { hour: '2-digit', minute: '2-digit' },
  time_secs: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
};

const dateNode = (seconds, format, fallback) => {
  const date = dateOf(seconds);
  if (Number.isNaN(date.getTime())) return h('span', {}, fallback);
  const words = format.replace(/\{(\w+?)(?:_pretty)?\}/g, (whole, part) =>
    Object.hasOwn(DATE_PARTS, part) ? new Intl.DateTimeFormat(undefined, DATE_PARTS[part]).format(date) : whole,
  );
  return h(
    'time',
    { datetime: date.toISOString(), title: `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC` },
    words,
  );
};

const commandNode = (body, label, names) => {
  const [word, ...rest] = body.split('^');
  if (word === 'subteam') return mention(`@${names.group(rest[0]) ?? label ?? 'group'}`);
  if (word === 'date') return dateNode(rest[0], rest[1] ?? '', label ?? '');
  return mention(`@${word}`);
};

/** What stands between angle brackets: a person, a channel, a group, a date or a link. */
const bracketNode = (inside, names) => {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? null : plainText(inside.slice(bar + 1));
  if (target.startsWith('@')) return mention(`@${names.user(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith('#')) return mention(`#${names.channel(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith('!')) return commandNode(target.slice(1), label, names);
  const address = decode(target);
  return link(address, [label ?? address.replace(/^mailto:/, '')]);
};

const TOKENS =
  /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])|(?<![\w_])_(?=\S)([^_\n]*[^_\s])_(?![\w_])|(?<![\w~])~(?=\S)([^~\n]*[^~\s])~(?![\w~])/g;

const tokenNode = (match, names) => {
  const [, block, code, bracket, bold, italic, strike] = match;
  if (block !== undefined) return h('pre', { class: 'code-block' }, decode(block.replace(/^\n/, '')));
  if (code !== undefined) return h('code', {}, decode(code));
  if (bracket !== undefined) return bracketNode(bracket, names);
  if (bold !== undefined) return h('strong', {}, inline(bold, names));
  if (italic !== undefined) return h('em', {}, inline(italic, names));
  return h('s', {}, inline(strike, names));
};

const inline = (text, names) => {
  const nodes = [];
  let position = 0;
  for (const match of text.matchAll(TOKENS)) {
    if (match.index > position) nodes.push(plainText(text.slice(position, match.index)));
    nodes.push(tokenNode(match, names));
    position = match.index + match[0].length;
  }
  if (position < text.length) nodes.push(plainText(text.slice(position)));
  return nodes;
};

const QUOTE = /^(?:&gt;|>) ?/;

/** Lines that are quoted stand together. */
const groupLines = (text) => {
  const groups = [];
  for (const line of text.split('\n')) {
    const isQuote = QUOTE.test(line);
    const last = groups.at(-1);
    const words = isQuote ? line.replace(QUOTE, '') : line;
    if (last?.isQuote === isQuote) last.lines.push(words);
    else groups.push({ isQuote, lines: [words] });
  }
  return groups;
};

/** Text with marks as nodes. Code blocks are cut out first, so that a `>` in one is no quote. */
export const renderMrkdwn = (text, names) =>
  String(text)
    .split(/\n?(```[\s\S]+?```)\n?/)
    .filter((part) => part !== '')
    .flatMap((part) => {
      if (part.startsWith('```') && part.length > 6) return inline(part, names);
      return groupLines(part).flatMap((group, index, all) => {
        const nodes = inline(group.lines.join('\n'), names);
        if (group.isQuote) return [h('blockquote', {}, nodes)];
        return index < all.length - 1 && !all[index + 1].isQuote ? [...nodes, '\n'] : nodes;
      });
    });
