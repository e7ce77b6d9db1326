import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { SignedCall } from '../../../lib/adapters/aws/signed-request.ts';
import { openStore } from '../../../lib/adapters/aws/store.ts';
import { type Item, keyOf, toItem } from '../../../lib/adapters/aws/store-item.ts';
import { openStoreReader } from '../../../lib/adapters/aws/store-reader.ts';
import type { GroupRecord } from '../../../lib/domain/alert.ts';
import { NewerRecord, type Store } from '../../../lib/ports/store.ts';
import { times } from '../../contracts/opened.ts';
import { type Dynalite, openDynalite } from './dynalite.ts';
import { callDynamoAt, dynamoAt, makeTable } from './make-table.ts';

let dynalite: Dynalite;
let call: SignedCall;
let table: string;
let store: Store;
beforeAll(async () => {
  dynalite = await openDynalite();
  const client = dynamoAt(dynalite.url);
  table = await makeTable(client);
  client.destroy();
  call = callDynamoAt(dynalite.url);
  store = openStore({ call, table, clock: { nowMs: Date.now } });
});
afterAll(() => dynalite.close());

const group = (key: string, incidentId: string): GroupRecord => ({
  key,
  incidentId,
  claimedAt: '2026-11-20T10:00:00.000Z',
});

const noise = (bytes: number): string => randomBytes(bytes).toString('base64');

const CONSUMED = z.object({ ConsumedCapacity: z.object({ CapacityUnits: z.number() }) });

/** The write units that it took. */
const put = async (item: Item): Promise<number> => {
  const question = { TableName: table, Item: item, ReturnConsumedCapacity: 'TOTAL' };
  const answer = await call.callJson('dynamodb', 'PutItem', question);
  return z.parse(CONSUMED, answer).ConsumedCapacity.CapacityUnits;
};

/** Where nothing larger was: replacing a larger item costs what that one would. */
const unitsOf = async (item: Item): Promise<number> => {
  await put(keyOf('group', 'cost'));
  return put(item);
};

describe('a list longer than one answer, which has at most 1 MB', () => {
  const keys = times(16, (i) => `long#${String(i).padStart(2, '0')}`);
  beforeAll(async () => {
    await Promise.all(keys.map((key) => store.write('group', key, group(key, noise(100_000)), 0)));
  });

  it('comes whole, of a parent and of a prefix', async () => {
    for (const prefix of ['long#', 'long']) {
      expect((await store.list('group', prefix)).map(({ key }) => key)).toEqual(keys);
    }
  });

  it('ends where the limit is, from both ends', async () => {
    for (const prefix of ['long#', 'long']) {
      for (const limit of [0, 1, 15]) {
        const list = await store.list('group', prefix, { limit });
        expect(list.map(({ key }) => key)).toEqual(keys.slice(0, limit));
      }
      const newest = await store.list('group', prefix, { limit: 15, newestFirst: true });
      expect(newest.map(({ key }) => key)).toEqual(keys.toReversed().slice(0, 15));
    }
  });
});

it('a list without a parent is in order of code points, not of what JavaScript compares', async () => {
  const keys = ['order-\uFF21', 'order-\u{1F600}'];
  for (const key of keys.toReversed()) await store.write('group', key, group(key, ''), 0);
  expect((await store.list('group', 'order-')).map(({ key }) => key)).toEqual(keys);
});

describe('what a write costs', () => {
  it('is never more for packing, and less where it is packed, as the peer counts it', async () => {
    const text = fc.tuple(fc.nat(3000), fc.nat(3000)).map(([some, more]) => noise(some) + 'a'.repeat(more));
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 10_000 }), async (incidentId, version) => {
        const writing = { version, writer: 'w', dueMs: 1_795_000_000_000, nowMs: 0 };
        const record = group('cost', incidentId);
        const item = toItem('group', 'cost', record, writing);
        const { packed, ...frame } = item;
        const chosen = await unitsOf(item);
        const plain = await unitsOf({ ...frame, body: { S: JSON.stringify(record) } });
        expect(plain - chosen).toBeGreaterThanOrEqual(packed === undefined ? 0 : 1);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the reader', () => {
  const read = async (key: string) => openStoreReader({ call, table }).read('group', key);

  it.each([0, 5000])('reads what the store wrote, with %i bytes of noise', async (bytes) => {
    const record = group(`reader-${bytes}`, noise(bytes));
    await store.write('group', record.key, record, 0);
    expect(await read(record.key)).toEqual({ record, version: 1 });
  });

  it('knows nothing of what was never written', async () => {
    expect(await read('never')).toBeNull();
  });

  it('refuses what a newer program wrote', async () => {
    await put({ ...keyOf('group', 'newer'), version: { N: '1' }, shape: { N: '99' }, body: { S: '{}' } });
    await expect(read('newer')).rejects.toThrow(NewerRecord);
  });
});

it('a damaged item is told by every method that meets it', async () => {
  await put({ ...keyOf('lease', 'damaged'), body: { S: 'token=abc' } });
  const message = 'dynamodb: unreadable (the lease damaged is damaged or not ours: no version)';
  await expect(store.read('lease', 'damaged')).rejects.toMatchObject({ message });
  await expect(store.list('lease', '')).rejects.toMatchObject({ message });
});

describe('what AWS does and no peer', () => {
  it.todo('an item goes some time after its expiresAt, at most days later; until then it is read as ever');
  it.todo('the index may lag behind the table');
  it.todo('a partition takes 1000 write units a second; more is throttled');
  it.todo('UTF-8 bytes are counted, where dynalite counts characters');
});
