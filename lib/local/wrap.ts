import { stripVTControlCharacters } from 'node:util';

/** A line further in than this leaves no room for words. */
const MOST_INDENT = 0.5;

const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/**
 * Breaks a line between words where it is wider than the terminal; what follows stands `hang` characters further in than the line begins.
 * A word that alone is wider stays whole, so that it can be copied. Colours take no room.
 */
export const wrapLine = (line: string, columns: number, hang: number): readonly string[] => {
  if (widthOf(line) <= columns) return [line];
  const [start = ''] = /^ */.exec(line) ?? [];
  const indent = ' '.repeat(Math.min(start.length + hang, Math.floor(columns * MOST_INDENT)));
  const lines: string[] = [];
  let current = '';
  for (const word of line.slice(start.length).split(/(?<= )(?! )/)) {
    const begun = lines.length === 0 ? start : indent;
    if (current !== '' && widthOf(begun + current + word.trimEnd()) > columns) {
      lines.push((begun + current).trimEnd());
      current = '';
    }
    current += word;
  }
  return [...lines, (lines.length === 0 ? start : indent) + current];
};
