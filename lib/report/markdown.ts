import { plainText } from '../domain/plain-text.ts';

/** What means something anywhere in a line, at the edge of a word, or at the beginning. `]` is escaped, so `(` never follows one. */
const MARKS = /[\\`*[\]<>#|~$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|^[-+=]|^\d{1,9}(?=[.)])/gu;

/**
 * What is shown as code: an address, which renderers would link bare, and what already stands between back-quotes, such as a command.
 * It reads as it was written and leads nowhere. Nothing in it may end the code or the cell.
 */
const CODE =
  /(?:[a-z][a-z0-9+.-]{0,20}:\/\/|www\.)[^\s`|<>"'\\@]{0,2000}[^\s`|<>"'\\@.,;:!?()[\]]|(?<!`)`[^\s`|<>\\@](?:[^`|<>\\@]{0,200}[^\s`|<>\\@])?`(?!`)/gi;

/**
 * Somebody else's text inside Markdown: one line that reads the same and makes no heading, table cell, HTML, link or mention.
 * A back-slash before punctuation is CommonMark's own way; `@` is broken as well, because renderers link it bare.
 */
export const mdText = (text: string, max: number = 500): string => {
  const plain = plainText(text, max);
  const codes = [...plain.matchAll(CODE)];
  let done = 0;
  let safe = '';
  for (const { 0: code, index } of codes) {
    safe += escapeMarks(plain.slice(done, index), done === 0) + (code.startsWith('`') ? code : `\`${code}\``);
    done = index + code.length;
  }
  return safe + escapeMarks(plain.slice(done), done === 0);
};

const escapeMarks = (text: string, isStart: boolean): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(MARKS, (mark) => escapeMark(mark, isStart))
    .replace(/@/g, '&#64;');

const escapeMark = (mark: string, isStart: boolean): string => {
  if (mark === '<') return '&lt;';
  if (mark === '>') return '&gt;';
  if (/^\d/.test(mark)) return isStart ? `${mark}\\` : mark;
  return `\\${mark}`;
};

/** Rows of cells that are already safe. */
export const mdTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The evidence that a statement rests on: `[timeline 01J…]`. */
export const cite = (
  kind: 'timeline' | 'probe' | 'lease' | 'alert' | 'audit' | 'incident' | 'diagnosis',
  what: string,
): string => `[${kind} ${mdText(what, 120)}]`;
