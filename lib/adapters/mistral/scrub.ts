import { Buffer } from 'node:buffer';

/** Shortest run of a key's characters that counts as a part of it. */
const PART = 6;
/** Of its base64, where six are four bytes and a half. */
const PART_OF_BASE64 = 8;
/** Of its hexadecimal digits, which ids are made of, too. */
const PART_OF_HEX = 12;

type Form = { readonly form: string; readonly part: number };

/** The characters of base64 that depend on the key alone when `before` bytes stand before it and any number behind it. */
const base64At = (bytes: Buffer, before: number): string => {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64url');
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
};

/** As a server may write a key that it was asked with. All in lower case: names of headers lose their capitals. */
const formsOf = (key: string): readonly Form[] => {
  const wellFormed = key.toWellFormed();
  const bytes = Buffer.from(wellFormed, 'utf8');
  const base64 = [0, 1, 2].map((before) => base64At(bytes, before));
  const forms = [
    { form: key, part: PART },
    { form: encodeURIComponent(wellFormed), part: PART },
    ...base64.map((form) => ({ form, part: PART_OF_BASE64 })),
    ...base64.map((form) => ({ form: form.replaceAll('-', '+').replaceAll('_', '/'), part: PART_OF_BASE64 })),
    { form: bytes.toString('hex'), part: PART_OF_HEX },
  ];
  const byForm = new Map(forms.map(({ form, part }) => [lowerCase(form), part]));
  return [...byForm].map(([form, part]) => ({ form, part })).filter(({ form, part }) => form.length >= part);
};

/** Length of the longest run at `at` that also stands in the form; 0 where it is shorter than what counts as a part. */
const runLength = (text: string, at: number, { form, part }: Form): number => {
  let length = part;
  if (at + length > text.length || !form.includes(text.slice(at, at + length))) return 0;
  while (at + length < text.length && form.includes(text.slice(at, at + length + 1))) length += 1;
  return length;
};

/** ASCII alone: other letters may become two, and places would shift. */
const lowerCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** The text without the key, without any part of it, however it is written, and without control characters. Long texts are cut first: a body is not ours to read whole. */
export const scrubKey = (text: string, key: string): string => {
  const start = text.slice(0, 2000);
  const lower = lowerCase(start);
  const forms = key.length < PART ? [] : formsOf(key);
  let clean = '';
  let at = 0;
  while (at < start.length) {
    const length = Math.max(0, ...forms.map((form) => runLength(lower, at, form)));
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
