import { expect, it } from 'vitest';
import { createHeldKeys, noteValues } from '../../lib/app/held-keys.ts';
import type { SecretReader } from '../../lib/ports/secrets.ts';

/** Versions are named like their keys. */
const openKeys = (secrets: Readonly<Record<string, Record<string, string>>>) => {
  let nowMs = 0;
  const broken = new Set<string>();
  const asked: string[] = [];
  const logged: unknown[] = [];
  const answer = <T>(what: string, id: string, value: T): Promise<T> => {
    asked.push(`${what} ${id}`);
    return broken.has(`${what} ${id}`) || broken.has(id) ? Promise.reject(new Error('denied')) : Promise.resolve(value);
  };
  const reader: SecretReader = {
    labels: (id) => answer('labels', id, secrets[id] === undefined ? null : new Map(Object.entries(secrets[id]))),
    value: (id, { label }) => answer(label, id, secrets[id]?.[label] ?? null),
  };
  const read = createHeldKeys({
    secrets: reader,
    secretIds: Object.keys(secrets),
    clock: { nowMs: () => nowMs },
    log: (event, fields) => void logged.push([event, fields]),
    keepMs: 300_000,
  });
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { read, pass, broken, asked, logged, reader };
};

it('every labelled key is known, one that is held for undo as well, and each version is read once', async () => {
  const labels = { AWSCURRENT: 'b', AWSPREVIOUS: 'a', STANDBY: 'c', 'HELD-LSE-1': 'z', 'HELD-LSE-2': 'a' };
  const { read, asked } = openKeys({ chat: labels });
  const { keys, unread } = await read();
  expect([[...keys].toSorted(), unread]).toEqual([['a', 'b', 'c', 'z'], []]);
  expect(asked).toHaveLength(5);
});

it('a reading serves for its time, also for those who ask while it is under way', async () => {
  const { read, pass, asked } = openKeys({ chat: { AWSCURRENT: 'a' } });
  await Promise.all([read(), read()]);
  pass(300_000);
  await read();
  expect(asked).toHaveLength(2);
  pass(1);
  await read();
  expect(asked).toHaveLength(4);
});

it('a secret that cannot be read leaves the others known, and is named once', async () => {
  const { read, pass, broken, logged } = openKeys({ chat: { AWSCURRENT: 'a' }, other: { AWSCURRENT: 'b' } });
  broken.add('other');
  expect(await read()).toEqual({ keys: ['a'], unread: ['other'] });
  pass(10_001);
  await read();
  expect(logged).toEqual([['redaction.keys-unknown', { secret: 'other', why: 'denied' }]]);
});

it('is asked again after seconds and not after minutes, and not at every turn', async () => {
  const { read, pass, broken, asked } = openKeys({ chat: { AWSCURRENT: 'a' } });
  broken.add('chat');
  await read();
  const once = asked.length;
  pass(10_000);
  await read();
  expect(asked).toHaveLength(once);
  broken.clear();
  pass(1);
  expect(await read()).toEqual({ keys: ['a'], unread: [] });
});

it('keys that were known stay known while their secret cannot be read, and go when it can and they are gone', async () => {
  const labels: Record<string, string> = { AWSCURRENT: 'a', STANDBY: 'b' };
  const { read, pass, broken } = openKeys({ chat: labels });
  await read();
  broken.add('chat');
  pass(300_001);
  expect(await read()).toEqual({ keys: ['a', 'b'], unread: ['chat'] });
  broken.clear();
  delete labels['STANDBY'];
  pass(10_001);
  expect(await read()).toEqual({ keys: ['a'], unread: [] });
});

it('one version that cannot be read leaves the others of its secret known', async () => {
  const { read, broken } = openKeys({ chat: { AWSCURRENT: 'a', STANDBY: 'b' } });
  broken.add('STANDBY chat');
  expect(await read()).toEqual({ keys: ['a'], unread: ['chat'] });
});

it('where labels cannot be listed, those that every secret has are looked at', async () => {
  const { read, broken } = openKeys({ chat: { AWSCURRENT: 'a', AWSPREVIOUS: 'b', STANDBY: 'c', 'HELD-LSE-1': 'z' } });
  broken.add('labels chat');
  expect(await read()).toEqual({ keys: ['a', 'b', 'c'], unread: ['chat'] });
});

it('a secret that is not there has no keys, and is no failure', async () => {
  const { reader } = openKeys({});
  const read = createHeldKeys({
    secrets: reader,
    secretIds: ['nowhere'],
    clock: { nowMs: () => 0 },
    log: () => expect.unreachable(),
    keepMs: 0,
  });
  expect(await read()).toEqual({ keys: [], unread: [] });
});

it('values that are read are noted, the last one of each place, and nothing else is', async () => {
  const labels: Record<string, string> = { AWSCURRENT: 'a\n', STANDBY: 'b' };
  const { reader } = openKeys({ chat: labels, admin: { AWSCURRENT: 'c' } });
  const { secrets, noted } = noteValues({
    labels: reader.labels,
    value: (id, at) => reader.value(id, { label: 'label' in at ? at.label : '' }),
    move: () => expect.unreachable(),
  });
  expect(noted()).toEqual([]);
  expect(await secrets.value('chat', { label: 'AWSCURRENT' })).toBe('a\n');
  await secrets.value('admin', { label: 'AWSCURRENT' }, { fresh: true });
  await secrets.value('chat', { label: 'GONE' });
  expect(noted()).toEqual(['a', 'c']);
  labels['AWSCURRENT'] = 'd';
  await secrets.value('chat', { label: 'AWSCURRENT' });
  expect(noted()).toEqual(['d', 'c']);
});
