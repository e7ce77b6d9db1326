import { expect, it } from 'vitest';
import { alertKey, groupKey } from '../../lib/domain/key.ts';

// The value: printf '[1,"default","generic","id","a"]' | sha256sum
it('keeps a key over releases: stored keys must be found again', () => {
  expect(alertKey('default', 'generic', ['id', 'a'])).toBe(
    'a726aac920b999addf1f9d6f46e8c5b512cf3ba552c14494048fa6b1f37a7e11',
  );
});

it('tells apart what only looks alike when joined', () => {
  const keys = [
    alertKey('i', 's', ['ab', 'c']),
    alertKey('i', 's', ['a', 'bc']),
    alertKey('is', '', ['ab', 'c']),
    alertKey('i', 's', ['a","b', 'c']),
    alertKey('i', 's', ['a', 'b', 'c']),
    groupKey('i', 's', ['ab', 'c']),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});
