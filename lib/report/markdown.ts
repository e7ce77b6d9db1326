import { plainText } from '../domain/plain-text.ts';

/** What means something anywhere in a line, at the edge of a word, or at the beginning. `]` is escaped, so `(` never follows one. */
const MARKS = /[\\`*[\]<>#|~$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|^[-+=]|^\d{1,9}(?=[.)])/gu;

/**
 * Somebody else's text inside Markdown: one line that reads the same and makes no heading, table cell, HTML, link or mention.
 * A back-slash before punctuation is CommonMark's own way; addresses and `@` are broken as well, because renderers link them bare.
 */
export const mdText = (text: string, max: number = 500): string =>
  plainText(text, max)
    .replace(/:\/\//g, '[:]//')
    .replace(/www\./gi, 'www[.]')
    .replace(/&/g, '&amp;')
    .replace(MARKS, escapeMark)
    .replace(/@/g, '&#64;');

const escapeMark = (mark: string): string => {
  if (mark === '<') return '&lt;';
  if (mark === '>') return '&gt;';
  return /^\d/.test(mark) ? `${mark}\\` : `\\${mark}`;
};

/** Rows of cells that are already safe. */
export const mdTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The evidence that a statement rests on: `[timeline 01J…]`. */
export const cite = (
  kind: 'timeline' | 'probe' | 'lease' | 'alert' | 'audit' | 'incident' | 'diagnosis',
  what: string,
): string => `[${kind} ${mdText(what, 120)}]`;
