import type { CallFailure } from '../../domain/diagnosis.ts';
import { readWord, scrubKey } from './scrub.ts';

/** Longest wording that is kept for the classifier. */
const WORDING = 300;

type BodyFacts = Pick<CallFailure, 'body' | 'code' | 'type' | 'wording'>;
type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** FastAPI's list of complaints: kinds and messages, never `input`, which echoes the prompt. */
const complaints = (list: readonly unknown[]): string =>
  list
    .slice(0, 5)
    .flatMap((item) => (isMembers(item) ? [item['type'], item['msg']] : []))
    .filter((part) => typeof part === 'string')
    .join(' ');

/** The sentence inside an error body, in each of the envelopes that were seen: Mistral, Kong, FastAPI, OpenAI, and Mistral around FastAPI. */
const sentence = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return complaints(value);
  if (!isMembers(value)) return '';
  return sentence(value['message'] ?? value['detail'] ?? value['error']);
};

const isHtml = (text: string, contentType: string): boolean =>
  contentType.toLowerCase().includes('html') || /^\s*<(?:!doctype|html)/i.test(text);

/** What an error body says, in a few words that cannot carry a key or a prompt far. */
export const readBody = (text: string, contentType: string, key: string): BodyFacts => {
  if (text.trim() === '') return { body: 'empty' };
  if (isHtml(text, contentType)) return { body: 'html' };
  const json = parseJson(text);
  if (!isMembers(json)) {
    return { body: json === undefined ? 'text' : 'json', wording: scrubKey(text, key).slice(0, WORDING) };
  }
  const inner = isMembers(json['error']) ? json['error'] : json;
  const code = readWord(inner['code'], key);
  const type = readWord(inner['type'], key);
  return {
    body: 'json',
    wording: scrubKey(sentence(json), key).slice(0, WORDING),
    ...(code === undefined ? {} : { code }),
    ...(type === undefined ? {} : { type }),
  };
};
