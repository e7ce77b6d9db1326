import type { CallFailure } from '../../domain/diagnosis.ts';
import { plainCode } from '../error-code.ts';
import { readBody } from './read-body.ts';
import { readWord } from './scrub.ts';

const DEPTH = 8;

/** A member of an unknown thing, or nothing; a getter that throws is nothing, too. */
const member = (thing: unknown, name: string): unknown => {
  if ((typeof thing !== 'object' && typeof thing !== 'function') || thing === null) return undefined;
  try {
    return Reflect.get(thing, name);
  } catch {
    return undefined;
  }
};

/** The thrown thing and its causes, outermost first. Of an AggregateError (two addresses, both refused) the first error speaks for all. */
const causeChain = (thrown: unknown): readonly unknown[] => {
  const chain: unknown[] = [];
  let next = thrown;
  while (next !== undefined && next !== null && chain.length < DEPTH && !chain.includes(next)) {
    chain.push(next);
    const errors = member(next, 'errors');
    next = member(next, 'cause') ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return chain;
};

const textsOf = (chain: readonly unknown[], name: string, key: string): readonly string[] =>
  chain
    .map((link) => member(link, name))
    .flatMap((value) => (typeof value === 'string' ? (readWord(plainCode(value), key) ?? []) : []));

const isTypeError = (link: unknown, message: RegExp): boolean => {
  const text = member(link, 'message');
  return member(link, 'name') === 'TypeError' && typeof text === 'string' && message.test(text);
};

const readThrown = (chain: readonly unknown[], codes: readonly string[]): CallFailure['thrown'] => {
  if (chain.some((link) => isTypeError(link, /^terminated$/))) return 'terminated';
  if (codes.includes('ERR_INVALID_URL') || chain.some((link) => isTypeError(link, /invalid url/i)))
    return 'invalid-url';
  if (chain.some((link) => isTypeError(link, /invalid header value|ByteString/i))) return 'invalid-header';
  if (chain.some((link) => Array.isArray(member(link, 'issues')))) return 'issues';
  return undefined;
};

const headerOf = (answered: unknown, name: string): string => {
  const headers = member(answered, 'headers');
  return headers instanceof Headers ? (headers.get(name) ?? '') : '';
};

/** What the answer said, when the thrown thing carries one. */
const readAnswer = (chain: readonly unknown[], key: string): Partial<CallFailure> => {
  const answered = chain.find((link) => typeof member(link, 'statusCode') === 'number');
  const status = member(answered, 'statusCode');
  if (typeof status !== 'number') return {};
  const body = member(answered, 'body');
  const server = readWord(headerOf(answered, 'server').toLowerCase(), key);
  const contentType = member(answered, 'contentType');
  return {
    status,
    ...readBody(typeof body === 'string' ? body : '', typeof contentType === 'string' ? contentType : '', key),
    ...(server === undefined ? {} : { server }),
  };
};

/**
 * An allow-listed copy of an unknown thrown thing, by structure: no class of the SDK is asked for, because raw errors of fetch, of zod and
 * of other bundles of the same SDK come out as well. Messages are looked at and never copied: some carry the key.
 */
export const readFailure = (caught: unknown, key: string): CallFailure => {
  const chain = causeChain(caught);
  const codes = textsOf(chain, 'code', key);
  const thrown = readThrown(chain, codes);
  return {
    names: textsOf(chain, 'name', key),
    codes,
    ...readAnswer(chain, key),
    ...(thrown === undefined ? {} : { thrown }),
  };
};
