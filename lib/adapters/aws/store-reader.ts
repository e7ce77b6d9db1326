import type { RecordKind } from '../../domain/records.ts';
import type { Store } from '../../ports/store.ts';
import { fromItem, keyOf } from './store-item.ts';
import type { TablePlace } from './store-query.ts';

/** The item as it is stored now; undefined: there is none. Throws `AwsError`. */
export const readItem = async ({ call, table }: TablePlace, kind: RecordKind, key: string): Promise<unknown> => {
  const question = { TableName: table, Key: keyOf(kind, key), ConsistentRead: true };
  return Reflect.get(Object(await call.callJson('dynamodb', 'GetItem', question)), 'Item');
};

/** The one method that a function which only reads needs. */
export const openStoreReader = (place: TablePlace): Pick<Store, 'read'> => ({
  read: async (kind, key) => {
    const item = await readItem(place, kind, key);
    return item === undefined ? null : fromItem(kind, key, item);
  },
});
