import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { COMPLETION, PROMPT } from '../adapters/mistral/table/planting.ts';

/** Something that people or programs read later: a file, a request to Slack, what was printed. */
export type Sink = { readonly name: string; readonly bytes: Buffer };

/** Where keys belong. */
const SECRETS_FILE = /secrets\.sqlite(-wal|-shm)?$/;

export const sinksBelow = (folder: string): readonly Sink[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && !SECRETS_FILE.test(path))
    .map((path) => {
      const bytes = readFileSync(path);
      return { name: relative(folder, path), bytes: path.endsWith('.gz') ? gunzipSync(bytes) : bytes };
    });

const RUN = 8;

const runsOf = (text: string): readonly string[] =>
  Array.from({ length: Math.max(0, text.length - RUN + 1) }, (_, at) => text.slice(at, at + RUN));

/** In base64 a text looks different after each number of bytes; the first and last characters depend on what stands beside it. */
const base64Of = (text: string): readonly string[] =>
  [0, 1, 2].map((before) =>
    Buffer.from(`${'.'.repeat(before)}${text}`)
      .toString('base64')
      .replace(/=+$/, '')
      .slice(before === 0 ? 0 : before + 1, -1),
  );

const formsOf = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  ...base64Of(secret).flatMap((form) => [
    form,
    form.replaceAll('+', '-').replaceAll('/', '_'),
    encodeURIComponent(form),
  ]),
];

/** Every run of eight characters of each secret in each form, and the words that nobody else uses; in lower case. */
export const needlesOf = (secrets: readonly string[]): readonly string[] => {
  const words = [PROMPT, COMPLETION].flatMap((text) => text.split(/\W+/).filter((word) => word.length >= RUN));
  return [...new Set([...secrets.flatMap(formsOf).flatMap(runsOf), ...words].map((needle) => needle.toLowerCase()))];
};

/** What can be read, each once: a journal has most of it many times. */
const readable = (bytes: Buffer): string =>
  [
    ...new Set(
      bytes
        .toString('latin1')
        .toLowerCase()
        .match(/[ -~]{8,}/g),
    ),
  ].join('\n');

/** The one question to all sinks: what of it is where it must not be. Letters count in either case, since names of headers lose theirs. */
export const findLeaks = (sinks: readonly Sink[], needles: readonly string[]): readonly string[] =>
  sinks.flatMap(({ name, bytes }) => {
    const text = readable(bytes);
    return needles.filter((needle) => text.includes(needle)).map((needle) => `${name}: ${needle}`);
  });
