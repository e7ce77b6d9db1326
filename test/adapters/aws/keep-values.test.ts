import { beforeEach, expect, it } from 'vitest';
import { keepValues } from '../../../lib/adapters/aws/keep-values.ts';
import type { Secrets } from '../../../lib/ports/secrets.ts';

const CURRENT = { label: 'AWSCURRENT' };

let reads = 0;
let nowMs = 0;
let stored: string | null = 'test-key-1';
let moves: () => Promise<boolean> = () => Promise.resolve(true);
/** What a reading waits for before it answers with what was stored when it began. */
let arrival: Promise<void> = Promise.resolve();

/** Counts what would cost. */
const counted: Secrets = {
  labels: () => Promise.resolve(new Map()),
  value: async (secretId) => {
    reads += 1;
    const value = stored === null ? null : `${secretId} ${stored}`;
    await arrival;
    return value;
  },
  move: () => moves(),
};

let secrets: Secrets;
beforeEach(() => {
  reads = 0;
  nowMs = 0;
  stored = 'test-key-1';
  moves = () => Promise.resolve(true);
  arrival = Promise.resolve();
  secrets = keepValues(counted, { forMs: 1_000, clock: { nowMs: () => nowMs } });
});

it('a value is read once until its time is over', async () => {
  for (nowMs of [0, 1, 999]) expect(await secrets.value('a', CURRENT)).toBe('a test-key-1');
  expect(reads).toBe(1);
  stored = 'test-key-2';
  nowMs = 1_000;
  expect(await secrets.value('a', CURRENT)).toBe('a test-key-2');
});

it('each secret and each label is kept for itself', async () => {
  expect([await secrets.value('a', CURRENT), await secrets.value('b', CURRENT)]).toEqual([
    'a test-key-1',
    'b test-key-1',
  ]);
  await secrets.value('a', { label: 'STANDBY' });
  expect(reads).toBe(3);
});

it('a fresh one is read, and kept from then on', async () => {
  await secrets.value('a', CURRENT);
  stored = 'test-key-2';
  expect(await secrets.value('a', CURRENT, { fresh: true })).toBe('a test-key-2');
  expect(await secrets.value('a', CURRENT)).toBe('a test-key-2');
  expect(reads).toBe(2);
});

it('a key that was not there is looked for again', async () => {
  stored = null;
  expect(await secrets.value('a', CURRENT)).toBeNull();
  stored = 'test-key-1';
  expect(await secrets.value('a', CURRENT)).toBe('a test-key-1');
});

it('what is asked for by its version is never kept', async () => {
  await secrets.value('a', { versionId: 'v' });
  await secrets.value('a', { versionId: 'v' });
  expect(reads).toBe(2);
});

it.each([
  ['was done', () => Promise.resolve(true)],
  ['was lost', () => Promise.resolve(false)],
  ['failed, and may have been done', () => Promise.reject(new Error('no answer'))],
])('a move that %s forgets the secret, and no other', async (_name, move) => {
  await secrets.value('a', CURRENT);
  await secrets.value('b', CURRENT);
  moves = move;
  await secrets.move('a', 'AWSCURRENT', 'one', 'two').catch(() => undefined);
  await secrets.value('a', CURRENT);
  await secrets.value('b', CURRENT);
  expect(reads).toBe(3);
});

it('a value that was being read while its label moved is not kept', async () => {
  const { promise, resolve: arrive } = Promise.withResolvers<void>();
  arrival = promise;
  const before = secrets.value('a', CURRENT);
  stored = 'test-key-2';
  await secrets.move('a', 'AWSCURRENT', 'one', 'two');
  arrive();
  expect(await before).toBe('a test-key-1');
  expect(await secrets.value('a', CURRENT)).toBe('a test-key-2');
});
