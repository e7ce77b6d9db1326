import { plainText } from '../domain/plain-text.ts';

/**
 * Somebody else's text inside Markdown: one line that reads the same and makes no heading, table cell, HTML, link or mention.
 * A back-slash before punctuation is CommonMark's own way; addresses and `@` are broken as well, because renderers link them bare.
 */
export const mdText = (text: string, max: number = 500): string =>
  plainText(text, max)
    .replace(/:\/\//g, '[://]')
    .replace(/\bwww\./gi, 'www[.]')
    .replace(/[\\`*_{}[\]()<>#+!|~$^=-]/g, (mark) => (mark === '<' ? '&lt;' : mark === '>' ? '&gt;' : `\\${mark}`))
    .replace(/&(?!(?:lt|gt);)/g, '&amp;')
    .replace(/@/g, '&#64;')
    .replace(/^(\d{1,9})\./, '$1\\.');

/** Rows of cells that are already safe. */
export const mdTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The evidence that a statement rests on: `[timeline 01J…]`. */
export const cite = (
  kind: 'timeline' | 'probe' | 'lease' | 'alert' | 'audit' | 'incident' | 'diagnosis',
  what: string,
): string => `\\[${kind} ${mdText(what, 120)}\\]`;
