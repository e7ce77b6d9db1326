import { Buffer } from 'node:buffer';

/** A shorter "secret" is none, and taking it out would destroy every text. */
export const OWN_FORMS_MIN = 4;

/** A part this long of a longer secret is treated as the secret itself. */
const PART_MIN = 12;

/** One way in which a secret may be written; runs of at least `part` characters of it are taken out too. */
export type SecretForm = { readonly form: string; readonly part: number };

/** Plain, JSON-escaped, in a URL (both cases, and as a form), hexadecimal, base64 and base64url at each of the three offsets. */
export const secretForms = (secret: string): readonly SecretForm[] => {
  const wellFormed = secret.toWellFormed();
  const url = encodeURIComponent(wellFormed);
  const lowerUrl = url.replace(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase());
  const bytes = Buffer.from(wellFormed, 'utf8');
  const base64 = [0, 1, 2].map((offset) => base64At(bytes, offset));
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    url,
    lowerUrl,
    url.replaceAll('%20', '+'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
  return [...new Set(forms)]
    .filter((form) => form.length >= OWN_FORMS_MIN)
    .map((form) => ({ form, part: Math.min(form.length, Math.max(PART_MIN, Math.ceil(form.length / 2))) }));
};

/** The characters of base64 that depend on the secret alone when `offset` bytes stand before it and any number behind it. */
const base64At = (bytes: Buffer, offset: number): string => {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(first, last);
};
