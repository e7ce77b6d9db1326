import type { Store } from '../../ports/store.ts';
import { fromItem, keyOf } from './store-item.ts';

/** One call as it goes over the wire; the answer is what its JSON says. Throws `AwsError`. */
export type DynamoCall = (target: 'DynamoDB_20120810.GetItem', body: object) => Promise<unknown>;

/** The one method that a function without the SDK needs. */
export const openStoreReader = (call: DynamoCall, table: string): Pick<Store, 'read'> => ({
  read: async (kind, key) => {
    const body = { TableName: table, Key: keyOf(kind, key), ConsistentRead: true };
    const answer = await call('DynamoDB_20120810.GetItem', body);
    const item: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'Item') : undefined;
    return item === undefined ? null : fromItem(kind, key, item);
  },
});
