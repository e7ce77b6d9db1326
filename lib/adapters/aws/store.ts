import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { RECORD_VERSIONS, type RecordKind } from '../../domain/records.ts';
import type { Store } from '../../ports/store.ts';
import type { Clock } from '../../ports/world.ts';
import { classifyAwsFailure } from './failure.ts';
import { fromItem, type Item, keyOf, numberIn, partitionOf, textIn, toItem } from './store-item.ts';
import { TABLE } from './table.ts';

export type StorePlace = { readonly client: DynamoDBClient; readonly table: string; readonly clock: Clock };

/** What one answer of Query or Scan brings, of which there may be several. */
type Page = {
  readonly Items?: readonly Found[] | undefined;
  readonly LastEvaluatedKey?: Record<string, AttributeValue> | undefined;
};
type Found = Readonly<Record<string, AttributeValue>>;
type ListOptions = { readonly limit?: number; readonly newestFirst?: boolean };

/**
 * Records in the table. Throws `AwsError`, also for a record that is too large and for an item that is none of ours. A write whose
 * answer was lost is tried again by the SDK and then fails on what its first try stored: the item's `writer` tells.
 */
export const openStore = (place: StorePlace): Store => ({
  read: async (kind, key) => {
    const item = await getItem(place, kind, key);
    return item === undefined ? null : fromItem(kind, key, item);
  },
  write: async (kind, key, record, ifVersion, dueMs = null) => {
    const writing = { version: ifVersion + 1, writer: randomUUID(), dueMs, nowMs: place.clock.nowMs() };
    const item = toItem(kind, key, record, writing);
    const isStored = await putItem(place, item, conditionOf(kind, ifVersion), async () => {
      const stored = await getItem(place, kind, key);
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

/** Every call goes through here: what fails is classified once. */
const ask = async <T>(operation: string, answer: Promise<T>): Promise<T> => {
  try {
    return await answer;
  } catch (error) {
    throw classifyAwsFailure(`dynamodb.${operation}`, error);
  }
};

const getItem = async ({ client, table }: StorePlace, kind: RecordKind, key: string): Promise<Found | undefined> => {
  const command = new GetItemCommand({ TableName: table, Key: keyOf(kind, key), ConsistentRead: true });
  return (await ask('GetItem', client.send(command))).Item;
};

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
  { client, table }: StorePlace,
  item: Item,
  condition: ReturnType<typeof conditionOf>,
  isOurs: () => Promise<boolean>,
): Promise<boolean> => {
  try {
    await client.send(new PutItemCommand({ TableName: table, Item: item, ...condition }));
    return true;
  } catch (error) {
    const known = classifyAwsFailure('dynamodb.PutItem', error);
    if (known.failure !== 'condition') throw known;
    return known.attempts > 1 && isOurs();
  }
};

/** Asks for page after page until there are enough or no more. */
const readPages = async (
  most: number,
  askPage: (start: Page['LastEvaluatedKey'], missing: number) => Promise<Page>,
): Promise<readonly Found[]> => {
  const items: Found[] = [];
  let start: Page['LastEvaluatedKey'];
  while (items.length < most) {
    const page = await askPage(start, most - items.length);
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
    if (start === undefined) break;
  }
  return items;
};

/** Absent members are not sent. */
const pageFrom = (start: Page['LastEvaluatedKey']) => (start === undefined ? {} : { ExclusiveStartKey: start });

const queryChildren = (
  { client, table }: StorePlace,
  kind: RecordKind,
  prefix: string,
  { limit = Number.POSITIVE_INFINITY, newestFirst = false }: ListOptions,
): Promise<readonly Found[]> =>
  readPages(limit, (start, missing) => {
    const query = new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      ScanIndexForward: !newestFirst,
      KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :prefix)',
      ExpressionAttributeNames: { '#pk': TABLE.partitionKey, '#sk': TABLE.sortKey },
      ExpressionAttributeValues: { ':pk': { S: partitionOf(kind, prefix) }, ':prefix': { S: prefix } },
      ...(Number.isFinite(missing) && { Limit: missing }),
      ...pageFrom(start),
    });
    return ask('Query', client.send(query));
  });

/**
 * Reads the whole table: for the commands of a person alone. A key begins with a prefix that has no `#` exactly when its parent
 * does, which is the rest of the partition key.
 */
const scanKind = async (
  { client, table }: StorePlace,
  kind: RecordKind,
  prefix: string,
  { limit = Number.POSITIVE_INFINITY, newestFirst = false }: ListOptions,
): Promise<readonly Found[]> => {
  const items = await readPages(Number.POSITIVE_INFINITY, (start) => {
    const scan = new ScanCommand({
      TableName: table,
      ConsistentRead: true,
      FilterExpression: 'begins_with(#pk, :prefix)',
      ExpressionAttributeNames: { '#pk': TABLE.partitionKey },
      ExpressionAttributeValues: { ':prefix': { S: `${kind}#${prefix}` } },
      ...pageFrom(start),
    });
    return ask('Scan', client.send(scan));
  });
  const ascending = items.toSorted(byKey);
  return (newestFirst ? ascending.toReversed() : ascending).slice(0, limit);
};

/** By code points, as DynamoDB orders a partition: that is the order of the bytes in UTF-8. */
const byKey = (one: Found, other: Found): number =>
  Buffer.compare(Buffer.from(textIn(one, TABLE.sortKey)), Buffer.from(textIn(other, TABLE.sortKey)));

const queryDue = (
  { client, table }: StorePlace,
  kind: RecordKind,
  beforeMs: number,
  limit: number,
): Promise<readonly Found[]> =>
  readPages(limit, (start, missing) => {
    const query = new QueryCommand({
      TableName: table,
      IndexName: TABLE.due.index,
      KeyConditionExpression: '#kind = :kind AND #due <= :before',
      ExpressionAttributeNames: { '#kind': TABLE.due.partitionKey, '#due': TABLE.due.sortKey },
      ExpressionAttributeValues: { ':kind': { S: kind }, ':before': { N: String(beforeMs) } },
      Limit: missing,
      ...pageFrom(start),
    });
    return ask('Query', client.send(query));
  });
