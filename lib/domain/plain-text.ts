/** Longest text we look at: what is behind it would be cut anyway, and the work stays bounded. */
const LOOKED_AT = 20_000;

/** Characters that show nothing and are not of class Cf: Hangul fillers, Braille blank, combining grapheme joiner. */
const BLANKS = /\u034F|[\u115F\u1160\u3164\uFFA0\u2800]/g;

/**
 * Somebody else's text on one line, as it reads: no control, bidi or zero-width characters, no stacks of combining marks,
 * no halves of surrogate pairs, at most `max` UTF-16 units. It may still hold markup: whoever shows it escapes it.
 */
export const plainText = (text: string, max: number): string => {
  const visible = text
    .slice(0, LOOKED_AT)
    .toWellFormed()
    .replace(/\p{Cf}/gu, '')
    .replace(BLANKS, '')
    .replace(/[\p{Cc}\p{Z}]+/gu, ' ')
    .replace(/(\p{M}{2})\p{M}+/gu, '$1')
    .trim();
  return clip(visible, max);
};

/** Cuts with an ellipsis, never through a surrogate pair. */
export const clip = (text: string, max: number): string => {
  if (text.length <= max) return text;
  const kept = text.slice(0, Math.max(0, max - 1));
  const whole = /[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept;
  return `${whole.trimEnd()}…`;
};

const LONGEST_NAME = 60;

/** Somebody else's name in the middle of our sentence: nothing in it can end the sentence or open another. */
export const nameIn = (text: string): string => {
  const name = plainText(text, 2 * LONGEST_NAME)
    .replace(/[^\p{L}\p{M}\p{N} _.:/@+*-]/gu, '')
    .replace(/[.:]+(?=\s|$)/g, '')
    .trim();
  return name === '' ? '(no name)' : clip(name, LONGEST_NAME);
};
