import { randomUUID } from 'node:crypto';
import { RECORD_VERSIONS, type RecordKind } from '../../domain/records.ts';
import type { Store } from '../../ports/store.ts';
import type { Clock } from '../../ports/world.ts';
import { AwsError } from './failure.ts';
import { fromItem, type Item, numberIn, textIn, toItem } from './store-item.ts';
import { queryChildren, queryDue, scanKind, type TablePlace } from './store-query.ts';
import { openStoreReader, readItem } from './store-reader.ts';
import { TABLE } from './table.ts';

export type StorePlace = TablePlace & { readonly clock: Clock };

/**
 * Records in the table. Throws `AwsError`, also for a record that is too large and for an item that is none of ours. A write whose
 * answer was lost is tried again by the call and then fails on what its first try stored: the item's `writer` tells.
 */
export const openStore = (place: StorePlace): Store => ({
  ...openStoreReader(place),
  write: async (kind, key, record, ifVersion, dueMs = null) => {
    const writing = { version: ifVersion + 1, writer: randomUUID(), dueMs, nowMs: place.clock.nowMs() };
    const item = toItem(kind, key, record, writing);
    const isStored = await putItem(place, item, conditionOf(kind, ifVersion), async () => {
      const stored = await readItem(place, kind, key);
      return textIn(stored, 'writer') === writing.writer;
    });
    return isStored ? writing.version : null;
  },
  list: async (kind, prefix, options = {}) => {
    const items = prefix.includes('#')
      ? await queryChildren(place, kind, prefix, options)
      : await scanKind(place, kind, prefix, options);
    return items.map((item) => {
      const key = textIn(item, TABLE.sortKey);
      return { key, ...fromItem(kind, key, item) };
    });
  },
  due: async (kind, beforeMs, limit) => {
    const items = await queryDue(place, kind, beforeMs, limit);
    return items.map((item) => ({ key: textIn(item, TABLE.sortKey), dueMs: numberIn(item, TABLE.due.sortKey) }));
  },
});

const conditionOf = (kind: RecordKind, ifVersion: number) =>
  ifVersion === 0
    ? { ConditionExpression: 'attribute_not_exists(#pk)', ExpressionAttributeNames: { '#pk': TABLE.partitionKey } }
    : {
        ConditionExpression: '#version = :version AND #shape <= :shape',
        ExpressionAttributeNames: { '#version': 'version', '#shape': 'shape' },
        ExpressionAttributeValues: {
          ':version': { N: String(ifVersion) },
          ':shape': { N: String(RECORD_VERSIONS[kind]) },
        },
      };

/** False: somebody else wrote first, or, very rarely, this was stored and somebody else wrote on top of it before the answer was known. */
const putItem = async (
  { call, table }: TablePlace,
  item: Item,
  condition: ReturnType<typeof conditionOf>,
  isOurs: () => Promise<boolean>,
): Promise<boolean> => {
  try {
    await call.callJson('dynamodb', 'PutItem', { TableName: table, Item: item, ...condition });
    return true;
  } catch (error) {
    if (!(error instanceof AwsError && error.failure === 'condition')) throw error;
    return error.attempts > 1 && isOurs();
  }
};
