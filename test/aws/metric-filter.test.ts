import { expect, it } from 'vitest';
import { takesLine } from './metric-filter.ts';

const LINE = { status: 429, route: 'GET /health', record: { status: 'error' } };

it.each([
  ['{ $.status = 429 }', true],
  ['{ $.status != 429 }', false],
  ['{ $.status >= 429 && $.status <= 429 }', true],
  ['{ $.status > 429 || $.status < 429 }', false],
  ['{ $.record.status = "error" }', true],
  ['{ $.route = "GET /health" }', true],
  ['{ $.status = "429" }', false],
  ['{ $.missing >= 0 }', false],
  // And binds closer than or.
  ['{ $.status = 429 || $.status = 1 && $.status = 2 }', true],
  ['{ ($.status = 429 || $.status = 1) && $.status = 2 }', false],
])('%s', (pattern, taken) => {
  expect(takesLine(pattern, LINE)).toBe(taken);
});

it.each(['$.status = 429', '{ $.status }', '{ ($.status = 429 }', '{ $.status = 429 ) }', '{ status = 429 }'])(
  'refuses to guess what %s takes',
  (pattern) => {
    expect(() => takesLine(pattern, LINE)).toThrow();
  },
);
