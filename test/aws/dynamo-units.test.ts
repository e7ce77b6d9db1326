import { expect, it } from 'vitest';
import { createDynamoMeter, itemBytes, type Units } from '../bench/cost/dynamo-units.ts';

const put = (bytes: number, more: object = {}, condition: object = {}): [string, object] => {
  const frame = { pk: { S: 'p' }, sk: { S: 's' }, ...more };
  // `body` and the frame's names and values.
  return [
    'PutItem',
    { Item: { ...frame, body: { S: 'x'.repeat(bytes - 'body'.length - itemBytes(frame)) } }, ...condition },
  ];
};
const get = (ConsistentRead = true): [string, object] => [
  'GetItem',
  { Key: { pk: { S: 'p' }, sk: { S: 's' } }, ConsistentRead },
];
const due = (dueMs: number) => ({ dueKind: { S: 'incident' }, dueMs: { N: String(dueMs) } });
const version = (now: number) => ({ version: { N: String(now) } });
const ifVersion = (known: number) => ({
  ConditionExpression: '#version = :version AND #shape <= :shape',
  ExpressionAttributeValues: { ':version': { N: String(known) } },
});
const ifAbsent = { ConditionExpression: 'attribute_not_exists(#pk)' };
const queryDue = (before: number): [string, object] => [
  'Query',
  { IndexName: 'due', ExpressionAttributeValues: { ':kind': { S: 'incident' }, ':before': { N: String(before) } } },
];
const queryChildren = (prefix: string): [string, object] => [
  'Query',
  { ConsistentRead: true, ExpressionAttributeValues: { ':pk': { S: 'p' }, ':prefix': { S: prefix } } },
];

const write = (writeUnits: number): Units => ({ writeUnits, readUnits: 0 });
const read = (readUnits: number): Units => ({ writeUnits: 0, readUnits });

it.each<readonly [string, readonly [string, object][], Units]>([
  ['an item of 1 kB', [put(1_024)], write(1)],
  ['one byte more', [put(1_025)], write(2)],
  ['a small item in place of a larger one', [put(3_000), put(100)], write(3)],
  ['a write that its condition refuses', [put(2_000), put(100, {}, ifAbsent)], write(2)],
  ['a write over another version', [put(100, { ...version(2), ...due(1) }), put(100, due(5), ifVersion(1))], write(1)],
  ['an item that becomes due', [put(100), put(100, due(5))], write(2)],
  ['one that becomes due later', [put(100, due(5)), put(100, due(6))], write(3)],
  ['one that stays due', [put(100, due(5)), put(200, due(5))], write(1)],
  ['one that is due no more', [put(100, due(5)), put(100)], write(2)],
  ['reading what is not there', [get()], read(1)],
  ['reading 4 kB', [put(4_096), get()], read(1)],
  ['reading more', [put(4_097), get()], read(2)],
  ['reading it when it may be old', [put(4_097), get(false)], read(1)],
  ['what was refused is not there to be read', [put(100), put(9_000, {}, ifAbsent), get()], read(1)],
  ['asking for children', [put(9_000), queryChildren('s')], read(3)],
  ['asking for others', [put(9_000), queryChildren('t')], read(1)],
  ['asking the index, which has keys alone', [put(9_000, due(5)), queryDue(5)], read(0.5)],
])('%s costs', (_, calls, units) => {
  const { count } = createDynamoMeter();
  expect(calls.map(([operation, body]) => count(operation, JSON.stringify(body))).at(-1)).toEqual(units);
});

it('counts names and values in bytes, digits in pairs, and bytes as they are', () => {
  expect(itemBytes({ ä: { S: 'ö' } })).toBe(4);
  expect(itemBytes({ n: { N: '12345' } })).toBe(1 + 4);
  expect(itemBytes({ b: { B: 'AAAA' } })).toBe(1 + 3);
});

it('refuses to count what it does not know', () => {
  expect(() => createDynamoMeter().count('UpdateItem', '{}')).toThrow('no price is known of UpdateItem');
});
