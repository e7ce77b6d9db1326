import { clip, plainText } from '../lib/domain/plain-text.ts';

/** Text in Slack's markup that is safe to send. Only this file makes it; a plain string is escaped when it is put in. */
export type Mrkdwn = { readonly mrkdwn: string };

/** Longest piece of somebody else's text inside a sentence of ours. */
const PIECE = 300;
/** Longest stored sentence. */
const SENTENCE = 1_500;

/** Characters that Slack reads as formatting, and what stands for them: looks alike, means nothing. */
const STAND_INS: Readonly<Record<string, string>> = { '*': '∗', '~': '∼', '`': 'ˋ', _: 'ˍ' };

/** Slack makes these out of three characters. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Where a client would begin a link. `file://` is none: our commands name files that way. */
const LINK_START = /(?<!\bfile):\/\//g;

/** Words that call a whole channel. */
const CROWD = /@(?=here|channel|everyone|group)/giu;

/**
 * Somebody else's text for a place without markup: one line, no address that a client makes a link of, no word that calls a
 * whole channel, no `:name:` that becomes a picture.
 */
export const quietText = (text: string, max: number = PIECE): string =>
  clip(
    plainText(text, max)
      .replace(LINK_START, '[:]//')
      .replace(CROWD, '＠')
      .replace(/:(?=(?!\d\d:)[\w+'-]{1,60}:)/g, '∶'),
    max,
  );

/** Somebody else's text inside markup: reads the same, does nothing. A leading `>` would make a quotation. */
export const escapeText = (text: string, max: number = PIECE): Mrkdwn => ({
  mrkdwn: escapeEntities(
    quietText(text, max)
      .replace(/^>/, '›')
      .replace(/[*~`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (mark) => STAND_INS[mark] ?? mark),
  ),
});

/** Our own markup with pieces put in: strings are escaped, `Mrkdwn` goes in as it is. */
export const md = (words: TemplateStringsArray, ...pieces: readonly (string | number | Mrkdwn)[]): Mrkdwn => ({
  mrkdwn: words.map((word, index) => word + pieceText(pieces[index])).join(''),
});

const pieceText = (piece: string | number | Mrkdwn | undefined): string => {
  if (piece === undefined) return '';
  if (typeof piece === 'number') return String(piece);
  return typeof piece === 'string' ? escapeText(piece).mrkdwn : piece.mrkdwn;
};

/** Leaves out what is empty. */
export const joinText = (pieces: readonly Mrkdwn[], between: string): Mrkdwn => ({
  mrkdwn: pieces
    .map((piece) => piece.mrkdwn)
    .filter((piece) => piece !== '')
    .join(between),
});

/** `7 s`, `46 ms`: no line is broken between a number and its unit. */
export const keepUnits = ({ mrkdwn }: Mrkdwn): Mrkdwn => ({
  mrkdwn: mrkdwn.replace(/(?<=\d) (?=(?:ms|s|min|h|d)\b)/g, '\u00A0'),
});

export const EMPTY: Mrkdwn = { mrkdwn: '' };

/** A person by Slack id; anything else (our own name, a name from elsewhere) as plain words. */
export const mention = (user: string): Mrkdwn =>
  /^[UW][A-Z0-9]{1,30}$/.test(user) ? { mrkdwn: `<@${user}>` } : escapeText(user, 80);

/** Exact text to be copied: nothing in it is replaced but what would end it or make a link. */
export const code = (text: string): Mrkdwn => {
  const inner = plainText(text, 500).replaceAll('`', "'").replace(LINK_START, '[:]//').replace(CROWD, '＠');
  return { mrkdwn: `\`${inner === '' ? '–' : escapeEntities(inner)}\`` };
};

const escapeEntities = (text: string): string => text.replace(/[&<>]/g, (mark) => ENTITIES[mark] ?? mark);

/** A link with our own words on it; nothing when the address is no plain http(s) one. */
export const link = (url: string, words: string): Mrkdwn => {
  const address = URL.canParse(url) ? new URL(url) : null;
  const plain =
    address !== null && /^https?:$/.test(address.protocol) && address.username === '' && address.password === '';
  if (!plain || address.href.length > 500) return EMPTY;
  const href = address.href.replace(/[<>|\s]/g, encodeURIComponent).replaceAll('&', '&amp;');
  return { mrkdwn: `<${href}|${escapeText(words, 80).mrkdwn}>` };
};

type SentenceOptions = {
  /** Titles, labels and the like of the same incident. */
  readonly untrusted?: readonly string[];
  readonly mentions?: 'before-colon' | 'leading';
};

/**
 * A sentence of ours that was stored. Our sentences name a person as `<@U…>` and put what others wrote behind a colon, so a
 * mention counts only before the first `: ` (or only as the first word), and never one that stands in `untrusted`. Commands
 * between back-ticks stay as they are, unless somebody else's text has a back-tick too.
 */
export const sentence = (
  stored: string,
  { untrusted = [], mentions = 'before-colon' }: SentenceOptions = {},
): Mrkdwn => {
  const text = stored.slice(0, SENTENCE);
  const colon = text.indexOf(': ');
  const lastMention = mentions === 'leading' ? 0 : colon < 0 ? text.length : colon;
  const mayQuote = !untrusted.some((other) => other.includes('`'));
  let at = 0;
  const parts = text.split(/(`[^`]{1,500}`|<@[UW][A-Z0-9]{1,30}>)/).map((part, index) => {
    const start = at;
    at += part.length;
    if (index % 2 === 0) return spaced(part);
    if (part.startsWith('`')) return mayQuote ? code(part.slice(1, -1)) : spaced(part);
    return start <= lastMention && !untrusted.some((other) => other.includes(part)) ? { mrkdwn: part } : spaced(part);
  });
  return joinText(parts, '');
};

/** Escapes a part of a sentence and keeps the spaces at its ends. */
const spaced = (part: string): Mrkdwn => {
  const before = /^\s/.test(part) ? ' ' : '';
  const after = part.trim() !== '' && /\s$/.test(part) ? ' ' : '';
  return { mrkdwn: `${before}${escapeText(part, SENTENCE).mrkdwn}${after}` };
};

/** Cuts markup with an ellipsis, never inside `&amp;`, `<@U1>` or a surrogate pair. */
export const cutMrkdwn = (text: string, max: number): string => {
  if (text.length <= max) return text;
  const kept = text.slice(0, max - 1);
  const openTag = kept.lastIndexOf('<') > kept.lastIndexOf('>') ? kept.lastIndexOf('<') : kept.length;
  const whole = kept.slice(0, openTag).replace(/&[a-z]{0,4}$|[\uD800-\uDBFF]$/, '');
  return `${whole.trimEnd()}…`;
};
