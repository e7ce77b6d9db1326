/** Shortest run of a key's characters that counts as a part of it. */
const PART = 6;

/** Length of the longest run at `at` that also stands in the key. */
const runLength = (text: string, at: number, key: string): number => {
  let length = PART;
  if (!key.includes(text.slice(at, at + length)) || at + length > text.length) return 0;
  while (at + length < text.length && key.includes(text.slice(at, at + length + 1))) length += 1;
  return length;
};

/** The text without the key, without any part of it, and without control characters. Long texts are cut first: a body is not ours to read whole. */
export const scrubKey = (text: string, key: string): string => {
  const start = text.slice(0, 2000);
  let clean = '';
  let at = 0;
  while (at < start.length) {
    const length = key.length < PART ? 0 : runLength(start, at, key);
    clean += length > 0 ? '[key]' : start.charAt(at);
    at += Math.max(1, length);
  }
  const whole = key.length > 0 && key.length < PART ? clean.replaceAll(key, '[key]') : clean;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
  return whole.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
};

/** A word or id as servers give it, or nothing when it is anything else: longer, spaced, or made of the key. */
export const readWord = (value: unknown, key: string): string | undefined => {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^[\w.:-]{1,128}$/.test(text)) return undefined;
  return scrubKey(text, key) === text ? text : undefined;
};
