import { type AttributeValue, type DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { RecordKind } from '../../domain/records.ts';
import { classifyAwsFailure } from './failure.ts';
import { partitionOf, textIn } from './store-item.ts';
import { TABLE } from './table.ts';

export type TablePlace = { readonly client: DynamoDBClient; readonly table: string };

/** What one answer of Query or Scan brings, of which there may be several. */
type Page = {
  readonly Items?: readonly Found[] | undefined;
  readonly LastEvaluatedKey?: Record<string, AttributeValue> | undefined;
};
export type Found = Readonly<Record<string, AttributeValue>>;
type ListOptions = { readonly limit?: number; readonly newestFirst?: boolean };

/** What fails is classified here, once. */
export const ask = async <T>(operation: string, answer: Promise<T>): Promise<T> => {
  try {
    return await answer;
  } catch (error) {
    throw classifyAwsFailure(`dynamodb.${operation}`, error);
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

export const queryChildren = (
  { client, table }: TablePlace,
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
export const scanKind = async (
  { client, table }: TablePlace,
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

export const queryDue = (
  { client, table }: TablePlace,
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
